// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.Ordered;

/**
 * Analyzer of a {@link LiveSecret} that cannot be bound or injected.
 */
final class LiveSecretFailureAnalyzer extends AbstractInjectionFailureAnalyzer<LiveSecretConversionException>
		implements Ordered {

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LiveSecretConversionException cause,
			@Nullable String description) {
		BindException bind = findCause(rootFailure, BindException.class);
		String place = (bind != null) ? "\n\n    Property: " + bind.getName()
				: (description != null) ? "\n\n    Injection point: " + description : "";
		return new FailureAnalysis(LiveSecretConversionException.REASON + "." + place,
				LiveSecretConversionException.ACTION, cause);
	}

}
