package dev.ecssecrets.boot;

import java.lang.annotation.Annotation;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * Warning of secrets whose names bind to no property, and that no {@code @Value} of a
 * bean reads either. Only an application that declares such a name has it.
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
		MergedBeanDefinitionPostProcessor reader = (definition, type, beanName) -> texts(definition, type)
			.forEach((text) -> unread.removeIf((name) -> SecretNames.isReferenced(name, text)));
		context.getBeanFactory().addBeanPostProcessor(reader);
		context.addApplicationListener((ContextRefreshedEvent event) -> {
			if (event.getApplicationContext() == context) {
				List.copyOf(unread).forEach((name) -> logger.warn(SecretNames.describeUnbindable(name)));
				unread.clear();
			}
		});
	}

	/**
	 * Returns the texts of all {@code @Value} annotations of a bean.
	 */
	private static List<String> texts(RootBeanDefinition definition, Class<?> type) {
		List<String> texts = new ArrayList<>();
		Method factoryMethod = definition.getResolvedFactoryMethod();
		if (factoryMethod != null) {
			addParameters(factoryMethod, texts);
		}
		ReflectionUtils.doWithFields(type, (field) -> add(MergedAnnotations.from(field), texts));
		ReflectionUtils.doWithMethods(type, (method) -> {
			add(MergedAnnotations.from(method), texts);
			addParameters(method, texts);
		});
		List.of(type.getDeclaredConstructors()).forEach((constructor) -> addParameters(constructor, texts));
		return texts;
	}

	private static void addParameters(Executable executable, List<String> texts) {
		for (Annotation[] annotations : executable.getParameterAnnotations()) {
			add(MergedAnnotations.from(annotations), texts);
		}
	}

	private static void add(MergedAnnotations annotations, List<String> texts) {
		annotations.get(Value.class).getValue(MergedAnnotation.VALUE, String.class).ifPresent(texts::add);
	}

}
