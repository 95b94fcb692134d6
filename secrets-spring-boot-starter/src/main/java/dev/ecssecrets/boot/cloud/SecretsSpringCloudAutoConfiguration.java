// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.cloud;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for Spring Cloud's context refreshes and refresh scope.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass(EnvironmentChangeEvent.class)
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsSpringCloudAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsSpringCloudAutoConfiguration() {
	}

	@Bean
	SpringCloudRefreshBridge ecsSecretsSpringCloudRefreshBridge(ConfigurableApplicationContext applicationContext,
			Secrets secrets) {
		return new SpringCloudRefreshBridge(applicationContext, secrets);
	}

	@Bean
	ContextRefreshListener ecsSecretsContextRefreshListener(SpringCloudRefreshBridge bridge) {
		return new ContextRefreshListener(bridge);
	}

}
