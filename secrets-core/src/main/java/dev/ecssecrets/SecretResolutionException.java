// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.function.Function;

/**
 * Thrown with all failures of a resolution. The message is a report for a person to read,
 * and never contains a value.
 *
 * @since 0.1.0
 */
public final class SecretResolutionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<SecretFailure> failures;

	/**
	 * Creates an exception whose report names no settings of an application.
	 */
	SecretResolutionException(int declared, List<SecretFailure> failures) {
		this(declared, failures, List.of(), (reason) -> "");
	}

	/**
	 * Creates an exception whose message lists failures, grouped by their reasons.
	 * @param declared how many secrets are declared
	 * @param failures the failures in the order of the report, at least one
	 * @param warnings what else was noticed, for a person to read: one sentence each,
	 * without a value
	 * @param fixes returns the fix for a reason in this application, such as the key to
	 * set, or an empty text. The report appends it to the description of the reason
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
