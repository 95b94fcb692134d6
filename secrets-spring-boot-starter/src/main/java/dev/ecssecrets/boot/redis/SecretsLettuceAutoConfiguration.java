// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import io.lettuce.core.RedisClient;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * Auto-configuration for clients of Redis by Lettuce that follow their secrets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass({ RedisClient.class, Mono.class, RedisCredentialsProviderFactory.class,
		LettuceClientConfigurationBuilderCustomizer.class })
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsLettuceAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsLettuceAutoConfiguration() {
	}

	/**
	 * The last customizer, as it adds to what others have chosen.
	 */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	LettuceClientConfigurationBuilderCustomizer ecsSecretsLettuceCredentials(
			ConfigurableApplicationContext applicationContext, Secrets secrets) {
		return new LettuceCredentials(new RedisSecrets(applicationContext, secrets));
	}

}
