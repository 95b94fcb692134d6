package dev.ecssecrets;

import java.util.List;

/**
 * Everything that failed in one resolution. The message is a report for a person to read;
 * it never holds a value.
 */
public final class SecretResolutionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<SecretFailure> failures;

	SecretResolutionException(int declared, List<SecretFailure> failures) {
		super(SecretFailureReport.of(declared, failures));
		this.failures = List.copyOf(failures);
	}

	/**
	 * Returns the failures.
	 * @return the failures in the order of the declarations, at least one
	 */
	public List<SecretFailure> failures() {
		return this.failures;
	}

}
