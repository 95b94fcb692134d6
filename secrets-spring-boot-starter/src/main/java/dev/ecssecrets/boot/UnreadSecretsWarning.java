// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Warning about secrets whose names bind to no property and that no {@code @Value} of a
 * bean reads. Applications without such names do not run this check.
 */
final class UnreadSecretsWarning {

	private static final Log logger = LogFactory.getLog(UnreadSecretsWarning.class);

	private UnreadSecretsWarning() {
	}

	/**
	 * Looks at each bean that a context creates, and warns once it is refreshed.
	 */
	static void addTo(ConfigurableApplicationContext context, List<String> names) {
		Set<String> unread = Collections.synchronizedSet(new LinkedHashSet<>(names));
		MergedBeanDefinitionPostProcessor reader = (definition, type, beanName) -> ValueAnnotations
			.texts(definition, type)
			.forEach((text) -> unread.removeIf((name) -> SecretNames.isReferenced(name, text)));
		context.getBeanFactory().addBeanPostProcessor(reader);
		context.addApplicationListener((ContextRefreshedEvent event) -> {
			if (event.getApplicationContext() == context) {
				List.copyOf(unread).forEach((name) -> logger.warn(SecretNames.describeUnbindable(name)));
				unread.clear();
			}
		});
	}

}
