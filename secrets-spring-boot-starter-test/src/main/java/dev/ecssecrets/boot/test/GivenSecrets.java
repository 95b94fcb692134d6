package dev.ecssecrets.boot.test;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * What {@link TestSecrets @TestSecrets} gives. It is a {@link ContextCustomizer} that
 * customizes nothing, so that contexts are shared where it is equal: customizers run when
 * the environment is ready, which is too late.
 *
 * @param values the values by the names of the secrets
 * @param localStack whether they stand in a LocalStack
 */
record GivenSecrets(Map<String, String> values, boolean localStack) implements ContextCustomizer {

	GivenSecrets {
		values = Map.copyOf(values);
	}

	/**
	 * Returns what is given to the tests of a class, or {@code null} without annotation.
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
				throw new IllegalStateException("@TestSecrets of " + testClass.getName()
						+ " has an entry that is not of the form NAME=value (number " + (values.size() + 1) + ")");
			}
			String name = secret.substring(0, equals);
			if (values.put(name, secret.substring(equals + 1)) != null) {
				throw new IllegalStateException("@TestSecrets of " + testClass.getName() + " has " + name + " twice");
			}
		}
		return new GivenSecrets(values, annotation.localStack());
	}

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
	}

	/**
	 * Has the names only: Spring's test framework logs it.
	 */
	@Override
	public String toString() {
		return "@TestSecrets of " + this.values.keySet() + (this.localStack ? " in a LocalStack" : "");
	}

}
