// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * The {@code @Value} annotations of a bean: of its fields, methods, constructors and
 * factory method.
 */
final class ValueAnnotations {

	private ValueAnnotations() {
	}

	/**
	 * Returns the texts of all annotations, with their placeholders. Those of a
	 * {@link LiveSecret} do not count, as it follows.
	 */
	static List<String> texts(RootBeanDefinition definition, Class<?> type) {
		List<String> texts = new ArrayList<>();
		Method factoryMethod = definition.getResolvedFactoryMethod();
		if (factoryMethod != null) {
			addParameters(factoryMethod, texts);
		}
		ReflectionUtils.doWithFields(type, (field) -> add(MergedAnnotations.from(field), texts),
				(field) -> field.getType() != LiveSecret.class);
		ReflectionUtils.doWithMethods(type, (method) -> {
			add(MergedAnnotations.from(method), texts);
			addParameters(method, texts);
		});
		List.of(type.getDeclaredConstructors()).forEach((constructor) -> addParameters(constructor, texts));
		return texts;
	}

	private static void addParameters(Executable executable, List<String> texts) {
		for (Parameter parameter : executable.getParameters()) {
			if (parameter.getType() != LiveSecret.class) {
				add(MergedAnnotations.from(parameter), texts);
			}
		}
	}

	private static void add(MergedAnnotations annotations, List<String> texts) {
		annotations.get(Value.class).getValue(MergedAnnotation.VALUE, String.class).ifPresent(texts::add);
	}

}
