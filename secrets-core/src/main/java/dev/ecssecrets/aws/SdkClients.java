package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * AWS by the SDK's clients, one for each service and region, over one HTTP client and one
 * credentials provider: the endpoints that hand out credentials are rate-limited.
 */
final class SdkClients implements AwsApi {

	private final AwsSettings settings;

	private final Supplier<AwsCredentials> credentials;

	private final SdkHttpClient http = UrlConnectionHttpClient.builder()
		.connectionTimeout(CONNECT_TIMEOUT)
		.socketTimeout(READ_TIMEOUT)
		.build();

	private final Map<String, SsmClient> ssm = new ConcurrentHashMap<>();

	private final Map<String, SecretsManagerClient> secretsManager = new ConcurrentHashMap<>();

	SdkClients(AwsSettings settings, Supplier<AwsCredentials> credentials) {
		this.settings = settings;
		this.credentials = credentials;
	}

	/**
	 * Builds the client of a service. What fails here is the configuration.
	 * @param service the service
	 * @param region its region
	 * @return this
	 */
	SdkClients prepare(AwsService service, String region) {
		SdkClient client = (service == AwsService.PARAMETER_STORE) ? ssm(region) : secretsManager(region);
		client.serviceClientConfiguration()
			.endpointOverride()
			.ifPresent((endpoint) -> this.settings.checkFound(endpoint, service));
		return this;
	}

	@Override
	public List<Parameter> getParameters(String region, List<String> ids, Duration timeout) {
		return ssm(region)
			.getParameters((request) -> request.names(ids)
				.withDecryption(true)
				.overrideConfiguration((override) -> override.apiCallTimeout(timeout)))
			.parameters()
			.stream()
			.map((parameter) -> new Parameter(parameter.name(), parameter.arn(), secret(parameter.value()),
					(parameter.version() != null) ? parameter.version().toString() : null))
			.toList();
	}

	@Override
	public Secret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
		GetSecretValueResponse response = secretsManager(secret.arn().region())
			.getSecretValue((request) -> request.secretId(secret.id())
				.versionStage(secret.versionStage())
				.versionId(secret.versionId())
				.overrideConfiguration((override) -> override.apiCallTimeout(timeout)));
		return new Secret(secret(response.secretString()), response.secretBinary() != null, response.versionId(),
				response.versionStages());
	}

	private static @Nullable SecretValue secret(@Nullable String value) {
		return (value != null) ? SecretValue.of(value) : null;
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
	 * The one retry that only the SDK can make: with the time of the service.
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

}
