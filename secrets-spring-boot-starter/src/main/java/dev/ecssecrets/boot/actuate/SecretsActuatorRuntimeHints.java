// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;

/**
 * Hints for {@link SecretsActuatorProperties}. An annotation of the auto-configuration
 * would be loaded by each start, whether or not it is processed ahead of time.
 */
final class SecretsActuatorRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		BindableRuntimeHintsRegistrar.forTypes(SecretsActuatorProperties.class).registerHints(hints, classLoader);
	}

}
