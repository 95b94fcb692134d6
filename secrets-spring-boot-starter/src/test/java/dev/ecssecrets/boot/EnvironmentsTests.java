package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.SecretValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Environments that applications meet: ECS's own variables, profiles, Windows, hooks, and
 * the ways of the AWS SDK.
 */
@ExtendWith(OutputCaptureExtension.class)
class EnvironmentsTests {

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance().build();

	@TempDir
	private Path folder;

	@BeforeEach
	void writeSecrets() throws IOException {
		Files.writeString(this.folder.resolve("secrets.json"),
				"{\"parameters\":{\"word\":\"wassyoi\",\"/prod/word\":\"production\"}}");
	}

	@Test
	void variablesOfEcsAreNotRead() {
		Map<String, String> variables = Map.of("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x",
				"ECS_AGENT_URI", "http://169.254.170.2/api/x", "ECS_TASK_DEFINITION", "family:3", "ECS_CONTAINER_NAME",
				"app", "ECS_SECRETS", "anything", "ECS_ENABLE_CONTAINER_METADATA", "true");
		Map<String, String> withVariables = start(variables, fileStore());
		assertThat(withVariables).containsEntry("WORD", "wassyoi").isEqualTo(start(Map.of(), fileStore()));
	}

	@Test
	void listOfProfileReplacesList() throws IOException {
		write("application.yml", """
				ecs-secrets:
				  store: file
				  file.location: %s/secrets.json
				  secrets:
				    - { name: WORD, value-from: word }
				    - { name: OTHER, value-from: absent }
				""".formatted(this.folder));
		write("application-prod.yml", "ecs-secrets.secrets: [ { name: WORD, value-from: /prod/word } ]");
		try (ConfigurableApplicationContext context = run("--spring.profiles.active=prod")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("production");
			assertThat(context.getEnvironment().containsProperty("OTHER")).isFalse();
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			[ { name: WORD, value-from: /prod/word } ] | production
			[]                                         |
			""")
	void misspeltKeyInReplacedListIsPassedOver(String list, String value) throws IOException {
		write("application.yml", """
				ecs-secrets:
				  store: file
				  file.location: %s/secrets.json
				  secrets:
				    - { name: WORD, value-form: word }
				""".formatted(this.folder));
		write("application-prod.yml", "ecs-secrets.secrets: " + list);
		try (ConfigurableApplicationContext context = run("--spring.profiles.active=prod")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo(value);
		}
	}

	@Test
	void misspeltKeyInListOfProfileIsReportedWithItsPlace() throws IOException {
		write("application.yml", "ecs-secrets.secrets: [ { name: REPLACED, value-form: word } ]");
		write("application-prod.yml", "ecs-secrets.secrets: [ { name: WORD, value-form: word } ]");
		assertThatExceptionOfType(SecretResolutionException.class)
			.isThrownBy(() -> run("--spring.profiles.active=prod"))
			.satisfies((ex) -> assertThat(ex.failures()).singleElement().satisfies((failure) -> {
				assertThat(failure.declaration().name()).isEqualTo("WORD");
				assertThat(failure.detail()).startsWith("'ecs-secrets.secrets[0].value-form' at ")
					.contains("application-prod.yml")
					.endsWith("; perhaps 'value-from' was meant");
			}));
	}

	@Test
	void profileMaySwitchSecretsOff() throws IOException {
		write("application.yml", "ecs-secrets.secrets: [ { name: WORD, value-from: word } ]");
		write("application-test.yml", "ecs-secrets.enabled: false");
		try (ConfigurableApplicationContext context = run("--spring.profiles.active=test")) {
			assertThat(context.getEnvironment().containsProperty("WORD")).isFalse();
		}
	}

	@Test
	void placeholderInValueFromExpands() throws IOException {
		write("application.yml", """
				ecs-secrets:
				  store: file
				  file.location: %s/secrets.json
				  secrets:
				    - { name: WORD, value-from: "/${STAGE}/word" }
				""".formatted(this.folder));
		try (ConfigurableApplicationContext context = run("--STAGE=prod")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("production");
		}
	}

	@Test
	void keysOfOtherSourcesAreNotChecked(CapturedOutput output) {
		new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.stor=file")
			.run("--ecs-secrets.enable=false")
			.close();
		assertThat(output).doesNotContain("ecs-secrets.");
	}

	@Test
	void registeredStoreIsUsed() {
		SecretStore store = (locations,
				timeout) -> new Response(locations.stream()
					.collect(Collectors.toMap((location) -> location,
							(location) -> new Found(SecretValue.of("of " + location.id()), "a vault"))));
		SpringApplicationBuilder application = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)));
		try (ConfigurableApplicationContext context = application.run("--ecs-secrets.secrets[0].name=WORD",
				"--ecs-secrets.secrets[0].value-from=word")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("of word");
		}
	}

	@Test
	void registeredCredentialsAreUsed() {
		aws.stubFor(post(anyUrl()).willReturn(okJson("{\"Parameters\":[{\"Name\":\"word\",\"Value\":\"wassyoi\"}]}")));
		SpringApplicationBuilder application = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer((registry) -> registry.register(AwsCredentialsProvider.class,
					InstanceSupplier.of(StaticCredentialsProvider.create(AwsBasicCredentials.create("ASSUMED", "x")))));
		try (ConfigurableApplicationContext context = application.run("--ecs-secrets.aws.region=eu-west-1",
				"--ecs-secrets.aws.endpoint=" + aws.baseUrl(), "--ecs-secrets.secrets[0].name=WORD",
				"--ecs-secrets.secrets[0].value-from=word")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
		}
		aws.verify(postRequestedFor(anyUrl()).withHeader("Authorization", containing("Credential=ASSUMED/")));
	}

	@Test
	void namesOnWindowsCompareWithoutCase() {
		SystemEnvironmentPropertySource variables = new SystemEnvironmentPropertySource("systemEnvironment",
				Map.of("Db_Password", "x"));
		Predicate<String> windows = SecretsLoader.injected(variables, true);
		Predicate<String> others = SecretsLoader.injected(variables, false);
		assertThat(windows).accepts("Db_Password", "DB_PASSWORD").rejects("DB_USER");
		assertThat(others).accepts("Db_Password").rejects("DB_PASSWORD", "DB_USER");
	}

	@ParameterizedTest
	@CsvSource({ "AWS_USE_FIPS_ENDPOINT, ssm-fips.us-east-1.amazonaws.com",
			"AWS_USE_DUALSTACK_ENDPOINT, ssm.us-east-1.api.aws" })
	void fipsAndDualStackFollowTheVariablesOfTheSdk(String variable, String host) throws IOException {
		Path hosts = write("hosts", "127.0.0.1 nobody");
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of(variable, "true", "AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY",
						"secret", "JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts),
				List.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("\nUNREACHABLE\n").contains(host);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			role         | software.amazon.awssdk:sts
			web-identity | software.amazon.awssdk:sts
			sso          | software.amazon.awssdk:sso
			""")
	void credentialsThatNeedAnotherModuleNameIt(String profile, String module) throws IOException {
		Path config = write("aws.config", """
				[profile base]
				aws_access_key_id = key
				aws_secret_access_key = secret
				[profile role]
				role_arn = arn:aws:iam::123456789012:role/app
				source_profile = base
				[profile web-identity]
				role_arn = arn:aws:iam::123456789012:role/app
				web_identity_token_file = %s
				[profile sso]
				sso_session = corp
				sso_account_id = 123456789012
				sso_role_name = app
				[sso-session corp]
				sso_region = eu-west-1
				sso_start_url = https://example.com/start
				""".formatted(write("token", "token")));
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of("AWS_CONFIG_FILE", config.toString()),
				List.of("--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.aws.profile=" + profile,
						"--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("NO VALID CREDENTIALS",
				"the profile or the web identity needs a module that is not on the class path", module);
	}

	@Test
	void webIdentityOfTheEnvironmentNamesItsModule() throws IOException {
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "token").toString(), "AWS_ROLE_ARN",
						"arn:aws:iam::123456789012:role/app"),
				List.of("--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.secrets[0].name=WORD",
						"--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("a module that is not on the class path", "software.amazon.awssdk:sts");
	}

	private List<String> fileStore() {
		return List.of("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + this.folder.resolve("secrets.json"),
				"--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word");
	}

	private Map<String, String> start(Map<String, String> variables, List<String> args) {
		Map<String, String> values = new HashMap<>();
		List<String> warnings = new ArrayList<>();
		ChildProcess.start(this.folder, ChildProcess.CLASS_PATH, variables, args).output().lines().forEach((line) -> {
			if (line.endsWith(">")) {
				values.put(line.substring(0, line.indexOf('=')),
						line.substring(line.indexOf('<') + 1, line.length() - 1));
			}
			if (line.contains(" WARN ")) {
				warnings.add(line.substring(line.indexOf(" WARN ")).replaceAll("\\d+ ---", "---"));
			}
		});
		values.put("warnings", warnings.toString());
		return values;
	}

	private ConfigurableApplicationContext run(String... args) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.config.location=" + this.folder + "/")
			.run(args);
	}

	private Path write(String name, String text) throws IOException {
		return Files.writeString(this.folder.resolve(name), text);
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
