package dev.ecssecrets.boot.test;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.ecssecrets.InvalidTaskDefinitionException;
import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.SecretDeclaration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.test.context.support.TestPropertySourceUtils;

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

	private final ConfigurableEnvironment environment = new StandardEnvironment();

	@TempDir
	private Path folder;

	@Test
	void areThoseOfWhenEqualInAnyOrderPasses() throws Exception {
		declare("TOKEN", "/app/token", "HAMADA_SECRETS", "hamako-favorite-word");
		assertThatSecretsOf(this.environment).areThoseOf(taskDefinition("[" + APP + "]"))
			.areThoseOf(taskDefinition("[" + APP + "]"), "app");
	}

	@Test
	void areThoseOfWhenOnlyOptionalIsNotInTaskDefinitionPasses() throws Exception {
		declare("TOKEN", "/app/token", "HAMADA_SECRETS", "hamako-favorite-word", "OPTIONAL", "optional");
		TestPropertySourceUtils.addInlinedPropertiesToEnvironment(this.environment,
				"ecs-secrets.secrets[2].optional=true");
		assertThatSecretsOf(this.environment).areThoseOf(taskDefinition("[" + APP + "]"));
	}

	@Test
	void areThoseOfWhenDifferentTellsEveryDifference() throws Exception {
		declare("TOKEN", "/app/tokens", "SPRING_MAIL_PASSWORD", "/app/mail");
		String taskDefinition = taskDefinition("{\"containerDefinitions\": [" + APP + "]}");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).areThoseOf(taskDefinition))
			.withMessage("""
					The secrets of the application are not those of %1$s:

					HAMADA_SECRETS is not declared by the application
					    hamako-favorite-word
					        at %1$s /containerDefinitions/0/secrets/0

					TOKEN has another valueFrom
					    /app/tokens
					        at "ecs-secrets.secrets[0].name" from property source "Inlined Test Properties"
					    /app/token
					        at %1$s /containerDefinitions/0/secrets/1

					SPRING_MAIL_PASSWORD is not in the task definition
					    /app/mail
					        at "ecs-secrets.secrets[1].name" from property source "Inlined Test Properties"
					""".formatted(taskDefinition));
	}

	@Test
	void areThoseOfWhenContainerIsAbsentThrows() throws Exception {
		String taskDefinition = taskDefinition("[" + APP + "]");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).areThoseOf(taskDefinition, "web"));
	}

	@Test
	void areThoseOfWhenDocumentIsAbsentThrows() {
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).areThoseOf("classpath:absent.json"))
			.withMessageContaining("absent.json");
	}

	@Test
	void havePolicyWhenFileIsAbsentFailsAndWritesPolicyThatIsComparedFromThenOn() throws Exception {
		Path file = this.folder.resolve("policy.json");
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).havePolicy(file))
			.withMessage("There was no " + file + ": it has been written, to be checked in");
		assertThatSecretsOf(this.environment).havePolicy(file);
		assertThat(file)
			.hasContent(LeastPrivilegePolicy.of(List.of(new SecretDeclaration("TOKEN", "/app/token"))).json());
		declare("TOKEN", "/app/other-token");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).havePolicy(file))
			.withMessageContaining("to write it anew, delete " + file)
			.withMessageContaining("parameter/app/other-token");
	}

	@Test
	void havePolicyWithDecryptionHasKeysToo() {
		Path file = this.folder.resolve("policy.json");
		declare("TOKEN", "/app/token");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThatSecretsOf(this.environment).havePolicyWithDecryption(file));
		assertThatSecretsOf(this.environment).havePolicyWithDecryption(file);
		assertThat(file).content().contains("kms:Decrypt");
	}

	private void declare(String... namesAndValueFroms) {
		for (int i = 0; i < namesAndValueFroms.length; i += 2) {
			String prefix = "ecs-secrets.secrets[" + i / 2 + "].";
			TestPropertySourceUtils.addInlinedPropertiesToEnvironment(this.environment,
					prefix + "name=" + namesAndValueFroms[i], prefix + "value-from=" + namesAndValueFroms[i + 1]);
		}
	}

	private String taskDefinition(String json) throws Exception {
		return Files.writeString(this.folder.resolve("task-definition.json"), json).toString();
	}

}
