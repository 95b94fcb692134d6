// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.SecretStatus.State;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link SecretsEnvironmentPostProcessor} and what it uses, in applications
 * that start with the file store.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsEnvironmentPostProcessorTests {

	private static final String DB = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@TempDir
	private Path folder;

	@BeforeEach
	void writeSecrets() throws IOException {
		Files.writeString(this.folder.resolve("secrets.json"), """
				{ "parameters": { "hamako-favorite-word": "wassyoi", "/app/token": "canary" },
				  "secrets": { "db": { "username": "me", "password": "canary", "port": 5432, "big": 1000000 } } }
				""");
	}

	@Test
	void secretsAreInEnvironmentAndBindAsEnvironmentVariables() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: HAMADA_SECRETS
				      value-from: hamako-favorite-word
				    - name: TEST_DB_USER_NAME
				      value-from: "%1$s:username::"
				    - name: TEST_DB_PORTS_0
				      value-from: "%1$s:port::"
				test.greeting: hello ${HAMADA_SECRETS}
				""".formatted(DB))) {
			assertThat(context.getEnvironment().getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
			assertThat(context.getEnvironment().getProperty("hamada.secrets")).isEqualTo("wassyoi");
			assertThat(context.getBean(TestProperties.class))
				.isEqualTo(new TestProperties("hello wassyoi", new TestProperties.Db("me", List.of(5432))));
		}
	}

	@Test
	void secretsWhenPastedAsJsonOfTaskDefinitionAreBound() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets: [
				    {
				      "name": "HAMADA_SECRETS",
				      "valueFrom": "hamako-favorite-word"
				    }
				  ]
				""")) {
			assertThat(context.getEnvironment().getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
		}
	}

	@Test
	void secretsOfTaskDefinitionAreDeclaredBesideTheList() throws IOException {
		Files.writeString(this.folder.resolve("task-definition.json"), """
				{
				  "taskDefinition": {
				    "family": "web",
				    "containerDefinitions": [
				      {
				        "name": "app",
				        "secrets": [
				          { "name": "HAMADA_SECRETS", "valueFrom": "hamako-favorite-word" },
				          { "name": "TOKEN", "valueFrom": "/app/token" }
				        ],
				        "logConfiguration": { "secretOptions": [ { "name": "LOG_KEY", "valueFrom": "/logs/key" } ] }
				      },
				      { "name": "log-router" }
				    ]
				  }
				}
				""");
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  task-definition: %s/task-definition.json
				  container-name:
				  secrets:
				    - name: TOKEN
				      value-from: /app/token
				    - name: ABSENT
				      value-from: absent
				      optional: true
				""".formatted(this.folder))) {
			ConfigurableEnvironment environment = context.getEnvironment();
			assertThat(environment.getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
			assertThat(SecretsConfigurationReader.readAgain(environment).declarations())
				.extracting(SecretDeclaration::name)
				.containsExactly("TOKEN", "ABSENT", "HAMADA_SECRETS");
			PropertySource<?> source = environment.getPropertySources().get(SecretsPropertySource.NAME);
			assertThat(masked(PropertySourceOrigin.get(source, "HAMADA_SECRETS").toString())).isEqualTo(
					"file:secrets.json, declared at task-definition.json /taskDefinition/containerDefinitions/0/secrets/0");
		}
	}

	@Test
	void logWarnsOfValuesThatEcsPrintsInOtherForm(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: BIG
				      value-from: "%1$s:big::"
				    - name: PORT
				      value-from: "%1$s:port::"
				""".formatted(DB))) {
			assertThat(context.getEnvironment().getProperty("BIG")).isEqualTo("1e+06");
		}
		assertThat(output).containsOnlyOnce("is a JSON ")
			.containsPattern(
					"WARN .*BIG is a JSON number, which ECS prints in its own format: store it as a JSON string");
	}

	@Test
	void secretIsAboveConfigurationFilesAndBelowCommandLine() throws IOException {
		String yaml = """
				ecs-secrets:
				  secrets:
				    - name: TEST_GREETING
				      value-from: hamako-favorite-word
				test.greeting: from the file
				""";
		try (ConfigurableApplicationContext context = run(yaml)) {
			assertThat(context.getEnvironment().getProperty("test.greeting")).isEqualTo("wassyoi");
			assertThat(context.getEnvironment().getPropertySources()).extracting(PropertySource::getName)
				.containsSubsequence("systemProperties", "systemEnvironment", "ecsSecrets-systemEnvironment");
		}
		try (ConfigurableApplicationContext context = run(yaml, "--test.greeting=from the command line")) {
			assertThat(context.getEnvironment().getProperty("test.greeting")).isEqualTo("from the command line");
		}
	}

	@Test
	void secretWhenInjectedIsUsedAsItIsAndNothingIsFetched(CapturedOutput output) throws IOException {
		this.processEnvironment.put("HAMADA_SECRETS", "injected");
		this.processEnvironment.put("EMPTY", "");
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  file.location: absent.json
				  secrets:
				    - name: HAMADA_SECRETS
				      value-from: hamako-favorite-word
				    - name: EMPTY
				      value-from: hamako-favorite-word
				""")) {
			assertThat(context.getEnvironment().getProperty("HAMADA_SECRETS")).isEqualTo("injected");
			assertThat(context.getEnvironment().getProperty("EMPTY")).isEmpty();
			assertThat(context.getEnvironment().getPropertySources().contains(SecretsPropertySource.NAME)).isFalse();
			assertThat(output).contains("Secrets: 2 injected (HAMADA_SECRETS, EMPTY), 0 fetched (0 calls, ");
		}
	}

	@Test
	void logNamesAtMostTenInjectedSecrets(CapturedOutput output) throws IOException {
		StringBuilder yaml = new StringBuilder("ecs-secrets.secrets:\n");
		for (int i = 1; i <= 12; i++) {
			this.processEnvironment.put("S" + i, "injected");
			yaml.append("- { name: S").append(i).append(", value-from: absent }\n");
		}
		run(yaml.toString()).close();
		assertThat(output).contains(
				"Secrets: 12 injected (S1, S2, S3, S4, S5, S6, S7, S8, S9, S10 and 2 more), 0 fetched (0 calls, ");
	}

	@ParameterizedTest
	@EnumSource
	void secretWhenSourceAboveHasItsNameIsOverridden(SourceAbove source, CapturedOutput output) throws IOException {
		String yaml = """
				ecs-secrets:
				  file.location: absent.json
				  refresh.min-interval: 0
				  secrets:
				    - { name: TEST_GREETING, value-from: absent }
				""";
		try (ConfigurableApplicationContext context = source.run(application(yaml), "TEST_GREETING", "x")) {
			assertThat(context.getEnvironment().getProperty("TEST_GREETING")).isEqualTo("x");
			assertThat(context.getBean(TestProperties.class).greeting()).isEqualTo("x");
			Secrets secrets = context.getBean(Secrets.class);
			assertThat(secrets.current().secrets()).extracting(SecretStatus::state).containsExactly(State.OVERRIDDEN);
			assertThat(secrets.current().changeableNames()).isEmpty();
			assertThat(secrets.refresh()).isEmpty();
			assertThat(secrets.current().value("TEST_GREETING").reveal()).isEqualTo("x");
		}
		finally {
			System.clearProperty("TEST_GREETING");
		}
		assertThat(output).contains("Secrets: 0 injected, 1 overridden, 0 fetched (0 calls, ");
	}

	@Test
	void secretWhenOverriddenAndInjectedCountsAsOverridden(CapturedOutput output) throws IOException {
		this.processEnvironment.put("TOKEN", "injected");
		run("ecs-secrets.secrets: [ { name: TOKEN, value-from: absent } ]", "--TOKEN=x").close();
		assertThat(output).contains("Secrets: 0 injected, 1 overridden, 0 fetched (0 calls, ");
	}

	@Test
	void secretWhenSourceAboveHasAnotherFormOfItsNameIsFetched(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = run(
				"ecs-secrets.secrets: [ { name: TEST_GREETING, value-from: hamako-favorite-word } ]",
				"--test.greeting=x")) {
			assertThat(context.getEnvironment().getProperty("TEST_GREETING")).isEqualTo("wassyoi");
			assertThat(context.getBean(TestProperties.class).greeting()).isEqualTo("x");
		}
		assertThat(output).contains("Secrets: 0 injected, 1 fetched from ");
	}

	@Test
	void secretWhenSpringDecryptsItIsNotOverriddenByThat(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = run(
				"ecs-secrets.secrets: [ { name: TOKEN, value-from: /app/token } ]",
				"--ecs-secrets.refresh.min-interval=0")) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("decrypted", Map.of("TOKEN", "decrypted")));
			Secrets secrets = context.getBean(Secrets.class);
			secrets.refresh();
			assertThat(secrets.current().secrets()).extracting(SecretStatus::state).containsExactly(State.FETCHED);
		}
		assertThat(output).doesNotContain("canary");
	}

	@ParameterizedTest
	@CsvSource({ "SPRING_PROFILES_ACTIVE, spring.profiles.active, dev",
			"SPRING_PROFILES_ACTIVE, 'spring.profiles.active[0]', dev",
			"SPRING_PROFILES_INCLUDE, spring.profiles.include, dev",
			"SPRING_CONFIG_ADDITIONAL_LOCATION, spring.config.additional-location, optional:file:./absent/",
			"ECS_SECRETS_TIMEOUT, ecs-secrets.timeout, 30s" })
	void secretThatIsReadEarlyWhenItsPropertyIsGivenIsOverridden(String name, String property, String value,
			CapturedOutput output) throws IOException {
		run("ecs-secrets.secrets: [ { name: " + name + ", value-from: absent } ]", "--" + property + "=" + value)
			.close();
		assertThat(output).contains("Secrets: 0 injected, 1 overridden, 0 fetched (0 calls, ");
	}

	@Test
	void secretWhenOptionalAndAbsentIsNotInEnvironment() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: ABSENT
				      value-from: absent
				      optional: true
				""")) {
			assertThat(context.getEnvironment().containsProperty("ABSENT")).isFalse();
		}
	}

	@Test
	void secretsWhenDisabledAreNotResolved() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  enabled: false
				  secrets:
				    - name: ABSENT
				      value-from: absent
				""")) {
			assertThat(context.getEnvironment().containsProperty("ABSENT")).isFalse();
		}
	}

	@Test
	void secretsWhenProcessedAheadOfTimeAreNotResolved() throws IOException {
		System.setProperty("spring.aot.processing", "true");
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: ABSENT
				      value-from: absent
				""")) {
			assertThat(context.getEnvironment().containsProperty("ABSENT")).isFalse();
		}
		finally {
			System.clearProperty("spring.aot.processing");
		}
	}

	@Test
	void environmentPrefixAppliesToSecretsAsToEnvironmentVariables() throws IOException {
		SpringApplicationBuilder application = application("""
				ecs-secrets:
				  secrets:
				    - name: MY_TEST_GREETING
				      value-from: hamako-favorite-word
				""");
		application.application().setEnvironmentPrefix("my");
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.getBean(TestProperties.class).greeting()).isEqualTo("wassyoi");
		}
	}

	@Test
	void failuresAreReportedTogetherWithPlaceReasonAndFix(CapturedOutput output) throws IOException {
		SpringApplicationBuilder application = application("""
				ecs-secrets:
				  secrets:
				    - name: GOOD
				      value-from: hamako-favorite-word
				    - name: ABSENT
				      value-from: /app/absent
				    - name: UNPARSABLE
				      value-from: hamako-favorite-word:3
				    - name: KEYLESS
				      value-from: "%s:passwort::"
				""".formatted(DB));
		SecretResolutionException exception = catchThrowableOfType(SecretResolutionException.class, application::run);
		assertThat(exception.failures()).extracting((failure) -> failure.subject(), SecretFailure::reason)
			.containsExactly(tuple("ABSENT", Reason.NOT_FOUND), tuple("UNPARSABLE", Reason.INVALID_REFERENCE),
					tuple("KEYLESS", Reason.NO_SUCH_JSON_KEY));
		assertThat(output).contains("APPLICATION FAILED TO START").doesNotContain("canary");
		assertThat(output)
			.contains("Action:\n\nApply the fix listed under each reason. Or set the environment" + " variable");
	}

	@Test
	void failureWhenPlaceholderIsInTheValueOfAnotherOneDoesNotShowIt(CapturedOutput output) throws IOException {
		SpringApplicationBuilder application = application("""
				path: /app/${canary}
				ecs-secrets.secrets: [ { name: TOKEN, value-from: "${path}" } ]
				""");
		assertThat(catchThrowableOfType(SecretResolutionException.class, application::run))
			.hasMessageContaining("${path}")
			.hasMessageContaining("the value of a placeholder has another placeholder, which has no value");
		assertThat(output).contains("INVALID VALUEFROM").doesNotContain("canary");
	}

	@Test
	void failureWhenFileLocationIsNotSetSaysSo(CapturedOutput output) throws IOException {
		SpringApplicationBuilder application = application("""
				ecs-secrets:
				  file.location:
				  secrets:
				    - name: HAMADA_SECRETS
				      value-from: hamako-favorite-word
				""");
		assertThat(catchThrowableOfType(SecretResolutionException.class, application::run))
			.hasMessageContaining("ecs-secrets.store is file, but ecs-secrets.file.location is not set");
	}

	@Test
	void failureWhenClassPathFileIsAbsentSaysSo() throws IOException {
		SpringApplicationBuilder application = application("""
				ecs-secrets:
				  file.location: classpath:absent.json
				  secrets:
				    - name: HAMADA_SECRETS
				      value-from: hamako-favorite-word
				""");
		assertThat(catchThrowableOfType(SecretResolutionException.class, application::run))
			.hasMessageContaining("classpath:absent.json does not exist");
	}

	@Test
	void logWhenDebugHasLineForEachDeclarationAndNoValue(CapturedOutput output) throws IOException {
		this.processEnvironment.put("INJECTED", "canary");
		try (ConfigurableApplicationContext context = run("""
				logging.level:
				  root: DEBUG
				  dev.ecssecrets: TRACE
				ecs-secrets:
				  secrets:
				    - name: INJECTED
				      value-from: injected
				    - name: TOKEN
				      value-from: /app/token
				    - name: ABSENT
				      value-from: absent
				      optional: true
				""")) {
			assertThat(context.getEnvironment().getProperty("TOKEN")).isEqualTo("canary");
			PropertySource<?> source = context.getEnvironment().getPropertySources().get(SecretsPropertySource.NAME);
			assertThat(source).hasToString("SecretsPropertySource {name='ecsSecrets-systemEnvironment'}");
		}
		assertThat(output).containsPattern(
				"INFO .*Secrets: 1 injected \\(INJECTED\\), 1 fetched from file:.*secrets.json, 1 optional and absent \\(1 call, \\d+ ms\\)")
			.containsPattern("DEBUG .*INJECTED is injected")
			.containsPattern("DEBUG .*TOKEN is fetched from file:.*secrets.json")
			.containsPattern("DEBUG .*ABSENT is optional and absent")
			.doesNotContain("canary");
	}

	@Test
	void originTellsSourceAndDeclaration() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: TOKEN
				      value-from: /app/token
				""")) {
			PropertySource<?> source = context.getEnvironment().getPropertySources().get(SecretsPropertySource.NAME);
			assertThat(masked(PropertySourceOrigin.get(source, "TOKEN").toString()))
				.isEqualTo("file:secrets.json, declared at URL [file:application.yml] - 3:13");
		}
	}

	@Test
	void originTellsDeclarationAsSpringBootDoes() throws IOException {
		try (ConfigurableApplicationContext context = run("""
				ecs-secrets:
				  secrets:
				    - name: TOKEN
				      value-from: /app/token
				    - name: SAME
				      value-from: /app/token
				""")) {
			MutablePropertySources sources = context.getEnvironment().getPropertySources();
			PropertySource<?> file = sources.stream()
				.filter(OriginTrackedMapPropertySource.class::isInstance)
				.findFirst()
				.orElseThrow();
			assertThat(PropertySourceOrigin.get(sources.get(SecretsPropertySource.NAME), "SAME").toString())
				.endsWith(", declared at " + OriginLookup.getOrigin(file, "ecs-secrets.secrets[1].name"));
		}
	}

	private ConfigurableApplicationContext run(String yaml, String... args) throws IOException {
		return application(yaml).run(args);
	}

	private SpringApplicationBuilder application(String yaml) throws IOException {
		Path configuration = Files.writeString(this.folder.resolve("application.yml"), yaml);
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		return new SpringApplicationBuilder(Application.class).environment(environment)
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.store=file", "ecs-secrets.file.location=" + this.folder.resolve("secrets.json"),
					"spring.config.location=file:" + configuration);
	}

	private String masked(String text) {
		return text.replace(this.folder + "/", "");
	}

	/**
	 * Property sources above the process environment.
	 */
	enum SourceAbove {

		COMMAND_LINE, SYSTEM_PROPERTIES, APPLICATION_JSON;

		ConfigurableApplicationContext run(SpringApplicationBuilder application, String name, String value) {
			return switch (this) {
				case COMMAND_LINE -> application.run("--" + name + "=" + value);
				case APPLICATION_JSON ->
					application.run("--spring.application.json={\"" + name + "\":\"" + value + "\"}");
				case SYSTEM_PROPERTIES -> {
					System.setProperty(name, value);
					yield application.run();
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(TestProperties.class)
	static class Application {

	}

	@ConfigurationProperties("test")
	record TestProperties(String greeting, Db db) {

		record Db(String userName, List<Integer> ports) {

		}

	}

}
