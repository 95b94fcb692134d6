package dev.ecssecrets.boot;

import java.util.Set;
import java.util.TreeSet;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.bind.BindMethod;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * Warns of what a refresh cannot reach.
 */
final class OutdatedBeansWarning implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(OutdatedBeansWarning.class);

	static final String SPRING_CLOUD_EVENT = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

	private static final boolean SPRING_CLOUD = ClassUtils.isPresent(SPRING_CLOUD_EVENT,
			OutdatedBeansWarning.class.getClassLoader());

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	OutdatedBeansWarning(ConfigurableApplicationContext context, Secrets secrets) {
		this.context = context;
		this.secrets = secrets;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.secrets.current().refresh().interval() == null) {
			return;
		}
		if (this.secrets.current().changeableNames().isEmpty()) {
			logger.warn("There is nothing to refresh: all secrets are injected, and "
					+ "ecs-secrets.refresh.override-injected is not set");
			return;
		}
		CredentialProperties credentials = new CredentialProperties(this.context.getEnvironment(),
				this.secrets.current());
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		Set<String> outdated = new TreeSet<>();
		for (String name : beans.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
			// Others may still be made, with new values.
			Object bean = beans.getSingleton(name);
			// What has it by its factory method may be wrapped, as pools are.
			if (bean != null && AnnotatedElementUtils.isAnnotated(bean.getClass(), ConfigurationProperties.class)
					&& isOutdated(bean, name, credentials)) {
				outdated.add(ClassUtils.getShortName(bean.getClass()));
			}
		}
		if (!outdated.isEmpty()) {
			logger.warn("A refresh of secrets does not reach " + String.join(", ", outdated)
					+ ": nothing binds these beans again");
		}
	}

	/**
	 * Spring Cloud binds those again that have setters. What pools have been made of
	 * needs none of it.
	 */
	private boolean isOutdated(Object bean, String name, CredentialProperties credentials) {
		ConfigurationPropertiesBean properties = ConfigurationPropertiesBean.get(this.context, bean, name);
		return properties != null
				&& (properties.asBindTarget().getBindMethod() == BindMethod.VALUE_OBJECT
						|| (!SPRING_CLOUD && !bean.getClass().getName().startsWith("org.springframework.boot.jdbc.")))
				&& credentials.referencesSecretBelow(properties.getAnnotation().prefix());
	}

}
