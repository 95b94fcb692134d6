package dev.ecssecrets;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Secrets of a container in a task definition.
 *
 * @param container the name of the container; empty if it has none, {@code null} if the
 * secrets do not belong to a container
 * @param secrets the declarations
 * @param warnings what ECS refuses in the container
 */
record ContainerSecrets(@Nullable String container, List<SecretDeclaration> secrets, List<String> warnings) {

	static final ContainerSecrets EMPTY = new ContainerSecrets(null, List.of(), List.of());

	ContainerSecrets {
		secrets = List.copyOf(secrets);
		warnings = List.copyOf(warnings);
	}

	/**
	 * Returns whether these are the secrets of a container, which they are of any if they
	 * do not belong to one.
	 */
	boolean isOf(String name) {
		return this.container == null || this.container.equals(name);
	}

}
