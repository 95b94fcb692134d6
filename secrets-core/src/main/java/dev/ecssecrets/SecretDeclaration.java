// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import org.jspecify.annotations.Nullable;

/**
 * Entry of {@code secrets} as it was written. It is not checked before it is resolved, so
 * that an invalid entry is reported together with all other failures.
 *
 * @param name the name of the environment variable
 * @param valueFrom the location of the value, in one of the forms of
 * {@link SecretReference}
 * @param optional whether the secret is left out if its value does not exist; any other
 * failure is still reported
 * @param origin the place of the declaration, such as a file with line and column, or
 * {@code null} if it is not known
 * @param writtenValueFrom the {@code valueFrom} before placeholders in it were replaced.
 * Reports and logs show this one, because the value of a placeholder may be a secret.
 * Without placeholders it equals {@code valueFrom}
 * @since 0.1.0
 */
public record SecretDeclaration(String name, String valueFrom, boolean optional, @Nullable String origin,
		String writtenValueFrom) {

	/**
	 * Creates a declaration that is not optional and has no known origin.
	 * @param name the name of the environment variable
	 * @param valueFrom the location of the value
	 */
	public SecretDeclaration(String name, String valueFrom) {
		this(name, valueFrom, false, null);
	}

	/**
	 * Creates a declaration without placeholders.
	 * @param name the name of the environment variable
	 * @param valueFrom the location of the value
	 * @param optional whether the secret is left out if its value does not exist
	 * @param origin the place of the declaration, or {@code null} if it is not known
	 */
	public SecretDeclaration(String name, String valueFrom, boolean optional, @Nullable String origin) {
		this(name, valueFrom, optional, origin, valueFrom);
	}

	/**
	 * Returns whether placeholders in the {@code valueFrom} were replaced.
	 */
	boolean hadPlaceholder() {
		return !this.valueFrom.equals(this.writtenValueFrom);
	}

	/**
	 * Returns the declaration for a person to read, without the values of placeholders.
	 */
	@Override
	public String toString() {
		return PrintableText.of(this.name + " from '" + this.writtenValueFrom + "'"
				+ ((this.origin != null) ? " at " + this.origin : ""));
	}

}
