// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import com.zaxxer.hikari.HikariCredentialsProvider;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Auto-configuration for connection pools of HikariCP that follow their secrets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ HikariCredentialsProvider.class, DataSourceProperties.class, DelegatingDataSource.class })
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsJdbcAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsJdbcAutoConfiguration() {
	}

	@Bean
	static PoolCredentialsBeanPostProcessor ecsSecretsPoolCredentials(ConfigurableApplicationContext applicationContext,
			Secrets secrets) {
		return new PoolCredentialsBeanPostProcessor(applicationContext, secrets);
	}

	@Bean
	SecretsPools ecsSecretsPools(PoolCredentialsBeanPostProcessor pools) {
		return new SecretsPools(pools);
	}

}
