// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configuration for the mask of the endpoints that show values.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass(SanitizingFunction.class)
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
@ConditionalOnBooleanProperty(name = "ecs-secrets.actuator.mask", matchIfMissing = true)
public final class SecretsSanitizingAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsSanitizingAutoConfiguration() {
	}

	/**
	 * Made for the endpoints that ask for it: an application that exposes none does not
	 * pay for it.
	 */
	@Bean
	@Lazy
	static SecretsSanitizingFunction ecsSecretsSanitizingFunction(Secrets secrets) {
		return new SecretsSanitizingFunction(secrets);
	}

}
