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
				"Do what is said below each reason. A secret that stands in the environment under its name is not fetched.",
				cause);
	}

}
