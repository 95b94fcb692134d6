// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

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

import dev.ecssecrets.aws.AwsSdk.ClientSettings;
import dev.ecssecrets.aws.AwsSdk.Clients;
import dev.ecssecrets.aws.AwsSdk.Reader;
import org.jspecify.annotations.Nullable;
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
final class SdkClients implements Clients {

	private static final ExecutionAttribute<Exchange> EXCHANGE = new ExecutionAttribute<>("ecs-secrets.exchange");

	// Headers about the original body, which the SDK does not receive.
	private static final List<String> ABOUT_BODY = List.of("Content-Encoding", "x-amz-crc32", "x-amzn-ErrorType");

	// The SDK breaks a connection only after the reader has ended by itself. Otherwise
	// the JDK would block until the rest of the body has arrived.
	private static final Duration HEAD_START = Duration.ofMillis(250);

	private final ClientSettings settings;

	private final SdkHttpClient http;

	private final Map<String, SsmClient> ssm = new ConcurrentHashMap<>();

	private final Map<String, SecretsManagerClient> secretsManager = new ConcurrentHashMap<>();

	SdkClients(ClientSettings settings) {
		this.settings = settings;
		this.http = UrlConnectionHttpClient.builder()
			.connectionTimeout(settings.connectTimeout())
			.socketTimeout(settings.readTimeout())
			.build();
	}

	@Override
	public @Nullable URI open(String service, String region) {
		try {
			SdkClient client = service.equals("ssm") ? ssm(region) : secretsManager(region);
			return client.serviceClientConfiguration().endpointOverride().orElse(null);
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException("the AWS SDK cannot be set up: " + SdkFailures.message(ex), ex);
		}
	}

	@Override
	public void getParameters(String region, List<String> names, Duration timeout, Reader reader) throws IOException {
		call(timeout, reader, (override) -> ssm(region)
			.getParameters((request) -> request.names(names).withDecryption(true).overrideConfiguration(override)));
	}

	@Override
	public void getSecretValue(String region, String id, @Nullable String versionStage, @Nullable String versionId,
			Duration timeout, Reader reader) throws IOException {
		call(timeout, reader,
				(override) -> secretsManager(region).getSecretValue((request) -> request.secretId(id)
					.versionStage(versionStage)
					.versionId(versionId)
					.overrideConfiguration(override)));
	}

	private static void call(Duration timeout, Reader reader, Consumer<AwsRequestOverrideConfiguration> call)
			throws IOException {
		Exchange exchange = new Exchange(reader);
		try {
			call.accept(AwsRequestOverrideConfiguration.builder()
				.apiCallTimeout(timeout.plus(HEAD_START))
				.putExecutionAttribute(EXCHANGE, exchange)
				.build());
		}
		catch (AwsServiceException ex) {
			// The reader has the answer, with more details.
			if (exchange.body == null) {
				throw SdkFailures.ofCall(ex);
			}
		}
		catch (SdkException | UncheckedIOException ex) {
			throw SdkFailures.ofCall(ex);
		}
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
		builder.region(Region.of(region))
			.credentialsProvider(() -> SdkCredentials.toSdk(this.settings.credentials().get()));
		builder.overrideConfiguration((override) -> {
			override.retryStrategy(correctingClock());
			override.addExecutionInterceptor(new AnswerInterceptor());
			if (this.settings.profile() != null) {
				override.defaultProfileName(this.settings.profile());
			}
		});
		URI endpoint = this.settings.endpoint();
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
	 * Reader of a call, and what it has left to the SDK.
	 */
	private static final class Exchange {

		private final Reader reader;

		private @Nullable String body;

		Exchange(Reader reader) {
			this.reader = reader;
		}

	}

	/**
	 * Interceptor that reads answers in place of the SDK, which has no limits, accepts
	 * values of other types, and logs malformed answers.
	 */
	private static final class AnswerInterceptor implements ExecutionInterceptor {

		@Override
		public SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
			SdkHttpResponse response = context.httpResponse();
			Exchange exchange = attributes.getAttribute(EXCHANGE);
			exchange.body = null;
			try {
				exchange.body = exchange.reader.read(response.statusCode(),
						(name) -> response.firstMatchingHeader(name).orElse(null), context.responseBody().orElse(null));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			SdkHttpResponse.Builder read = response.toBuilder();
			ABOUT_BODY.forEach(read::removeHeader);
			return read.build();
		}

		@Override
		public Optional<InputStream> modifyHttpResponseContent(Context.ModifyHttpResponse context,
				ExecutionAttributes attributes) {
			String body = Objects.requireNonNull(attributes.getAttribute(EXCHANGE).body);
			return Optional.of(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
		}

	}

}
