package dev.ecssecrets;

import java.util.Map;

/**
 * The value of a secret. Only {@link #reveal()} shows it: it has no {@code toString},
 * {@code equals} or {@code hashCode} that would tell anything of it.
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
	 * Returns whether another value is the same, which {@code equals} does not tell.
	 */
	boolean isSameAs(SecretValue other) {
		return this.value.equals(other.value);
	}

	/**
	 * Returns whether no environment variable can hold the value.
	 */
	boolean hasNul() {
		return this.value.indexOf('\0') >= 0;
	}

	/**
	 * Returns the members of the JSON object that the value is.
	 * @throws GoJson.SyntaxException if it is none
	 */
	Map<String, GoJson> members() {
		return GoJson.members(this.value);
	}

	@Override
	public String toString() {
		return "******";
	}

}
