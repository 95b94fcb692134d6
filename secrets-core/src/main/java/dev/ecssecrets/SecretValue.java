// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Map;

/**
 * Value of a secret. Only {@link #reveal()} returns it. {@code toString} masks it, and
 * {@code equals} and {@code hashCode} are those of the instance, not of the value.
 * Instances are immutable.
 *
 * @since 0.1.0
 */
public final class SecretValue {

	private final String value;

	private SecretValue(String value) {
		this.value = value;
	}

	/**
	 * Wraps a value.
	 * @param value the value
	 * @return the wrapped value
	 */
	public static SecretValue of(String value) {
		return new SecretValue(value);
	}

	/**
	 * Returns the value.
	 * @return the value, possibly empty
	 */
	public String reveal() {
		return this.value;
	}

	/**
	 * Returns whether the value has a NUL character, which no environment variable can
	 * have.
	 */
	boolean hasNul() {
		return this.value.indexOf('\0') >= 0;
	}

	/**
	 * Parses the value as a JSON object.
	 * @throws JsonSyntax.SyntaxException if the value is not a JSON object
	 */
	Map<String, GoJson> members() {
		return GoJson.members(this.value);
	}

	@Override
	public String toString() {
		return "******";
	}

}
