// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;

/**
 * Factory that makes {@link TestSecrets @TestSecrets} a part of the key under which
 * application contexts are cached.
 */
class TestSecretsContextCustomizerFactory implements ContextCustomizerFactory {

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> configAttributes) {
		return GivenSecrets.to(testClass);
	}

}
