package dev.ecssecrets.aws;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's clients, one for each service and region, over one HTTP client and one
 * credentials provider: the endpoints that hand out credentials are rate-limited.
 */
final class AwsClients implements AutoCloseable {

	private final @Nullable URI endpoint;

	private final @Nullable String profile;

	private final AwsCredentialsProvider credentials;

	private final SdkHttpClient http = UrlConnectionHttpClient.create();

	private final Map<String, SsmClient> ssm = new ConcurrentHashMap<>();

	private final Map<String, SecretsManagerClient> secretsManager = new ConcurrentHashMap<>();

	AwsClients(@Nullable URI endpoint, @Nullable String profile, AwsCredentialsProvider credentials) {
		this.endpoint = endpoint;
		this.profile = profile;
		this.credentials = credentials;
	}

	SsmClient ssm(String region) {
		return checked(this.ssm.computeIfAbsent(region,
				(key) -> configure(SsmClient.builder(), key).httpClient(this.http).build()));
	}

	SecretsManagerClient secretsManager(String region) {
		return checked(this.secretsManager.computeIfAbsent(region,
				(key) -> configure(SecretsManagerClient.builder(), key).httpClient(this.http).build()));
	}

	/**
	 * Returns the account of the credentials, which not all of them tell.
	 */
	@Nullable String accountId() {
		return this.credentials.resolveCredentials().accountId().orElse(null);
	}

	private <B extends AwsClientBuilder<B, ?>> B configure(B builder, String region) {
		builder.region(Region.of(region)).credentialsProvider(this.credentials);
		builder.overrideConfiguration((override) -> {
			if (this.profile != null) {
				override.defaultProfileName(this.profile);
			}
		});
		if (this.endpoint != null) {
			check(this.endpoint, "ecs-secrets.aws.endpoint");
			builder.endpointOverride(this.endpoint);
		}
		return builder;
	}

	private static <C extends SdkClient> C checked(C client) {
		client.serviceClientConfiguration()
			.endpointOverride()
			.ifPresent((endpoint) -> check(endpoint, "AWS_ENDPOINT_URL or its kin"));
		return client;
	}

	/**
	 * The SDK finds out about some of it only when it has something to send.
	 */
	private static void check(URI endpoint, String setting) {
		if (!("http".equalsIgnoreCase(endpoint.getScheme()) || "https".equalsIgnoreCase(endpoint.getScheme()))
				|| endpoint.getHost() == null) {
			throw new IllegalArgumentException(
					setting + " needs http:// or https://, and a host of letters, digits, '-' and '.'");
		}
	}

	@Override
	public void close() {
		this.ssm.values().forEach(SdkAutoCloseable::close);
		this.secretsManager.values().forEach(SdkAutoCloseable::close);
		this.http.close();
	}

}
