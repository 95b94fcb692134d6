// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.Constructor;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.boot.test.context.FilteredClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretsRuntimeHints}.
 */
class SecretsRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@BeforeEach
	void register() {
		RuntimeHintsRegistrar registrar = AotServices.factories()
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter(SecretsRuntimeHints.class::isInstance)
			.findFirst()
			.orElseThrow();
		registrar.registerHints(this.hints, getClass().getClassLoader());
	}

	@Test
	void keysCanBeBound() {
		assertThat(Stream.concat(Stream.of(SecretsProperties.class),
				Stream.of(SecretsProperties.class.getDeclaredClasses()).filter(Class::isRecord)))
			.hasSize(5)
			.allSatisfy((type) -> {
				Constructor<?> constructor = type.getDeclaredConstructors()[0];
				assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(constructor))
					.accepts(this.hints);
			});
	}

	@Test
	void timeoutHasItsUnit() {
		assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(SecretsProperties.class, "timeout"))
			.accepts(this.hints);
	}

	@Test
	void optionalLibrariesAreFound() {
		assertThat(SecretStores.OPTIONAL).isNotEmpty()
			.allSatisfy((type) -> assertThat(
					RuntimeHintsPredicates.resource().forResource(type.replace('.', '/') + ".class"))
				.accepts(this.hints));
	}

	@Test
	void springCloudWhenPresentIsFound() {
		TypeReference event = TypeReference.of(OutdatedBeans.SPRING_CLOUD_EVENT);
		assertThat(RuntimeHintsPredicates.reflection().onType(event)).accepts(this.hints);
		RuntimeHints without = new RuntimeHints();
		new SecretsRuntimeHints().registerHints(without, new FilteredClassLoader("org.springframework.cloud"));
		assertThat(RuntimeHintsPredicates.reflection().onType(event)).rejects(without);
	}

}
