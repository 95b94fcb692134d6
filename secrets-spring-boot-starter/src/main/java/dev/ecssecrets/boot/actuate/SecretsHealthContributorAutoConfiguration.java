// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.InstantSource;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for the {@link SecretsHealthIndicator}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("ecssecrets")
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsHealthContributorAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsHealthContributorAutoConfiguration() {
	}

	@Bean
	@ConditionalOnMissingBean(name = { "ecsSecretsHealthIndicator", "ecsSecretsHealthContributor" })
	SecretsHealthIndicator ecsSecretsHealthIndicator(Secrets secrets, Environment environment) {
		SecretsActuatorProperties properties = Binder.get(environment)
			.bind("ecs-secrets.actuator", SecretsActuatorProperties.class)
			.orElse(null);
		Duration maximumAge = (properties != null) ? properties.maximumAge() : null;
		return new SecretsHealthIndicator(secrets, maximumAge, InstantSource.system(), System::nanoTime);
	}

}
