package dev.ecssecrets;

import java.util.Map;

/**
 * Value of a secret. Only {@link #reveal()} shows it: {@code toString} masks it, and
 * {@code equals} and {@code hashCode} are those of the instance, not of the value.
 * Instances are immutable.
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
	 * Returns whether no environment variable can hold the value.
	 */
	boolean hasNul() {
		return this.value.indexOf('\0') >= 0;
	}

	/**
	 * Returns the members of the JSON object that the value is.
	 * @throws JsonSyntax.SyntaxException if it is none
	 */
	Map<String, GoJson> members() {
		return GoJson.members(this.value);
	}

	@Override
	public String toString() {
		return "******";
	}

}
