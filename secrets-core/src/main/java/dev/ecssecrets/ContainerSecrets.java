// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * Secrets of a container in a task definition.
 *
 * @param container the name of the container; empty if it has none, {@code null} if the
 * secrets do not belong to a container
 * @param secrets the declarations
 * @param warnings what ECS refuses in the container, or ignores
 */
record ContainerSecrets(@Nullable String container, List<SecretDeclaration> secrets, List<String> warnings) {

	static final ContainerSecrets EMPTY = new ContainerSecrets(null, List.of(), List.of());

	ContainerSecrets {
		secrets = List.copyOf(secrets);
		warnings = List.copyOf(warnings);
	}

	/**
	 * Returns the same secrets with a part of their text replaced.
	 */
	ContainerSecrets replace(UnaryOperator<String> placeholders) {
		List<SecretDeclaration> replaced = this.secrets.stream()
			.map((secret) -> new SecretDeclaration(placeholders.apply(secret.name()),
					placeholders.apply(secret.valueFrom()), secret.optional(), secret.origin(), secret.valueFrom()))
			.toList();
		return new ContainerSecrets((this.container != null) ? placeholders.apply(this.container) : null, replaced,
				this.warnings);
	}

	/**
	 * Returns the container with the number of its secrets.
	 */
	@Override
	public String toString() {
		return PrintableText.of(String.valueOf(this.container)) + " (" + this.secrets.size() + ")";
	}

	/**
	 * Returns whether these are the secrets of a container, which they are of any if they
	 * do not belong to one.
	 */
	boolean isOf(String name) {
		return this.container == null || this.container.equals(name);
	}

}
