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
 */
public record SecretDeclaration(String name, String valueFrom, boolean optional, @Nullable String origin) {

	/**
	 * Creates a declaration that is not optional and of no known origin.
	 * @param name the name of the environment variable
	 * @param valueFrom where the value is
	 */
	public SecretDeclaration(String name, String valueFrom) {
		this(name, valueFrom, false, null);
	}

}
