// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.sun.net.httpserver.HttpServer;
import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications in processes of their own that have no jar of the AWS SDK, on a
 * LocalStack.
 */
class WithoutSdkIT {

	private static final String CLASS_PATH = ChildProcess
		.classPathWithout("software/amazon/|/org/springframework/cloud/|spring-boot-devtools");

	private static LocalStack aws;

	private final String id = UUID.randomUUID().toString();

	private final Map<String, String> variables = new HashMap<>();

	@TempDir
	private Path folder;

	@BeforeAll
	static void startAws() {
		aws = LocalStack.get();
	}

	@Test
	void startFetchesParametersAndSecrets() {
		aws.putParameter(this.id, "wassyoi");
		String secret = aws.putSecret(this.id, "{\"password\":\"hoi\"}");
		ChildProcess started = start(this.id, secret + ":password::");
		assertThat(started.output()).contains("Secrets: 0 injected, 2 fetched")
			.contains("PARAMETER=<wassyoi>")
			.contains("SECRET=<hoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.aws.DirectClient")
			.doesNotContain("software.amazon.awssdk", "dev.ecssecrets.aws.AwsSdk");
	}

	@Test
	void startWhenSecretsAreMissingOrForeignReportsThemAll() {
		String foreign = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db";
		assertThat(start(this.id, foreign).output()).contains("APPLICATION FAILED TO START")
			.contains("2 failures among 2 declared secrets")
			.contains("NOT FOUND")
			.contains("has no such parameter");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					AWS_PROFILE            | dev  | the environment variable AWS_PROFILE is set, which only the AWS SDK evaluates
					AWS_USE_FIPS_ENDPOINT  | true | the environment variable AWS_USE_FIPS_ENDPOINT is set, which only the AWS SDK evaluates
					AWS_CONFIG_FILE        | pom.xml | pom.xml exists, which only the AWS SDK reads
					""")
	void startWhenSettingNeedsSdkNamesItAndTheDependencies(String variable, String value, String purpose) {
		this.variables.put(variable, value);
		String output = report();
		assertThat(output).contains("2 failures among 2 declared secrets")
			.contains("NO AWS SDK Add the dependencies in the detail, or remove the setting that needs them.")
			.contains(purpose + ". Not on the class path: software.amazon.awssdk:secretsmanager:")
			.containsPattern("software\\.amazon\\.awssdk:ssm:2\\.\\d+\\.\\d+,")
			.containsPattern("software\\.amazon\\.awssdk:url-connection-client:2\\.\\d+\\.\\d+ ");
	}

	@Test
	void startWhenThereIsNoRegionNamesVariable() {
		this.variables.put("AWS_REGION", "");
		assertThat(report()).contains("1 failure among 2 declared secrets")
			.contains("NO REGION")
			.contains("AWS_REGION is not set");
	}

	@Test
	void startWhenContainerHasCredentialsFetches() throws IOException {
		aws.putParameter(this.id, "wassyoi");
		HttpServer container = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		container.createContext("/credentials", (exchange) -> {
			byte[] credentials = ("{\"AccessKeyId\":\"" + aws.accessKeyId() + "\",\"SecretAccessKey\":\""
					+ aws.secretAccessKey() + "\",\"Token\":\"token\",\"Expiration\":\"2100-01-01T00:00:00Z\"}")
				.getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(200, credentials.length);
			exchange.getResponseBody().write(credentials);
			exchange.close();
		});
		container.start();
		this.variables.put("AWS_ACCESS_KEY_ID", "");
		this.variables.put("AWS_CONTAINER_CREDENTIALS_FULL_URI",
				"http://localhost:" + container.getAddress().getPort() + "/credentials");
		ChildProcess started = start(this.id, aws.putSecret(this.id, "hoi"));
		container.stop(0);
		assertThat(started.output()).contains("PARAMETER=<wassyoi>").contains("SECRET=<hoi>");
		assertThat(started.loadedClasses()).doesNotContain("software.amazon.awssdk");
	}

	@Test
	void startWhenWebIdentityIsSetNamesDependencies() {
		this.variables.put("AWS_ACCESS_KEY_ID", "");
		this.variables.put("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token");
		assertThat(report()).contains("NO AWS SDK")
			.contains("AWS_WEB_IDENTITY_TOKEN_FILE is set, which only the AWS SDK evaluates. Not on the class path:")
			.containsPattern("software\\.amazon\\.awssdk:sts:2\\.\\d+\\.\\d+");
	}

	@Test
	void startWhenThereAreNoCredentialsNamesDependency() {
		this.variables.put("AWS_ACCESS_KEY_ID", "");
		assertThat(report()).contains("2 failures among 2 declared secrets")
			.contains("NO VALID CREDENTIALS")
			.containsPattern("software\\.amazon\\.awssdk:auth:2\\.\\d+\\.\\d+");
	}

	@Test
	void startWhenHalfOfTheKeysIsSetSaysSo() {
		this.variables.put("AWS_ACCESS_KEY_ID", "");
		assertThat(report()).contains("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID");
	}

	@Test
	void refreshFetchesNewValue() {
		aws.putParameter(this.id, "before");
		ChildProcess refreshed = ChildProcess.start(this.folder, Refreshing.class, CLASS_PATH, variables(),
				List.of("--ecs-secrets.secrets[0].name=PARAMETER", "--ecs-secrets.secrets[0].value-from=" + this.id,
						"--ecs-secrets.refresh.min-interval=0s", "--id=" + this.id));
		assertThat(refreshed.output()).contains("PARAMETER=<before>", "Changed: [PARAMETER]", "PARAMETER=<after>");
		assertThat(refreshed.loadedClasses()).doesNotContain("software.amazon.awssdk");
	}

	/**
	 * Starts an application that fails.
	 * @return what it wrote, in one line
	 */
	private String report() {
		return start(this.id, aws.putSecret(this.id, "text")).output().replaceAll("\\s+", " ");
	}

	private ChildProcess start(String parameter, String secret) {
		return ChildProcess.start(this.folder, CLASS_PATH, variables(),
				List.of("--ecs-secrets.secrets[0].name=PARAMETER", "--ecs-secrets.secrets[0].value-from=" + parameter,
						"--ecs-secrets.secrets[1].name=SECRET", "--ecs-secrets.secrets[1].value-from=" + secret));
	}

	private Map<String, String> variables() {
		Map<String, String> variables = new HashMap<>(
				Map.of("AWS_ENDPOINT_URL", aws.endpoint().toString(), "AWS_REGION", aws.region(), "AWS_ACCESS_KEY_ID",
						aws.accessKeyId(), "AWS_SECRET_ACCESS_KEY", aws.secretAccessKey()));
		variables.putAll(this.variables);
		return variables;
	}

	/**
	 * Changes the parameter by itself, as the LocalStack of the tests needs the SDK.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Refreshing {

		public static void main(String[] args) throws Exception {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Refreshing.class)
				.web(WebApplicationType.NONE)
				.run(args)) {
				ConfigurableEnvironment environment = context.getEnvironment();
				System.out.println("PARAMETER=<" + environment.getProperty("PARAMETER") + ">");
				putParameter(environment.getRequiredProperty("id"), "after");
				System.out.println("Changed: " + context.getBean(Secrets.class).refresh());
				System.out.println("PARAMETER=<" + environment.getProperty("PARAMETER") + ">");
			}
		}

		private static void putParameter(String name, String value) throws IOException {
			HttpURLConnection connection = (HttpURLConnection) URI.create(System.getenv("AWS_ENDPOINT_URL"))
				.toURL()
				.openConnection();
			connection.setDoOutput(true);
			connection.setRequestProperty("Content-Type", "application/x-amz-json-1.1");
			connection.setRequestProperty("X-Amz-Target", "AmazonSSM.PutParameter");
			connection.setRequestProperty("Authorization",
					"AWS4-HMAC-SHA256 Credential=" + System.getenv("AWS_ACCESS_KEY_ID") + "/20261128/"
							+ System.getenv("AWS_REGION") + "/ssm/aws4_request, SignedHeaders=host, Signature=none");
			connection.getOutputStream()
				.write("{\"Name\":\"%s\",\"Value\":\"%s\",\"Type\":\"SecureString\",\"Overwrite\":true}"
					.formatted(name, value)
					.getBytes(StandardCharsets.UTF_8));
			if (connection.getResponseCode() != 200) {
				throw new IOException("HTTP " + connection.getResponseCode());
			}
		}

	}

}
