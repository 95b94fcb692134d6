// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What {@code docs/migrating.md} says that changes.
 */
class DifferencesIT {

	private static final Map<String, String> CREDENTIALS = Map.of("aws.accessKeyId", "123456789012",
			"aws.secretAccessKey", "test", "aws.configFile", "/dev/null", "aws.sharedCredentialsFile", "/dev/null");

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@TempDir
	private Path folder;

	private LocalStack localStack;

	private Aws aws;

	@BeforeAll
	static void setCredentials() {
		CREDENTIALS.forEach(System::setProperty);
	}

	@AfterAll
	static void clearCredentials() {
		CREDENTIALS.keySet().forEach(System::clearProperty);
	}

	@BeforeEach
	void putValues() {
		this.localStack = LocalStack.get();
		this.localStack.putParameter("/app/feature-token", "t0ken");
		putDatabase("{\"username\":\"app\",\"password\":\"s3cret\"}");
		this.aws = new Aws(this.localStack);
	}

	@AfterEach
	void closeAws() {
		this.aws.close();
	}

	@Test
	void scriptWhenValuesAreInjectedOrNoTextPrintsWhatShellAndJqMakeOfThem() throws Exception {
		this.localStack.putParameter("/app/feature-token", "t0ken\n\n");
		putDatabase("{\"username\":1000000,\"password\":null}");
		assertThat(script(Map.of("APP_FEATURE_TOKEN", "injected"))).isEqualTo("<t0ken><1000000><null>");
	}

	@Test
	void scriptWhenSomethingIsMissingStartsTheApplicationAllTheSame() throws Exception {
		this.localStack.ssm().deleteParameter((request) -> request.name("/app/feature-token"));
		putDatabase("{\"username\":{\"ssl\":true}}");
		assertThat(script(Map.of())).contains("ParameterNotFound").endsWith("<><{\n  \"ssl\": true\n}><null>");
	}

	@Test
	void valuesWhenNoTextArePrintedAsTheDocumentSays() throws Exception {
		this.localStack.putParameter("/app/feature-token", "t0ken\n\n");
		putDatabase("{\"username\":1000000,\"password\":null}");
		ConfigurableEnvironment before = withSpringCloudAws(springCloudAws());
		ConfigurableEnvironment after = withEcsSecrets(ecsSecrets());
		assertThat(before.getProperty("app.feature-token")).isEqualTo("t0ken\n\n");
		assertThat(after.getProperty("app.feature-token")).isEqualTo("t0ken\n\n");
		assertThat(before.getProperty("db.username", int.class)).isEqualTo(1000000);
		assertThat(after.getProperty("db.username")).isEqualTo("1e+06");
		assertThatExceptionOfType(ConversionException.class)
			.isThrownBy(() -> after.getProperty("db.username", int.class));
		assertThat(before.getProperty("db.password")).isNull();
		assertThat(after.getProperty("db.password")).isEqualTo("<nil>");
		assertThat(MigratingDocument.read()).contains("| `1000000` | `1000000` | `1000000` | `1e+06` |",
				"| `null` | `null` | no value | `<nil>` |");
	}

	@Test
	void valuesWhenObjectsArePrintedAsTheDocumentSays() throws Exception {
		putDatabase("{\"username\":{\"ssl\":true},\"password\":\"s3cret\"}");
		ConfigurableEnvironment before = withSpringCloudAws(springCloudAws());
		assertThatExceptionOfType(ConverterNotFoundException.class).isThrownBy(() -> before.getProperty("db.username"));
		assertThat(before.containsProperty("db.username.ssl")).isFalse();
		assertThat(withEcsSecrets(ecsSecrets()).getProperty("db.username")).isEqualTo("map[ssl:true]");
		assertThat(MigratingDocument.read())
			.contains("| `{\"ssl\":true}` | JSON on three lines | not readable as text | `map[ssl:true]` |");
	}

	@Test
	void secretWhenNotJsonIsPropertyOfItsLastNameBefore() throws Exception {
		this.localStack.putSecret("team/api-key", "plain text");
		assertThat(withSpringCloudAws(springCloudAws().replace("db?prefix=db.", "team/api-key")).getProperty("api-key"))
			.isEqualTo("plain text");
		assertThat(withEcsSecrets(declaration("API_KEY", SECRET + "team/api-key")).getProperty("api-key"))
			.isEqualTo("plain text");
	}

	@Test
	void fileOfProfileOverridesWhatIsImportedButNotWhatIsDeclared() throws Exception {
		Files.writeString(this.folder.resolve("application-prod.yml"), "app.feature-token: from the file");
		assertThat(
				withSpringCloudAws(springCloudAws(), "--spring.profiles.active=prod").getProperty("app.feature-token"))
			.isEqualTo("from the file");
		assertThat(withEcsSecrets(ecsSecrets(), "--spring.profiles.active=prod").getProperty("app.feature-token"))
			.isEqualTo("t0ken");
	}

	@Test
	void pathWithoutParametersIsNoFailureBefore() throws Exception {
		assertThat(withSpringCloudAws(springCloudAws().replace("/app/", "/absent/")).getProperty("app.feature-token"))
			.isNull();
		assertThat(failures(ecsSecrets().replace("/app/", "/absent/"))).extracting(SecretFailure::reason)
			.containsExactly(Reason.NOT_FOUND);
	}

	@Test
	void secretsWhenManyAreMissingAreReportedAtOnceAfterButNotBefore() throws Exception {
		String before = springCloudAws() + "      - aws-secretsmanager:absent\n";
		assertThatException().isThrownBy(() -> withSpringCloudAws(before.replace(":db", ":absent/db")));
		assertThat(this.aws.actions()).containsExactly("secretsmanager:GetSecretValue");
		assertThat(failures(ecsSecrets().replace("secret:db", "secret:absent"))).extracting(SecretFailure::reason)
			.containsExactly(Reason.NOT_FOUND, Reason.NOT_FOUND);
	}

	@Test
	void optionalWhenAccessIsDeniedForgivesBeforeButNotAfter() throws Exception {
		this.aws.deny("secretsmanager.GetSecretValue");
		assertThat(withSpringCloudAws(springCloudAws().replace("aws-secretsmanager", "optional:aws-secretsmanager"))
			.getProperty("db.password")).isNull();
		assertThat(failures(ecsSecrets().replace("::\"\n", "::\"\n      optional: true\n")))
			.extracting(SecretFailure::reason)
			.containsExactly(Reason.ACCESS_DENIED, Reason.ACCESS_DENIED);
	}

	@Test
	void awsWhenValuesAreInjectedIsCalledBeforeButNotAfter() throws Exception {
		this.processEnvironment
			.putAll(Map.of("APP_FEATURE_TOKEN", "injected", "DB_USERNAME", "injected", "DB_PASSWORD", "injected"));
		assertThat(withEcsSecrets(ecsSecrets()).getProperty("db.password")).isEqualTo("injected");
		assertThat(this.aws.actions()).isEmpty();
		assertThat(withSpringCloudAws(springCloudAws()).getProperty("db.password")).isEqualTo("injected");
		assertThat(this.aws.actions()).containsExactly("secretsmanager:GetSecretValue", "ssm:GetParametersByPath");
	}

	@Test
	void enabledWhenFalseCallsNothing() throws Exception {
		assertThat(withSpringCloudAws(springCloudAws(), "--spring.cloud.aws.parameterstore.enabled=false",
				"--spring.cloud.aws.secretsmanager.enabled=false")
			.getProperty("db.password")).isNull();
		assertThat(withEcsSecrets(ecsSecrets(), "--ecs-secrets.enabled=false").getProperty("db.password")).isNull();
		assertThat(this.aws.actions()).isEmpty();
	}

	@Test
	void clientsAreBeansBefore() throws Exception {
		try (ConfigurableApplicationContext context = run(MigratingApplication.class, springCloudAws(),
				"--spring.cloud.aws.endpoint=" + this.aws.endpoint())) {
			assertThat(context.getBeanNamesForType(SsmClient.class)).isNotEmpty();
			assertThat(context.getBeanNamesForType(SecretsManagerClient.class)).isNotEmpty();
		}
	}

	private void putDatabase(String json) {
		this.localStack.putSecret("db", json);
	}

	private static String springCloudAws() throws IOException {
		return Files.readString(Path.of("spring-cloud-aws.yml"));
	}

	private static String ecsSecrets() throws IOException {
		return Files.readString(Path.of("src/main/resources/application.yml"));
	}

	private static String declaration(String name, String valueFrom) {
		return """
				ecs-secrets:
				  aws.region: eu-west-1
				  secrets:
				    - name: %s
				      value-from: %s
				""".formatted(name, valueFrom);
	}

	private List<SecretFailure> failures(String configuration) {
		return catchThrowableOfType(SecretResolutionException.class, () -> withEcsSecrets(configuration)).failures();
	}

	private ConfigurableEnvironment withSpringCloudAws(String configuration, String... args) throws IOException {
		return environment(configuration, "--spring.cloud.aws.endpoint=" + this.aws.endpoint(), args);
	}

	private ConfigurableEnvironment withEcsSecrets(String configuration, String... args) throws IOException {
		return environment(configuration, "--ecs-secrets.aws.endpoint=" + this.aws.endpoint(), args);
	}

	private ConfigurableEnvironment environment(String configuration, String endpoint, String... args)
			throws IOException {
		try (ConfigurableApplicationContext context = run(Nothing.class, configuration, endpoint, args)) {
			return context.getEnvironment();
		}
	}

	private ConfigurableApplicationContext run(Class<?> source, String configuration, String endpoint, String... args)
			throws IOException {
		Files.writeString(this.folder.resolve("application.yml"), configuration);
		List<String> all = new ArrayList<>(List.of("--spring.config.location=" + this.folder + "/", endpoint));
		all.addAll(List.of(args));
		return new SpringApplicationBuilder(source).web(WebApplicationType.NONE).environment(new StandardEnvironment() {

			@Override
			public Map<String, Object> getSystemEnvironment() {
				return DifferencesIT.this.processEnvironment;
			}

		}).run(all.toArray(String[]::new));
	}

	/**
	 * Runs the script with a command that prints the variables.
	 */
	private String script(Map<String, String> injected) throws Exception {
		Map<String, String> variables = new HashMap<>(injected);
		variables.putAll(EntrypointScript.variables(this.localStack, this.aws, this.folder));
		ChildProcess child = ChildProcess.run(List.of("sh", "entrypoint.sh", "sh", "-c",
				"printf '<%s>' \"$APP_FEATURE_TOKEN\" \"$DB_USERNAME\" \"$DB_PASSWORD\""), variables);
		assertThat(child.exitCode()).isZero();
		return child.output();
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

}
