// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import dev.ecssecrets.SecretLocation.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Declared secret that the environment does not have, so that its value is fetched.
 *
 * @param declaration the declaration
 * @param reference the parsed {@code valueFrom}
 */
record MissingSecret(SecretDeclaration declaration, SecretReference reference) {

	SecretLocation location() {
		return this.reference.location();
	}

	/**
	 * Replaces the {@code valueFrom} in a text with the one that was written, as a value
	 * in the place of a placeholder may be a secret. An ARN is not.
	 */
	String asWritten(String text) {
		if (!this.declaration.hadPlaceholder() || location().arn() != null) {
			return text;
		}
		String id = location().id();
		String path = id.startsWith("/") ? id.substring(1) : id;
		String written = this.declaration.writtenValueFrom();
		return text.replace(id, written).replace(path, written);
	}

	/**
	 * Returns the parameter whose name differs only in the leading slash. It is another
	 * parameter, and often confused with this one.
	 * @return the parameter, or {@code null} if this secret is not declared by the plain
	 * name of a parameter
	 */
	@Nullable Parameter withOtherSlash() {
		if (!(location() instanceof Parameter parameter) || parameter.arn() != null
				|| parameter.name().lastIndexOf('/') > 0) {
			return null;
		}
		String name = parameter.name();
		return new Parameter(name.startsWith("/") ? name.substring(1) : "/" + name, null);
	}

	/**
	 * Describes the parameter with the other slash, without a value in the place of a
	 * placeholder.
	 */
	String describe(Parameter other) {
		if (this.declaration.hadPlaceholder()) {
			return (other.name().startsWith("/") ? "with" : "without") + " a leading slash";
		}
		return "named '" + other.name() + "'";
	}

	/**
	 * Returns a hint for a plain name, which may be that of a secret.
	 */
	String hintAtSecret() {
		return location().id().startsWith("/") ? ""
				: ". To refer to a secret in Secrets Manager, use its ARN: a plain name refers to a parameter";
	}

}
