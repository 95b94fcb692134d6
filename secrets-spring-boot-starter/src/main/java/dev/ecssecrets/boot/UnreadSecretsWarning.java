package dev.ecssecrets.boot;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * Warning of secrets whose names bind to no property, and that no {@code @Value} of a
 * bean reads either. Only an application that declares such a name has it.
 */
final class UnreadSecretsWarning
		implements MergedBeanDefinitionPostProcessor, ApplicationListener<ContextRefreshedEvent> {

	private static final Log logger = LogFactory.getLog(UnreadSecretsWarning.class);

	private final ConfigurableApplicationContext context;

	private final Set<String> unread;

	private UnreadSecretsWarning(ConfigurableApplicationContext context, List<String> names) {
		this.context = context;
		this.unread = new LinkedHashSet<>(names);
	}

	static void addTo(ConfigurableApplicationContext context, List<String> names) {
		UnreadSecretsWarning warning = new UnreadSecretsWarning(context, names);
		context.getBeanFactory().addBeanPostProcessor(warning);
		context.addApplicationListener(warning);
	}

	@Override
	public void postProcessMergedBeanDefinition(RootBeanDefinition beanDefinition, Class<?> beanType, String beanName) {
		Method factoryMethod = beanDefinition.getResolvedFactoryMethod();
		if (factoryMethod != null) {
			readParameters(factoryMethod);
		}
		ReflectionUtils.doWithFields(beanType, this::read);
		ReflectionUtils.doWithMethods(beanType, (method) -> {
			read(method);
			readParameters(method);
		});
		List.of(beanType.getDeclaredConstructors()).forEach(this::readParameters);
	}

	private void readParameters(Executable executable) {
		for (Annotation[] annotations : executable.getParameterAnnotations()) {
			read(MergedAnnotations.from(annotations));
		}
	}

	private void read(AnnotatedElement element) {
		read(MergedAnnotations.from(element));
	}

	private void read(MergedAnnotations annotations) {
		String text = annotations.get(Value.class).getValue(MergedAnnotation.VALUE, String.class).orElse("");
		synchronized (this.unread) {
			this.unread.removeIf((name) -> SecretNames.isReferenced(name, text));
		}
	}

	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (event.getApplicationContext() == this.context) {
			synchronized (this.unread) {
				this.unread.forEach((name) -> logger.warn(SecretNames.describeUnbindable(name)));
				this.unread.clear();
			}
		}
	}

}
