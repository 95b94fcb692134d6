package dev.ecssecrets.boot;

import java.time.InstantSource;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for the {@link SecretsHealthIndicator}.
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("ecssecrets")
@ConditionalOnBean(SecretsRefresher.class)
class SecretsHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "ecsSecretsHealthIndicator", "ecsSecretsHealthContributor" })
	SecretsHealthIndicator ecsSecretsHealthIndicator(SecretsRefresher refresher, Environment environment) {
		return new SecretsHealthIndicator(refresher.history(),
				SecretsProperties.actuator(Binder.get(environment)).maximumAge(), InstantSource.system());
	}

}
