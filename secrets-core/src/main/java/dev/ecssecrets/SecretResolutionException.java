package dev.ecssecrets;

import java.util.List;
import java.util.function.Function;

/**
 * Everything that failed in one resolution. The message is a report for a person to read;
 * it never holds a value.
 */
public final class SecretResolutionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<SecretFailure> failures;

	/**
	 * Creates an exception of a resolution without settings that the report could name.
	 */
	SecretResolutionException(int declared, List<SecretFailure> failures) {
		this(declared, failures, List.of(), (reason) -> "");
	}

	/**
	 * Creates an exception whose message lists failures, grouped by their reasons.
	 * @param declared how many secrets are declared
	 * @param failures the failures in the order in which they are reported, at least one
	 * @param warnings what else was noticed, for a person to read: one sentence each,
	 * without a value
	 * @param fixes returns what to do about a reason in the application that reports it,
	 * such as which key to set. The report adds it to the reason's description; it is
	 * empty if there is nothing to add
	 */
	public SecretResolutionException(int declared, List<SecretFailure> failures, List<String> warnings,
			Function<? super FailureReason, String> fixes) {
		super(SecretFailureReport.of(declared, failures, warnings, fixes));
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
