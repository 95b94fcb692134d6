// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.ecssecrets.PrintableText;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * Secrets that {@link TestSecrets @TestSecrets} gives. As a {@link ContextCustomizer}, it
 * makes tests with equal secrets share a context. It customizes nothing: customizers run
 * when the environment is ready, which is too late.
 *
 * @param values the values by the names of the secrets
 * @param localStack whether the values are in a LocalStack
 */
record GivenSecrets(Map<String, String> values, boolean localStack) implements ContextCustomizer {

	GivenSecrets {
		values = Map.copyOf(values);
	}

	/**
	 * Returns the secrets of a test class, or {@code null} without annotation.
	 */
	static @Nullable GivenSecrets to(Class<?> testClass) {
		TestSecrets annotation = TestContextAnnotationUtils.findMergedAnnotation(testClass, TestSecrets.class);
		if (annotation == null) {
			return null;
		}
		Map<String, String> values = new LinkedHashMap<>();
		for (String secret : annotation.value()) {
			int equals = secret.indexOf('=');
			if (equals <= 0) {
				throw new TestSecretsException("Entry " + (values.size() + 1) + " in @TestSecrets of "
						+ testClass.getName() + " does not have the form NAME=value.");
			}
			String name = secret.substring(0, equals);
			if (values.put(name, secret.substring(equals + 1)) != null) {
				throw new TestSecretsException(
						"@TestSecrets of " + testClass.getName() + " gives " + PrintableText.of(name) + " twice.");
			}
		}
		return new GivenSecrets(values, annotation.localStack());
	}

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
	}

	/**
	 * Returns the names without values: Spring's test framework logs them.
	 */
	@Override
	public String toString() {
		return "@TestSecrets of " + this.values.keySet() + (this.localStack ? " in a LocalStack" : "");
	}

}
