// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration for what {@link Secrets} need in an application context.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsAutoConfiguration() {
	}

	@Bean
	static UnboundSecretsBindHandlerAdvisor ecsSecretsUnboundSecretsBindHandlerAdvisor() {
		return new UnboundSecretsBindHandlerAdvisor();
	}

	@Bean
	static MaskingBindHandlerAdvisor ecsSecretsMaskingBindHandlerAdvisor(Secrets secrets,
			ConfigurableEnvironment environment) {
		return new MaskingBindHandlerAdvisor(secrets, environment);
	}

	@Bean
	static SwapGateBindHandlerAdvisor ecsSecretsSwapGateBindHandlerAdvisor(Secrets secrets) {
		return new SwapGateBindHandlerAdvisor(secrets.gate());
	}

	@Bean
	RefreshSchedule ecsSecretsRefreshSchedule(Secrets secrets) {
		return secrets.schedule();
	}

	@Bean
	RefreshSchedule.Opening ecsSecretsRefreshScheduleOpening(Secrets secrets) {
		return new RefreshSchedule.Opening(secrets.schedule());
	}

	@Bean
	static ChildContexts ecsSecretsChildContexts(Secrets secrets) {
		return new ChildContexts(secrets);
	}

	@Bean
	OutdatedBeansWarning ecsSecretsOutdatedBeansWarning(ConfigurableApplicationContext applicationContext,
			Secrets secrets, ObjectProvider<LiveSecretBindHandlerAdvisor> liveSecrets) {
		return new OutdatedBeansWarning(applicationContext, secrets, liveSecrets);
	}

	/**
	 * Makes the environments of child contexts follow, such as those of Feign clients:
	 * they have copied the sources of the application's environment. Children that have
	 * secrets of their own are left alone.
	 */
	static final class ChildContexts implements ApplicationListener<ContextRefreshedEvent> {

		private final Secrets secrets;

		ChildContexts(Secrets secrets) {
			this.secrets = secrets;
		}

		@Override
		public void onApplicationEvent(ContextRefreshedEvent event) {
			ApplicationContext context = event.getApplicationContext();
			if (context.getEnvironment() instanceof ConfigurableEnvironment environment
					&& context.containsBean(SecretsBean.NAME) && context.getBean(SecretsBean.NAME) == this.secrets) {
				this.secrets.follow(environment);
			}
		}

	}

}
