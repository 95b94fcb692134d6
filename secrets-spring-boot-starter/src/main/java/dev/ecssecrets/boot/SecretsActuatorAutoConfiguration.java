package dev.ecssecrets.boot;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configuration for what the Actuator may show.
 */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
@Conditional(SecretsAutoConfiguration.OnDeclaredSecretsCondition.class)
@ConditionalOnBooleanProperty(name = SecretsProperties.PREFIX + ".actuator.mask", matchIfMissing = true)
class SecretsActuatorAutoConfiguration {

	/**
	 * Made for the endpoints that ask for it: an application that exposes none does not
	 * pay for it.
	 */
	@Bean
	@Lazy
	static SecretsSanitizingFunction secretsSanitizingFunction(ConfigurableApplicationContext context) {
		return new SecretsSanitizingFunction(context);
	}

}
