// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.List;

import dev.ecssecrets.PrintableText;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/**
 * Analyzer of placeholders in the values of secrets that Spring cannot resolve. Spring
 * Boot would print the stack trace, which has the value.
 */
final class SecretPlaceholderFailureAnalyzer extends AbstractFailureAnalyzer<PlaceholderResolutionException>
		implements Ordered {

	private final @Nullable BeanFactory beanFactory;

	private final @Nullable Environment environment;

	SecretPlaceholderFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, PlaceholderResolutionException cause) {
		FailureMask mask = FailureMask.of(this.beanFactory, this.environment);
		if (mask == null) {
			return null;
		}
		SecretStatus secret = null;
		String reference = "";
		// From the innermost value to those that refer to it.
		for (String value : cause.getValues()) {
			List<SecretStatus> secrets = mask.snapshot().withValue(value);
			if (!secrets.isEmpty()) {
				secret = secrets.get(0);
				reference = "";
			}
			else {
				reference += String.format("%n    Referenced by: \"%s\"", mask.snapshot().mask(value));
			}
		}
		return (secret == null) ? null : new FailureAnalysis(String.format("""
				Failed to resolve a placeholder in the value of the secret %s:%n
				    Value: "%s"
				    Origin: %s%s""", PrintableText.of(secret.name()), SecretsSnapshot.MASK, origin(secret), reference),
				"Define the property that the placeholder refers to, or change the secret. Spring replaces ${...}"
						+ " in the value of a secret, as in any property",
				mask.withoutMessages(rootFailure));
	}

	private static String origin(SecretStatus secret) {
		String origin = secret.declaration().origin();
		return (origin != null) ? PrintableText.of(origin) : "unknown place";
	}

}
