package dev.ecssecrets.boot;

import com.zaxxer.hikari.HikariCredentialsProvider;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.jdbc.datasource.DelegatingDataSource;

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

	@Bean
	static ValueFreeBindHandlerAdvisor secretsValueFreeBindHandlerAdvisor(ConfigurableEnvironment environment) {
		return new ValueFreeBindHandlerAdvisor(environment);
	}

	@Bean
	static ValueFreeInjection secretsValueFreeInjection(ConfigurableEnvironment environment) {
		return new ValueFreeInjection(environment);
	}

	/**
	 * What loads secrets again.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = SecretsProperties.PREFIX + ".enabled", matchIfMissing = true)
	static class RefreshConfiguration {

		// A start that fails stops no schedule, which it has not started.
		@Bean(destroyMethod = "stop")
		SecretsRefresher secretsRefresher(ObjectProvider<SecretsLoader> loader, ConfigurableEnvironment environment,
				ApplicationEventPublisher events, ObjectProvider<SpringCloudNews> springCloud) {
			return new SecretsRefresher(loader.getIfAvailable(
					() -> new SecretsLoader(new DefaultBootstrapContext(), LogFactory.getLog(SecretsLoader.class))),
					environment, events, (changed) -> springCloud.ifAvailable((news) -> news.tell(changed)));
		}

		@Bean
		RefreshSchedule secretsRefreshSchedule(SecretsRefresher refresher) {
			return refresher.schedule();
		}

		@Bean
		OutdatedBeansWarning secretsOutdatedBeansWarning(ConfigurableApplicationContext context,
				SecretsRefresher refresher) {
			return new OutdatedBeansWarning(context, refresher);
		}

	}

	/**
	 * What lets connection pools follow.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HikariCredentialsProvider.class, DataSourceProperties.class, DelegatingDataSource.class })
	@ConditionalOnBooleanProperty(name = SecretsProperties.PREFIX + ".enabled", matchIfMissing = true)
	@Conditional(OnPoolsCondition.class)
	static class PoolConfiguration {

		@Bean
		static PoolCredentialsBeanPostProcessor secretsPoolCredentials(ConfigurableEnvironment environment,
				ObjectProvider<SecretsRefresher> refresher) {
			return new PoolCredentialsBeanPostProcessor(() -> SecretsLoader.changeableNames(environment),
					() -> refresher.getObject()::refreshEarly);
		}

	}

	/**
	 * What Spring Cloud has to know of it.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EnvironmentChangeEvent.class)
	@ConditionalOnBooleanProperty(name = SecretsProperties.PREFIX + ".enabled", matchIfMissing = true)
	static class SpringCloudConfiguration {

		@Bean
		SpringCloudNews secretsSpringCloudNews(ConfigurableApplicationContext context,
				ObjectProvider<SecretsRefresher> refresher) {
			return new SpringCloudNews(context, refresher::getObject);
		}

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

	/**
	 * Matches where pools are to follow their secrets.
	 */
	static class OnPoolsCondition extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			ConditionMessage.Builder message = ConditionMessage.forCondition("pools of secrets");
			return SecretsProperties.refresh(Binder.get(context.getEnvironment())).followsPools()
					? ConditionOutcome.match(message.because("they are refreshed"))
					: ConditionOutcome.noMatch(message.because("they are not refreshed"));
		}

	}

}
