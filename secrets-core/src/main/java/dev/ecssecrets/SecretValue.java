package dev.ecssecrets;

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

	@Override
	public String toString() {
		return "******";
	}

}
