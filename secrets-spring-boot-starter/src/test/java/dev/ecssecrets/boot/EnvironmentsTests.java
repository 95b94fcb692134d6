// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretSource;
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
 * Environments that applications meet: profiles, Windows, and what is registered for
 * them. Those of a process are in {@link EnvironmentsIT}.
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
	void listWhenProfileHasOneIsReplaced() throws IOException {
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
	void keyWhenMisspeltInListOfProfileIsReportedWithItsPlace() throws IOException {
		write("application.yml", "ecs-secrets.secrets: [ { name: REPLACED, value-form: word } ]");
		write("application-prod.yml", "ecs-secrets.secrets: [ { name: WORD, value-form: word } ]");
		assertThatExceptionOfType(SecretResolutionException.class)
			.isThrownBy(() -> run("--spring.profiles.active=prod"))
			.satisfies((ex) -> assertThat(ex.failures()).singleElement().satisfies((failure) -> {
				assertThat(failure.subject()).isEqualTo("WORD");
				assertThat(failure.detail()).startsWith("'ecs-secrets.secrets[0].value-form' at ")
					.contains("application-prod.yml")
					.endsWith("; did you mean 'value-from'?");
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
	void keysWhenOfOtherSourcesAreNotChecked(CapturedOutput output) {
		new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.stor=file")
			.run("--ecs-secrets.enable=false")
			.close();
		assertThat(output).doesNotContain("ecs-secrets.");
	}

	@Test
	void storeWhenRegisteredIsUsed() {
		SecretStore store = (locations,
				timeout) -> new Response(locations.stream()
					.collect(Collectors.toMap((location) -> location,
							(location) -> new Found(SecretValue.of("of " + location.id()),
									new SecretSource("a vault", null, List.of(), Instant.now())))));
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
	void credentialsWhenRegisteredAreUsed() {
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
	void namesWhenOnWindowsCompareWithoutCase() {
		SystemEnvironmentPropertySource variables = new SystemEnvironmentPropertySource("systemEnvironment",
				Map.of("Db_Password", "x"));
		PresentValues windows = PresentValues.of(variables, true, List.of());
		PresentValues others = PresentValues.of(variables, false, List.of());
		assertThat(List.of("Db_Password", "DB_PASSWORD")).allMatch(windows::isInjected)
			.allMatch((name) -> "x".equals(windows.injected(name)));
		assertThat(List.of("Db_Password")).allMatch(others::isInjected);
		assertThat(List.of("DB_USER")).noneMatch(windows::isInjected);
		assertThat(List.of("DB_PASSWORD", "DB_USER")).noneMatch(others::isInjected)
			.allMatch((name) -> others.injected(name) == null);
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
