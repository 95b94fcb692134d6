// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SecretsActuatorProperties}.
 */
class SecretsActuatorPropertiesTests {

	@Test
	void maximumAgeWhenItHasNoUnitIsInSeconds() {
		assertThat(bind("90").maximumAge()).hasSeconds(90);
		assertThat(bind("90m").maximumAge()).hasMinutes(90);
	}

	@Test
	void maximumAgeWhenNotPositiveIsRefused() {
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> bind("0"))
			.havingRootCause()
			.withMessage("maximum-age must be positive; for no maximum, leave it out");
	}

	@Test
	void nativeImageCanBindKeys() {
		RuntimeHints hints = new RuntimeHints();
		AotServices.factories()
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter(SecretsActuatorRuntimeHints.class::isInstance)
			.forEach((registrar) -> registrar.registerHints(hints, getClass().getClassLoader()));
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(SecretsActuatorProperties.class.getDeclaredConstructors()[0])).accepts(hints);
	}

	private static SecretsActuatorProperties bind(String maximumAge) {
		return new Binder(new MapConfigurationPropertySource(Map.of("ecs-secrets.actuator.maximum-age", maximumAge)))
			.bind("ecs-secrets.actuator", SecretsActuatorProperties.class)
			.get();
	}

}
