// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.ecssecrets.InvalidTaskDefinitionException;
import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.Secrets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static dev.ecssecrets.boot.test.SecretDeclarationsAssert.assertThatSecretsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SecretDeclarationsAssert}.
 */
class SecretDeclarationsAssertTests {

	private static final String APP = """
			{
			  "name": "app",
			  "secrets": [
			    { "name": "HAMADA_SECRETS", "valueFrom": "hamako-favorite-word" },
			    { "name": "TOKEN", "valueFrom": "/app/token" }
			  ]
			}
			""";

	private final List<String> declarations = new ArrayList<>();

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@TempDir
	private Path folder;

	@AfterEach
	void close() {
		this.applications.forEach(ConfigurableApplicationContext::close);
	}

	@Test
	void areThoseOfWhenEqualInAnyOrderPasses() throws Exception {
		declare("TOKEN", "/app/token", "HAMADA_SECRETS", "hamako-favorite-word");
		assertThatSecretsOf(secrets()).areThoseOf(taskDefinition("[" + APP + "]"))
			.areThoseOf(taskDefinition("[" + APP + "]"), "app");
	}

	@Test
	void areThoseOfWhenOnlyOptionalIsNotInTaskDefinitionPasses() throws Exception {
		declare("TOKEN", "/app/token", "HAMADA_SECRETS", "hamako-favorite-word", "OPTIONAL", "optional");
		this.declarations.add("--ecs-secrets.secrets[2].optional=true");
		assertThatSecretsOf(secrets()).areThoseOf(taskDefinition("[" + APP + "]"));
	}

	@Test
	void areThoseOfWhenDifferentReportsEveryDifference() throws Exception {
		declare("TOKEN", "/app/tokens", "SPRING_MAIL_PASSWORD", "/app/mail");
		String taskDefinition = taskDefinition("{\"containerDefinitions\": [" + APP + "]}");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf(taskDefinition))
			.withMessage("""
					The secrets that the application declares differ from those in %1$s:

					HAMADA_SECRETS is in the task definition, but not declared by the application:
					    task definition:  hamako-favorite-word
					                      at %1$s /containerDefinitions/0/secrets/0

					TOKEN has a different valueFrom in each:
					    application:      /app/tokens
					                      at "ecs-secrets.secrets[0].name" from property source "commandLineArgs"
					    task definition:  /app/token
					                      at %1$s /containerDefinitions/0/secrets/1

					SPRING_MAIL_PASSWORD is declared by the application, but not in the task definition:
					    application:      /app/mail
					                      at "ecs-secrets.secrets[1].name" from property source "commandLineArgs"
					""".formatted(taskDefinition));
	}

	@ParameterizedTest
	@ValueSource(strings = { "classpath:task-definition-on-class-path.json", "task-definition-on-class-path.json" })
	void areThoseOfWhenDocumentIsOnClassPathReadsIt(String location) {
		declare("TOKEN", "/app/tokens");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf(location))
			.withMessageContaining("""
					    task definition:  /app/token
					                      at classpath:task-definition-on-class-path.json /secrets/0
					""");
	}

	@Test
	void areThoseOfWhenFileAndResourceHaveTheNameReadsFile() {
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf("pom.xml"))
			.withMessageStartingWith("pom.xml");
	}

	@Test
	void areThoseOfWhenNeitherFileNorResourceExistsThrows() {
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf("absent.json"))
			.withMessageContaining("absent.json does not exist");
	}

	@Test
	void areThoseOfWhenContainerIsAbsentThrows() throws Exception {
		declare("TOKEN", "/app/token");
		String taskDefinition = taskDefinition("[" + APP + "]");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf(taskDefinition, "web"));
	}

	@Test
	void areThoseOfWhenDocumentIsAbsentThrows() {
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).areThoseOf("classpath:absent.json"))
			.withMessageContaining("absent.json");
	}

	@Test
	void havePolicyWhenFileIsAbsentFailsAndWritesPolicyThatIsComparedFromThenOn() throws Exception {
		Path file = this.folder.resolve("policy.json");
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).havePolicy(file))
			.withMessage(file + " did not exist and has been created. Review and commit it, then run the test again.");
		assertThatSecretsOf(secrets()).havePolicy(file);
		assertThat(file)
			.hasContent(LeastPrivilegePolicy.of(List.of(new SecretDeclaration("TOKEN", "/app/token"))).json());
		declare("TOKEN", "/app/other-token");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).havePolicy(file))
			.withMessageContaining("To create " + file + " again, delete it and run the test")
			.withMessageContaining("parameter/app/other-token");
	}

	@Test
	void havePolicyWhenThereAreOptionsHasThem() {
		Path file = this.folder.resolve("policy.json");
		declare("TOKEN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThatSecretsOf(secrets()).havePolicy(file,
				(policy) -> policy.withDecryption().withoutPending()));
		assertThatSecretsOf(secrets()).havePolicy(file, (policy) -> policy.withoutPending().withDecryption());
		assertThat(file).content().contains("kms:Decrypt", "AWSPENDING");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(secrets()).havePolicy(file));
	}

	private void declare(String... namesAndValueFroms) {
		this.declarations.clear();
		for (int i = 0; i < namesAndValueFroms.length; i += 2) {
			String prefix = "--ecs-secrets.secrets[" + i / 2 + "].";
			this.declarations.add(prefix + "name=" + namesAndValueFroms[i]);
			this.declarations.add(prefix + "value-from=" + namesAndValueFroms[i + 1]);
		}
	}

	/**
	 * Returns the secrets of an application that declares them.
	 */
	private Secrets secrets() {
		ConfigurableApplicationContext application = new SpringApplicationBuilder(Nothing.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.addBootstrapRegistryInitializer(
					(registry) -> registry
						.register(SecretStore.class,
								InstanceSupplier.of((locations, timeout) -> new Response(locations.stream()
									.collect(Collectors.toMap(Function.identity(),
											(location) -> new Found(SecretValue.of("any"),
													new SecretSource("test", null, List.of(), Instant.now()))))))))
			.run(this.declarations.toArray(String[]::new));
		this.applications.add(application);
		return application.getBean(Secrets.class);
	}

	private String taskDefinition(String json) throws Exception {
		return Files.writeString(this.folder.resolve("task-definition.json"), json).toString();
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

}
