package dev.ecssecrets.boot;

import java.util.Set;
import java.util.TreeSet;

import dev.ecssecrets.PlaceholderSecretStore;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.boot.SecretsProperties.Store;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

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
		// The deepest one that quotes a placeholder: the message of another one may have
		// anything.
		Throwable reason = null;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (addNames(cause, mask.snapshot(), names)) {
				reason = cause;
			}
		}
		if (reason == null) {
			return null;
		}
		String listed = PrintableText.of(String.join(", ", names));
		return new FailureAnalysis(
				"The application cannot start with the placeholder for " + listed + ":\n\n    " + property(failure)
						+ reason.getClass().getName() + ": "
						+ mask.snapshot().mask(String.valueOf(reason.getMessage())),
				"For the training run, set the environment variable " + listed
						+ " to a value that fits. It need not be the real one.",
				mask.mask(failure));
	}

	private static boolean addNames(Throwable failure, SecretsSnapshot snapshot, Set<String> names) {
		boolean quoted = false;
		String text = failure.getMessage() + "\n"
				+ ((failure instanceof BindException bind && bind.getProperty() != null) ? bind.getProperty().getValue()
						: "");
		for (SecretStatus secret : snapshot.secrets()) {
			if (quotesPlaceholder(text, secret.name())) {
				names.add(secret.name());
				quoted = true;
			}
		}
		return quoted;
	}

	static boolean quotesPlaceholder(String text, String name) {
		String placeholder = PlaceholderSecretStore.placeholder(name);
		for (int start = text.indexOf(placeholder); start >= 0; start = text.indexOf(placeholder, start + 1)) {
			int end = start + placeholder.length();
			if (end == text.length() || !Character.isJavaIdentifierPart(text.charAt(end))) {
				return true;
			}
		}
		return false;
	}

	private static String property(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof BindException bind) {
				return "Property: " + bind.getName() + "\n    ";
			}
		}
		return "";
	}

}
