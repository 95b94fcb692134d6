package dev.ecssecrets.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Auto-configuration for what declared secrets need in an application context.
 */
@AutoConfiguration
@Conditional(SecretsAutoConfiguration.OnDeclaredSecretsCondition.class)
class SecretsAutoConfiguration {

	@Bean
	static UnboundSecretsBindHandlerAdvisor unboundSecretsBindHandlerAdvisor() {
		return new UnboundSecretsBindHandlerAdvisor();
	}

	/**
	 * Matches where secrets are declared, fetched or not: ahead-of-time processing
	 * fetches none.
	 */
	static class OnDeclaredSecretsCondition extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			Environment environment = context.getEnvironment();
			boolean declared = SecretListBinder.source(environment) != null || Binder.get(environment)
				.bind(SecretsProperties.PREFIX + ".task-definition", String.class)
				.isBound();
			ConditionMessage.Builder message = ConditionMessage.forCondition("declared secrets");
			return declared ? ConditionOutcome.match(message.because("there are some"))
					: ConditionOutcome.noMatch(message.because("there are none"));
		}

	}

}
