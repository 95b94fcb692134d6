// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import redis.clients.jedis.Jedis;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.jedis.JedisClientConfigBuilderCustomizer;

/**
 * Auto-configuration for clients of Redis by Jedis whose new connections follow their
 * secrets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ Jedis.class, JedisClientConfigBuilderCustomizer.class,
		JedisClientConfigurationBuilderCustomizer.class })
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsJedisAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsJedisAutoConfiguration() {
	}

	/**
	 * The last customizer, as it adds to what others have chosen.
	 */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	JedisClientConfigurationBuilderCustomizer ecsSecretsJedisCredentials(
			ConfigurableApplicationContext applicationContext, Secrets secrets) {
		return new JedisCredentials(new RedisSecrets(applicationContext, secrets));
	}

}
