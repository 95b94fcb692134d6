// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import io.r2dbc.spi.ConnectionFactory;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.r2dbc.ConnectionFactoryDecorator;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for clients of databases by R2DBC that follow their secrets.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class,
		afterName = "org.springframework.boot.r2dbc.autoconfigure.R2dbcProxyAutoConfiguration")
@ConditionalOnClass({ ConnectionFactory.class, Mono.class, ConnectionFactoryDecorator.class, R2dbcProperties.class })
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsR2dbcAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsR2dbcAutoConfiguration() {
	}

	/**
	 * The first decorator, as it opens connections with the options of the driver.
	 */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	ConnectionFactoryDecorator ecsSecretsR2dbcCredentials(ConfigurableApplicationContext applicationContext,
			Secrets secrets, ObjectProvider<R2dbcProperties> properties) {
		return new R2dbcCredentials(applicationContext, secrets, properties);
	}

	/**
	 * The last decorator, as the pool has to see that connections can be renewed.
	 */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	ConnectionFactoryDecorator ecsSecretsR2dbcSessions(Secrets secrets) {
		return (delegate) -> RenewingConnectionFactory.decorate(delegate, secrets);
	}

}
