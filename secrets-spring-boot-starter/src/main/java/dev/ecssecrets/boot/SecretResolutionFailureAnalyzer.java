package dev.ecssecrets.boot;

import dev.ecssecrets.SecretResolutionException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows the report of a {@link SecretResolutionException}.
 */
class SecretResolutionFailureAnalyzer extends AbstractFailureAnalyzer<SecretResolutionException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SecretResolutionException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Apply the fix that is listed under each reason, or set the environment variable yourself: a secret that is"
						+ " already set is not fetched.",
				cause);
	}

}
