// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.boot.SecretsProperties.Store;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Analyzer of a {@link TrainingRun} that fails because the application expects another
 * form of a secret than a placeholder has, such as a number.
 */
final class PlaceholderFailureAnalyzer implements FailureAnalyzer, Ordered {

	private final @Nullable BeanFactory beanFactory;

	private final @Nullable Environment environment;

	PlaceholderFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		FailureMask mask = FailureMask.of(this.beanFactory, this.environment);
		if (mask == null || mask.snapshot().properties().store() != Store.PLACEHOLDER) {
			return null;
		}
		Set<String> names = new TreeSet<>();
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			names.addAll(mask.snapshot().fetchedNamesIn(cause.getMessage() + "\n" + boundValues(cause, mask)));
		}
		if (names.isEmpty()) {
			return null;
		}
		String listed = PrintableText.of(String.join(", ", names));
		String variables = (names.size() == 1) ? "the environment variable " + listed + " to a value that fits. It need"
				: "the environment variables " + listed + " to values that fit. They need";
		return new FailureAnalysis(
				"The application cannot start with the placeholder for " + listed + "." + properties(failure)
						+ "\n\n    Reason: " + root(failure) + " (" + FailureMask.LEFT_OUT + ")",
				"For the training run, set " + variables + " not be real." + TrainingRun.consequence(),
				mask.withoutMessages(failure));
	}

	/**
	 * Returns the values of the properties that could not be bound or are not valid: the
	 * failure has them as they are written, such as <code>${NAME}</code>.
	 */
	private static String boundValues(Throwable failure, FailureMask mask) {
		StringBuilder values = new StringBuilder();
		for (String property : failedProperties(failure)) {
			values.append(mask.bind(property)).append('\n');
		}
		return values.toString();
	}

	private static List<String> failedProperties(Throwable failure) {
		List<String> names = new ArrayList<>();
		if (failure instanceof BindException bind) {
			names.add(bind.getName().toString());
			if (bind.getProperty() != null) {
				names.add(bind.getProperty().getName().toString());
			}
		}
		if (failure instanceof BindValidationException validation) {
			ValidationErrors errors = validation.getValidationErrors();
			for (ObjectError error : errors) {
				if (error instanceof FieldError field) {
					names.add(MaskingFailureAnalyzer.name(errors.getName(), field).toString());
				}
			}
		}
		return names;
	}

	private static String properties(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			List<String> names = failedProperties(cause);
			if (!names.isEmpty()) {
				return "\n\n    Property: " + names.get(names.size() - 1);
			}
		}
		return "";
	}

	/**
	 * Returns the type of the deepest cause that has kept its type.
	 */
	private static String root(Throwable failure) {
		String root = failure.getClass().getName();
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			root = (cause instanceof MaskedException) ? root : cause.getClass().getName();
		}
		return root;
	}

}
