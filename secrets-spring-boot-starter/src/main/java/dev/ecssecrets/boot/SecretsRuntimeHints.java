// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;

/**
 * What a native image would leave out: the keys, which no bean has, and what is looked
 * for by its name. What the user's configuration names, such as a task definition on the
 * class path, nobody can know here.
 */
final class SecretsRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		BindableRuntimeHintsRegistrar.forTypes(SecretsProperties.class).registerHints(hints, classLoader);
		hints.reflection().registerType(SecretsProperties.class, (type) -> type.withField("timeout"));
		hints.reflection().registerType(LiveSecretEditor.class, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS);
		hints.reflection().registerTypeIfPresent(classLoader, OutdatedBeans.SPRING_CLOUD_EVENT);
		for (String className : SecretStores.OPTIONAL) {
			hints.resources().registerPattern(SecretStores.classFile(className));
		}
	}

}
