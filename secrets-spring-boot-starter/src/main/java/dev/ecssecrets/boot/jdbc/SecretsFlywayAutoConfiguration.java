// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import org.flywaydb.core.Flyway;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Auto-configuration for Flyway with a user of its own that follows its secrets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ Flyway.class, FlywayConfigurationCustomizer.class, SimpleDriverDataSource.class })
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsFlywayAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsFlywayAutoConfiguration() {
	}

	@Bean
	FlywayConfigurationCustomizer ecsSecretsFlywayCredentials(Secrets secrets, ConfigurableEnvironment environment) {
		return new FlywayCredentials(secrets, environment);
	}

}
