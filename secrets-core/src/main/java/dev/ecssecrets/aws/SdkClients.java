package dev.ecssecrets.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Clients of the SDK, one for each service and region. They share an HTTP client and the
 * credentials, because the endpoints for credentials are rate-limited.
 */
final class SdkClients implements AwsApi, AutoCloseable {

	private static final ExecutionAttribute<Exchange> EXCHANGE = new ExecutionAttribute<>("ecs-secrets.exchange");

	// Headers about the original body, which the SDK does not receive.
	private static final List<String> ABOUT_BODY = List.of("Content-Encoding", "x-amz-crc32", "x-amzn-ErrorType");

	// The SDK breaks a connection only after the reader has ended by itself. Otherwise,
	// the
	// JDK would block until the rest of the body has arrived.
	private static final Duration HEAD_START = Duration.ofMillis(250);

	private final AwsSettings settings;

	private final Supplier<AwsCredentials> credentials;

	private final AnswerReader answers;

	private final SdkHttpClient http;

	private final Map<String, SsmClient> ssm = new ConcurrentHashMap<>();

	private final Map<String, SecretsManagerClient> secretsManager = new ConcurrentHashMap<>();

	/**
	 * Creates clients for one fetch.
	 * @param settings the settings
	 * @param credentials returns the credentials
	 * @param answers reads the answers
	 * @param timeout the time that is left for the fetch
	 */
	SdkClients(AwsSettings settings, Supplier<AwsCredentials> credentials, AnswerReader answers, Duration timeout) {
		this.settings = settings;
		this.credentials = credentials;
		this.answers = answers;
		this.http = UrlConnectionHttpClient.builder()
			.connectionTimeout(min(CONNECT_TIMEOUT, timeout))
			.socketTimeout(min(READ_TIMEOUT, timeout))
			.build();
	}

	private static Duration min(Duration limit, Duration timeout) {
		return (limit.compareTo(timeout) < 0) ? limit : timeout;
	}

	/**
	 * Builds the client of a service, unless it exists.
	 * @param service the service
	 * @param region the region of the service
	 * @return this instance
	 * @throws RuntimeException if the configuration is invalid
	 */
	SdkClients prepare(AwsService service, String region) {
		SdkClient client = (service == AwsService.PARAMETER_STORE) ? ssm(region) : secretsManager(region);
		client.serviceClientConfiguration()
			.endpointOverride()
			.ifPresent((endpoint) -> this.settings.endpoints().checkFound(endpoint, service));
		return this;
	}

	@Override
	public FoundParameters getParameters(String region, List<String> ids, Duration timeout) {
		return call(timeout,
				(override) -> ssm(region).getParameters(
						(request) -> request.names(ids).withDecryption(true).overrideConfiguration(override)))
			.parameters();
	}

	@Override
	public FoundSecret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
		return call(timeout,
				(override) -> secretsManager(secret.arn().region())
					.getSecretValue((request) -> request.secretId(secret.id())
						.versionStage(secret.versionStage())
						.versionId(secret.versionId())
						.overrideConfiguration(override)))
			.secret();
	}

	private static AwsAnswer call(Duration timeout, Consumer<AwsRequestOverrideConfiguration> call) {
		Exchange exchange = new Exchange(Deadline.after(timeout));
		try {
			call.accept(AwsRequestOverrideConfiguration.builder()
				.apiCallTimeout(timeout.plus(HEAD_START))
				.putExecutionAttribute(EXCHANGE, exchange)
				.build());
		}
		catch (AwsServiceException ex) {
			// The answer has more details.
			if (exchange.answer == null) {
				throw ex;
			}
		}
		catch (SdkException | UncheckedIOException ex) {
			throw AnswerReader.failure(ex, exchange.deadline);
		}
		return Objects.requireNonNull(exchange.answer);
	}

	@Override
	public @Nullable String accountId() {
		return this.credentials.get().accountId().orElse(null);
	}

	private SsmClient ssm(String region) {
		return this.ssm.computeIfAbsent(region,
				(key) -> configure(SsmClient.builder(), key).httpClient(this.http).build());
	}

	private SecretsManagerClient secretsManager(String region) {
		return this.secretsManager.computeIfAbsent(region,
				(key) -> configure(SecretsManagerClient.builder(), key).httpClient(this.http).build());
	}

	private <B extends AwsClientBuilder<B, ?>> B configure(B builder, String region) {
		builder.region(Region.of(region)).credentialsProvider(this.credentials::get);
		builder.overrideConfiguration((override) -> {
			override.retryStrategy(correctingClock());
			override.addExecutionInterceptor(new AnswerInterceptor(this.answers));
			if (this.settings.profile() != null) {
				override.defaultProfileName(this.settings.profile());
			}
		});
		URI endpoint = this.settings.endpoints().configured();
		if (endpoint != null) {
			builder.endpointOverride(endpoint);
		}
		return builder;
	}

	/**
	 * Returns a strategy for the only retry that the SDK makes: with the time of the
	 * service after a refused time.
	 */
	private static RetryStrategy correctingClock() {
		return StandardRetryStrategy.builder()
			.useClientDefaults(false)
			.maxAttempts(2)
			.retryOnException((ex) -> ex instanceof SdkException sdk && RetryUtils.isClockSkewException(sdk))
			.build();
	}

	@Override
	public void close() {
		this.ssm.values().forEach(SdkAutoCloseable::close);
		this.secretsManager.values().forEach(SdkAutoCloseable::close);
		this.http.close();
	}

	/**
	 * Deadline of a call, and the answer to its last attempt.
	 */
	private static final class Exchange {

		private final Deadline deadline;

		private @Nullable AwsAnswer answer;

		Exchange(Deadline deadline) {
			this.deadline = deadline;
		}

	}

	/**
	 * Interceptor that reads answers in place of the SDK, which has no limits, accepts
	 * values of other types, and logs malformed answers.
	 */
	private record AnswerInterceptor(AnswerReader answers) implements ExecutionInterceptor {

		@Override
		public SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
			SdkHttpResponse response = context.httpResponse();
			Exchange exchange = attributes.getAttribute(EXCHANGE);
			try {
				exchange.answer = this.answers.read(response.statusCode(),
						(name) -> response.firstMatchingHeader(name).orElse(null), context.responseBody().orElse(null),
						exchange.deadline);
			}
			catch (IOException ex) {
				throw AnswerReader.failure(ex, exchange.deadline);
			}
			SdkHttpResponse.Builder read = response.toBuilder();
			ABOUT_BODY.forEach(read::removeHeader);
			return read.build();
		}

		@Override
		public Optional<InputStream> modifyHttpResponseContent(Context.ModifyHttpResponse context,
				ExecutionAttributes attributes) {
			AwsAnswer answer = Objects.requireNonNull(attributes.getAttribute(EXCHANGE).answer);
			return Optional.of(new ByteArrayInputStream(answer.forSdk().getBytes(StandardCharsets.UTF_8)));
		}

	}

}
