// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts applications in processes of their own, to see which classes they load and how
 * they do without the AWS SDK.
 */
class SdkIsOptionalIT {

	private static final String SDK = "software.amazon.awssdk";

	private static final Map<String, String> INJECTED = Map.of("HAMADA_SECRETS", "wassyoi");

	private static final List<String> DECLARED = List.of("--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
			"--ecs-secrets.secrets[0].value-from=hamako-favorite-word");

	private static final List<String> WATCHED = List.of(DECLARED.get(0), DECLARED.get(1),
			"--management.endpoints.web.exposure.include=*");

	@TempDir
	private Path folder;

	@Test
	void startWhenAllIsInjectedLoadsNoSdkClass() {
		ChildProcess started = start(ChildProcess.CLASS_PATH, INJECTED);
		assertThat(started.output()).contains("Secrets: 1 injected (").contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.").doesNotContain(SDK);
	}

	@Test
	void startWhenSecretsAreInFileLoadsNoSdkClass() throws IOException {
		Path file = Files.writeString(this.folder.resolve("secrets.json"),
				"{\"parameters\":{\"hamako-favorite-word\":\"wassyoi\"}}");
		ChildProcess started = start(ChildProcess.CLASS_PATH, Map.of(), "--ecs-secrets.store=file",
				"--ecs-secrets.file.location=" + file);
		assertThat(started.output()).contains("Secrets: 0 injected, 1 fetched").contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.").doesNotContain(SDK);
	}

	@Test
	void startWhenNothingIsRefreshedLoadsNoneOfWhatARefreshNeeds() throws IOException {
		Path file = Files.writeString(this.folder.resolve("secrets.json"),
				"{\"parameters\":{\"hamako-favorite-word\":\"wassyoi\"}}");
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools"), Map.of(),
				List.of("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + file,
						"--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
						"--ecs-secrets.secrets[0].value-from=hamako-favorite-word"));
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.Secrets ")
			.doesNotContain(SDK, "dev.ecssecrets.CachingSecretStore ", "dev.ecssecrets.boot.OutdatedBeans ",
					"dev.ecssecrets.boot.jdbc.PoolCredentials ");
	}

	@Test
	void startWhenThereIsNoActuatorLoadsNothingThatMasks() {
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools|spring-boot-actuator|spring-boot-health"), INJECTED,
				DECLARED);
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.Secrets ")
			.doesNotContain("org.springframework.boot.actuate",
					"dev.ecssecrets.boot.actuate.SecretsSanitizingFunction");
	}

	@ParameterizedTest
	@CsvSource({ "micrometer-core, io.micrometer.core., SecretsMetrics",
			"spring-boot-micrometer-metrics, org.springframework.boot.micrometer.metrics., SecretsMetrics",
			"spring-boot-health, org.springframework.boot.health., SecretsHealthIndicator",
			"spring-boot-actuator-autoconfigure, org.springframework.boot.actuate.autoconfigure., SecretsEndpoint",
			"spring-boot-actuator, org.springframework.boot.actuate., SecretsSanitizingFunction" })
	void startWithoutLibraryLoadsNothingThatNeedsIt(String library, String packageName, String type) {
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools|/" + library + "[-/]"), INJECTED, WATCHED);
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>")
			.doesNotContain("NoClassDefFoundError", "ClassNotFoundException");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.Secrets ")
			.doesNotContain(" " + packageName, "dev.ecssecrets.boot.actuate." + type + " ");
	}

	@Test
	void startWhenThereIsAnActuatorLoadsAllThatIsExposed() {
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools"), INJECTED, WATCHED);
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.actuate.SecretsEndpoint$",
				"dev.ecssecrets.boot.actuate.SecretsHealthIndicator ", "dev.ecssecrets.boot.actuate.SecretsMetrics ");
	}

	/**
	 * The endpoint's own class alone is asked what it is an endpoint for.
	 */
	@Test
	void startWhenOnlyHealthIsExposedMakesNoEndpoint() {
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools"), INJECTED, DECLARED);
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.actuate.SecretsHealthIndicator ")
			.doesNotContain("dev.ecssecrets.boot.actuate.SecretsEndpoint$",
					"dev.ecssecrets.boot.actuate.SecretsEndpointAutoConfiguration ");
	}

	@Test
	void startWithActuatorWhenNothingIsDeclaredMakesNothingToWatch() {
		ChildProcess started = ChildProcess.start(this.folder, AutoConfigured.class,
				ChildProcess.classPathWithout("spring-boot-devtools"), Map.of(),
				List.of("--management.endpoints.web.exposure.include=*"));
		assertThat(started.output()).contains("HAMADA_SECRETS=<null>");
		assertThat(started.loadedClasses()).contains("dev.ecssecrets.boot.SecretsEnvironmentPostProcessor ")
			.doesNotContain("dev.ecssecrets.boot.actuate.SecretsEndpoint$",
					"dev.ecssecrets.boot.actuate.SecretsHealthIndicator ",
					"dev.ecssecrets.boot.actuate.SecretsMetrics ",
					"dev.ecssecrets.boot.actuate.SecretsSanitizingFunction ");
	}

	@Test
	void startWhenSecretIsMissingLoadsSdkClasses() {
		ChildProcess started = start(ChildProcess.CLASS_PATH, Map.of(),
				"--ecs-secrets.aws.endpoint=http://127.0.0.1:1");
		assertThat(started.output()).contains("1 failure among 1 declared secret");
		assertThat(started.loadedClasses()).contains(SDK);
	}

	@Test
	void startWhenAllIsInjectedNeedsNoSdk() {
		assertThat(start(ChildProcess
			.classPathWithout("software/amazon/awssdk|/org/springframework/cloud/|spring-boot-devtools"), INJECTED)
			.output()).contains("HAMADA_SECRETS=<wassyoi>");
	}

	private ChildProcess start(String classPath, Map<String, String> variables, String... args) {
		return ChildProcess
			.start(this.folder, classPath, variables,
					Stream.concat(Stream.of("--ecs-secrets.aws.region=eu-west-1",
							"--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
							"--ecs-secrets.secrets[0].value-from=hamako-favorite-word"), Stream.of(args))
						.toList());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class AutoConfigured {

		public static void main(String[] args) {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(AutoConfigured.class)
				.web(WebApplicationType.NONE)
				.run(args)) {
				System.out.println("HAMADA_SECRETS=<" + context.getEnvironment().getProperty("HAMADA_SECRETS") + ">");
			}
		}

	}

}
