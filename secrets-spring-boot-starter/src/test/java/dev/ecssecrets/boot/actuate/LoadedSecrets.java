// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Application that has the optional secrets {@code WORD} and {@code TOKEN}, and nothing
 * but its secrets.
 */
final class LoadedSecrets implements AutoCloseable {

	final InMemorySecretStore store;

	private volatile Instant fetched;

	private volatile List<Call> calls = List.of();

	private final ConfigurableApplicationContext context;

	LoadedSecrets(InMemorySecretStore store, Instant fetched) {
		this.store = store;
		this.fetched = fetched;
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=WORD",
					"ecs-secrets.secrets[0].value-from=word", "ecs-secrets.secrets[0].optional=true",
					"ecs-secrets.secrets[1].name=TOKEN", "ecs-secrets.secrets[1].value-from=token",
					"ecs-secrets.secrets[1].optional=true")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> fetch(this.store.fetch(locations, timeout)))))
			.run();
	}

	private Response fetch(Response response) {
		Map<SecretLocation, Answer> answers = new HashMap<>(response.answers());
		answers.replaceAll((location, answer) -> (answer instanceof Found found)
				? new Found(found.value(), new SecretSource("test", null, List.of(), this.fetched)) : answer);
		return new Response(answers, this.calls);
	}

	Secrets secrets() {
		return this.context.getBean(Secrets.class);
	}

	/**
	 * Sets when fetches from now on say that they gave their values, and the calls that
	 * they take.
	 */
	LoadedSecrets fetching(Instant fetched, Call... calls) {
		this.fetched = fetched;
		this.calls = List.of(calls);
		return this;
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

	}

}
