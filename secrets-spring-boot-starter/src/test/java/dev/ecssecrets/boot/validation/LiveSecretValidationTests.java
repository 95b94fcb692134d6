// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.validation;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.LiveSecret;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.test.InMemorySecretStore;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.validation.valueextraction.Unwrapping;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.annotation.Validated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for the validation of {@link LiveSecret} at startup.
 */
@ExtendWith(OutputCaptureExtension.class)
class LiveSecretValidationTests {

	private static final String TOKEN = "mail.token=${TOKEN}";

	private static final String LONGER = "mail.longer=${TOKEN}";

	private static final String REQUIRED = "mail.required=fixed";

	private final InMemorySecretStore store = new InMemorySecretStore();

	@Test
	void startWhenAllIsValidSucceeds() {
		try (ConfigurableApplicationContext context = run("canary-token", TOKEN, LONGER, REQUIRED)) {
			Mail mail = context.getBean(Mail.class);
			assertThat(mail.token().get()).isEqualTo("canary-token");
			this.store.put("token", " ");
			// Only a start validates.
			context.getBean(Secrets.class).refresh();
			assertThat(mail.token().get()).isEqualTo(" ");
		}
	}

	@Test
	void startWhenSecretIsBlankNamesItsProperty(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(" ", TOKEN, REQUIRED));
		assertThat(output).contains("Property: mail.token", "Value: \"******\"", "Reason: must not be blank")
			.doesNotContain("Property: mail.longer");
	}

	@Test
	void startWhenSecretIsTooShortNamesItsProperty(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("canary", TOKEN, LONGER, REQUIRED));
		assertThat(output).contains("Property: mail.longer", "Value: \"******\"", "Reason: size must be between 8 and ")
			.doesNotContain("Property: mail.token", "canary");
	}

	@Test
	void startWhenPropertiesAreAbsentNamesThem(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("canary-token", LONGER));
		assertThat(output).contains("Property: mail.required", "Reason: must not be null")
			.contains("Property: mail.token", "Reason: must not be blank")
			.doesNotContain("Property: mail.longer");
	}

	@Test
	void startWhenOptionalSecretIsAbsentNamesProperty(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("canary-token", "mail.token=${OPTIONAL}", REQUIRED));
		assertThat(output).contains("Property: mail.token", "Reason: must not be blank")
			.doesNotContain("Property: mail.required", "Property: mail.longer");
	}

	private ConfigurableApplicationContext run(String secret, String... properties) {
		this.store.put("token", secret);
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0s", "ecs-secrets.secrets[0].name=TOKEN",
					"ecs-secrets.secrets[0].value-from=token", "ecs-secrets.secrets[1].name=OPTIONAL",
					"ecs-secrets.secrets[1].value-from=optional", "ecs-secrets.secrets[1].optional=true")
			.properties(properties)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	@ConfigurationProperties("mail")
	@Validated
	record Mail(@NotBlank LiveSecret token, @NotNull LiveSecret required,
			@Size(min = 8, payload = Unwrapping.Unwrap.class) @Nullable LiveSecret longer) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Mail.class)
	static class Application {

	}

}
