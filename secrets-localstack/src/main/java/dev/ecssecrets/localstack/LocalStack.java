// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterType;

/**
 * A LocalStack for tests, with Parameter Store and Secrets Manager: the one that the
 * environment variable {@code LOCALSTACK_ENDPOINT} gives, else one in a container, else
 * one in a Python virtual environment.
 * <p>
 * The one in a container lives as long as this JVM. The one in a virtual environment
 * lives as long as the build that this JVM belongs to, whose JVMs all share it.
 *
 * @since 0.1.0
 */
public final class LocalStack {

	private static final String REGION = "eu-west-1";

	// LocalStack takes an access key id of twelve digits as the account.
	private static final String ACCOUNT_ID = "123456789012";

	private static final String SECRET_ACCESS_KEY = "test";

	private static @Nullable LocalStack instance;

	private static @Nullable String failure;

	private final URI endpoint;

	private final @Nullable Path python;

	private final String accountId;

	private final String region;

	// By account and region, for this LocalStack as every account and region sees it.
	private final Map<String, SsmClient> ssmClients;

	private final Map<String, SecretsManagerClient> secretsManagerClients;

	LocalStack(URI endpoint, @Nullable Path python) {
		this.endpoint = endpoint;
		this.python = python;
		this.accountId = ACCOUNT_ID;
		this.region = REGION;
		this.ssmClients = new ConcurrentHashMap<>();
		this.secretsManagerClients = new ConcurrentHashMap<>();
	}

	private LocalStack(LocalStack same, String accountId, String region) {
		this.endpoint = same.endpoint;
		this.python = same.python;
		this.accountId = accountId;
		this.region = region;
		this.ssmClients = same.ssmClients;
		this.secretsManagerClients = same.secretsManagerClients;
	}

	/**
	 * Returns the LocalStack of this JVM, which the first call finds or starts. With the
	 * system property {@code skipLocalStack} it aborts the test that calls it, so that it
	 * counts as skipped; to call it in a static initializer would fail the test instead.
	 * @return the LocalStack, ready for requests
	 * @throws IllegalStateException if there is none, with what was tried and what to do;
	 * also if tests are to be skipped where the environment variable {@code CI} is set
	 */
	public static synchronized LocalStack get() {
		Map<String, String> environment = System.getenv();
		abortIfSkipped(System.getProperty("skipLocalStack"), environment);
		if (failure != null) {
			// Trying again would cost each test class what the first one waited for.
			throw new IllegalStateException(failure);
		}
		if (instance == null) {
			try {
				instance = find(environment, () -> startInContainer(environment), () -> startInPython(environment));
			}
			catch (IllegalStateException ex) {
				failure = ex.getMessage();
				throw ex;
			}
		}
		return instance;
	}

	static void abortIfSkipped(@Nullable String skip, Map<String, String> environment) {
		if (skip == null || skip.equals("false")) {
			return;
		}
		String ci = environment.getOrDefault("CI", "");
		if (!ci.isEmpty() && !ci.equals("false")) {
			throw new IllegalStateException("-DskipLocalStack is refused where the environment variable CI is set");
		}
		Assumptions.abort("Skipped by -DskipLocalStack");
	}

	static LocalStack find(Map<String, String> environment, Supplier<LocalStack> docker, Supplier<LocalStack> python) {
		String given = environment.getOrDefault("LOCALSTACK_ENDPOINT", "");
		if (!given.isEmpty()) {
			if (!isReady(given)) {
				throw new IllegalStateException("LOCALSTACK_ENDPOINT is '" + given
						+ "', but no LocalStack answers there: it has to be like http://127.0.0.1:4566, and run");
			}
			return new LocalStack(URI.create(given), null);
		}
		try {
			return docker.get();
		}
		catch (IllegalStateException dockerFailure) {
			try {
				return python.get();
			}
			catch (IllegalStateException pythonFailure) {
				IllegalStateException all = new IllegalStateException("""
						There is no LocalStack for the tests. Tried:
						- LOCALSTACK_ENDPOINT: not set
						- Docker: %s
						- Python: %s
						Set LOCALSTACK_ENDPOINT, start Docker, install Python 3.11 or newer with its venv module, \
						or skip these tests with -DskipLocalStack""".formatted(dockerFailure.getMessage(),
						pythonFailure.getMessage()), pythonFailure);
				all.addSuppressed(dockerFailure);
				throw all;
			}
		}
	}

	private static LocalStack startInContainer(Map<String, String> environment) {
		try {
			Class.forName("org.testcontainers.localstack.LocalStackContainer", false,
					LocalStack.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException("org.testcontainers:testcontainers-localstack is not on the class path",
					ex);
		}
		return new LocalStack(DockerLocalStack.start(environment), null);
	}

	private static LocalStack startInPython(Map<String, String> environment) {
		PythonLocalStack started = PythonLocalStack.start(environment, PythonLocalStack.owner());
		return new LocalStack(started.endpoint(), started.python());
	}

	static boolean isReady(String endpoint) {
		try {
			URI health = URI.create(endpoint).resolve("/_localstack/health");
			HttpRequest request = HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(5)).build();
			HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
			return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
		}
		catch (IOException | IllegalArgumentException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/**
	 * {@return the endpoint of all services}
	 */
	public URI endpoint() {
		return this.endpoint;
	}

	/**
	 * {@return the Python that runs this LocalStack, if one of this machine does} It has
	 * the AWS command line too, as its module {@code awscli}.
	 */
	public Optional<Path> python() {
		return Optional.ofNullable(this.python);
	}

	/**
	 * {@return the region that is meant where none is named}
	 */
	public String region() {
		return this.region;
	}

	/**
	 * {@return the account that the credentials belong to, as it stands in ARNs}
	 */
	public String accountId() {
		return this.accountId;
	}

	/**
	 * Returns the same LocalStack, as another account sees it.
	 * @param accountId the account, twelve digits
	 * @return the LocalStack with credentials of that account
	 */
	public LocalStack withAccount(String accountId) {
		return new LocalStack(this, accountId, this.region);
	}

	/**
	 * Returns the same LocalStack, in another region.
	 * @param region the region
	 * @return the LocalStack with that region where none is named
	 */
	public LocalStack withRegion(String region) {
		return new LocalStack(this, this.accountId, region);
	}

	/**
	 * {@return the access key id}
	 */
	public String accessKeyId() {
		return this.accountId;
	}

	/**
	 * {@return the secret access key}
	 */
	public String secretAccessKey() {
		return SECRET_ACCESS_KEY;
	}

	/**
	 * {@return the environment variables with which another process reaches this
	 * LocalStack, whatever the configuration of the user is}
	 */
	public Map<String, String> environment() {
		return Map.of("AWS_ENDPOINT_URL", this.endpoint.toString(), "AWS_REGION", this.region, "AWS_ACCESS_KEY_ID",
				this.accountId, "AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY, "AWS_EC2_METADATA_DISABLED", "true",
				"AWS_CONFIG_FILE", "/dev/null", "AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
	}

	/**
	 * Makes or overwrites a parameter of type {@code SecureString}.
	 * @param name the name
	 * @param value the value
	 */
	public void putParameter(String name, String value) {
		ssm().putParameter(
				(request) -> request.name(name).value(value).type(ParameterType.SECURE_STRING).overwrite(true));
	}

	/**
	 * Makes a secret, or gives it a new value.
	 * @param name the name
	 * @param secretString the value
	 * @return the ARN of the secret, with the random characters at its end
	 */
	public String putSecret(String name, String secretString) {
		try {
			return secretsManager().createSecret((request) -> request.name(name).secretString(secretString)).arn();
		}
		catch (ResourceExistsException ex) {
			return secretsManager().putSecretValue((request) -> request.secretId(name).secretString(secretString))
				.arn();
		}
	}

	/**
	 * {@return a client for Parameter Store} All who ask share it: do not close it.
	 */
	public SsmClient ssm() {
		return this.ssmClients.computeIfAbsent(owner(), (key) -> client(SsmClient.builder()));
	}

	/**
	 * {@return a client for Secrets Manager} All who ask share it: do not close it.
	 */
	public SecretsManagerClient secretsManager() {
		return this.secretsManagerClients.computeIfAbsent(owner(), (key) -> client(SecretsManagerClient.builder()));
	}

	private String owner() {
		return this.accountId + "/" + this.region;
	}

	private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> C client(B builder) {
		return builder.endpointOverride(this.endpoint)
			.region(Region.of(this.region))
			.credentialsProvider(
					StaticCredentialsProvider.create(AwsBasicCredentials.create(this.accountId, SECRET_ACCESS_KEY)))
			.httpClientBuilder(UrlConnectionHttpClient.builder())
			.build();
	}

}
