// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzer that shows the message of a {@link TestSecretsException}.
 */
final class TestSecretsFailureAnalyzer extends AbstractFailureAnalyzer<TestSecretsException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, TestSecretsException cause) {
		return new FailureAnalysis(cause.getMessage(), null, cause);
	}

}
