package dev.ecssecrets.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
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
			boolean declared = Binder.get(context.getEnvironment())
				.bind(SecretsProperties.PREFIX + ".secrets", Bindable.listOf(SecretsProperties.Secret.class))
				.isBound();
			ConditionMessage.Builder message = ConditionMessage.forCondition("declared secrets");
			return declared ? ConditionOutcome.match(message.foundExactly(SecretsProperties.PREFIX + ".secrets"))
					: ConditionOutcome.noMatch(message.because("there are none"));
		}

	}

}
