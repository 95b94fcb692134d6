// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows the report of a {@link SecretResolutionException}.
 */
class SecretResolutionFailureAnalyzer extends AbstractFailureAnalyzer<SecretResolutionException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SecretResolutionException cause) {
		boolean fetched = cause.failures().stream().anyMatch(SecretResolutionFailureAnalyzer::isOfStore);
		return new FailureAnalysis(cause.getMessage(),
				"Apply the fix listed under each reason." + (fetched
						? " Or set the environment variable yourself: secrets that are already set are not fetched."
						: "") + training(),
				cause);
	}

	private static String training() {
		String consequence = TrainingRun.consequence();
		return consequence.isEmpty() ? ""
				: consequence
						+ " To train without AWS, start with the option -Decs-secrets.store=placeholder, or set the"
						+ " environment variables to any values that fit.";
	}

	/**
	 * Returns whether setting the environment variable would avoid the failure.
	 */
	private static boolean isOfStore(SecretFailure failure) {
		return failure.reason() instanceof Reason && failure.reason() != Reason.INVALID_DECLARATION;
	}

}
