// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Bean of {@link Secrets}, which are in the bootstrap context before there are beans.
 */
final class SecretsBean {

	static final String NAME = "ecsSecrets";

	private SecretsBean() {
	}

	/**
	 * Creates the secrets of an application. They become a bean as soon as there are
	 * beans: the first ones that are created may need them.
	 */
	static Secrets register(ConfigurableBootstrapContext bootstrapContext, SecretsConfiguration configuration,
			Log logger) {
		Secrets secrets = new Secrets(new SecretsLoader(bootstrapContext, logger), SecretsSnapshot.of(configuration),
				logger);
		bootstrapContext.register(Secrets.class, InstanceSupplier.of(secrets));
		bootstrapContext.addCloseListener((event) -> register(secrets, event.getApplicationContext()));
		return secrets;
	}

	private static void register(Secrets secrets, ConfigurableApplicationContext context) {
		secrets.enter(context);
		DefaultListableBeanFactory beanFactory = (DefaultListableBeanFactory) context.getBeanFactory();
		// A definition, as a failed start destroys singletons before it is analyzed.
		RootBeanDefinition definition = definition(Secrets.class, () -> secrets);
		// There may be another bean of the type, such as one that returns this one.
		definition.setPrimary(true);
		beanFactory.registerBeanDefinition(NAME, definition);
		beanFactory.registerDisposableBean(NAME, secrets.schedule());
	}

	/**
	 * Returns the definition of a bean that is added at run time, also to an application
	 * that was processed ahead of time.
	 */
	static <T> RootBeanDefinition definition(Class<T> type, Supplier<T> bean) {
		RootBeanDefinition definition = new RootBeanDefinition(type, bean);
		definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		return definition;
	}

	/**
	 * Returns the secrets of an application, or else of its parent, even if its start has
	 * failed.
	 */
	static @Nullable Secrets find(@Nullable BeanFactory beanFactory) {
		if (beanFactory instanceof BeanDefinitionRegistry registry && registry.containsBeanDefinition(NAME)
				&& registry.getBeanDefinition(NAME) instanceof RootBeanDefinition definition
				&& definition.getInstanceSupplier() != null
				&& definition.getInstanceSupplier().get() instanceof Secrets secrets) {
			return secrets;
		}
		return (beanFactory instanceof HierarchicalBeanFactory child) ? find(child.getParentBeanFactory()) : null;
	}

}
