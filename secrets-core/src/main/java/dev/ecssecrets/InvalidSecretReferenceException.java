package dev.ecssecrets;

/**
 * A {@code valueFrom} that ECS would not take.
 */
public final class InvalidSecretReferenceException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String valueFrom;

	private final String expected;

	InvalidSecretReferenceException(String valueFrom, String expected) {
		super("'" + valueFrom + "' is not a valueFrom that ECS takes; expected " + expected);
		this.valueFrom = valueFrom;
		this.expected = expected;
	}

	/**
	 * Returns the text.
	 * @return the {@code valueFrom} as it was declared
	 */
	public String valueFrom() {
		return this.valueFrom;
	}

	/**
	 * Returns what it should have been.
	 * @return a phrase that says what was expected
	 */
	public String expected() {
		return this.expected;
	}

}
