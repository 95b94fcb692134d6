package dev.ecssecrets.boot;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration for {@link LiveSecret}. It does not depend on declared secrets:
 * without them, a class that has one is still to be bound.
 */
@AutoConfiguration
public final class LiveSecretAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public LiveSecretAutoConfiguration() {
	}

	@Bean
	static LiveSecretBindHandlerAdvisor ecsSecretsLiveSecretBindHandlerAdvisor(ObjectProvider<Secrets> secrets) {
		return new LiveSecretBindHandlerAdvisor(secrets.getIfAvailable());
	}

	@Bean
	static LiveSecretConverter ecsSecretsLiveSecretConverter(ConfigurableEnvironment environment,
			ObjectProvider<Secrets> secrets) {
		return new LiveSecretConverter(environment, secrets);
	}

}
