// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.test.TestSecrets;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class StoreTests {

	@Test
	void failsToStartWhenAccessIsDenied() {
		InMemorySecretStore store = new InMemorySecretStore().put("hamako-favorite-word", "wassyoi")
			.fail("arn:aws:secretsmanager:eu-west-1:123456789012:secret:quickstart", Reason.ACCESS_DENIED);
		SpringApplicationBuilder application = new SpringApplicationBuilder(QuickstartApplication.class)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)));
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(application::run)
			.withMessageContaining("1 failure among 2 declared secrets")
			.withMessageContaining("GREETING_SIGNING_KEY");
	}

	@Test
	void contextRunnerTakesSecretsAsProperties() {
		new ApplicationContextRunner().withUserConfiguration(GreetingController.class)
			.withPropertyValues("HAMADA_SECRETS=wassyoi", "greeting.signing.key=local")
			.run((context) -> assertThat(context).hasSingleBean(GreetingController.class));
	}

	@Nested
	@SpringBootTest
	@TestSecrets({ "HAMADA_SECRETS=wassyoi", "GREETING_SIGNING_KEY=local" })
	class InMemory {

		@Test
		void fetchesAllAtOnce(@Autowired InMemorySecretStore store) {
			assertThat(store.fetches()).isOne();
		}

	}

}
