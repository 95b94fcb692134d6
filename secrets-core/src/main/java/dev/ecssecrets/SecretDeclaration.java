package dev.ecssecrets;

import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code secrets} as it was written. It is checked only when it is resolved,
 * so that a bad one is reported together with everything else that fails.
 *
 * @param name the name of the environment variable
 * @param valueFrom where the value is, in one of the forms of {@link SecretReference}
 * @param optional whether a value that does not exist is left out; any other failure
 * still fails
 * @param origin where the declaration stands, such as a file with line and column, or
 * {@code null} if that is not known
 * @param writtenValueFrom the {@code valueFrom} before placeholders in it were replaced.
 * Reports and logs show this one: what replaced a placeholder may be a secret. Without
 * placeholders it equals {@code valueFrom}
 */
public record SecretDeclaration(String name, String valueFrom, boolean optional, @Nullable String origin,
		String writtenValueFrom) {

	/**
	 * Creates a declaration that is not optional and of no known origin.
	 * @param name the name of the environment variable
	 * @param valueFrom where the value is
	 */
	public SecretDeclaration(String name, String valueFrom) {
		this(name, valueFrom, false, null);
	}

	/**
	 * Creates a declaration without placeholders.
	 * @param name the name of the environment variable
	 * @param valueFrom where the value is
	 * @param optional whether a value that does not exist is left out
	 * @param origin where the declaration stands, or {@code null} if that is not known
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
	 * Returns the declaration for a person to read, without what replaced a placeholder.
	 */
	@Override
	public String toString() {
		return PrintableText.of(this.name + " from '" + this.writtenValueFrom + "'"
				+ ((this.origin != null) ? " at " + this.origin : ""));
	}

}
