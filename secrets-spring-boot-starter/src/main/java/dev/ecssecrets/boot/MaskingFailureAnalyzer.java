// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Analyzer that masks secrets in the analyses of others, such as Spring Boot's analyses
 * of failed binds and validations, and in stack traces without an analysis. Failures that
 * contain no secret remain unchanged.
 */
final class MaskingFailureAnalyzer implements FailureAnalyzer, Ordered {

	private static final Log logger = LogFactory.getLog(MaskingFailureAnalyzer.class);

	private final @Nullable BeanFactory beanFactory;

	private final @Nullable Environment environment;

	MaskingFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		FailureMask mask = FailureMask.of(this.beanFactory, this.environment);
		if (mask == null || this.beanFactory == null || this.environment == null) {
			return null;
		}
		FailureAnalysis analysis = analyzeByOthers(failure, this.beanFactory, this.environment);
		if (analysis == null) {
			return mask.isQuotedBy(failure) ? analyzeStackTrace(mask.mask(failure)) : null;
		}
		return mask(analysis, mask, maskProperties(analysis.getDescription(), failure, mask));
	}

	private static @Nullable FailureAnalysis mask(FailureAnalysis analysis, FailureMask mask, String description) {
		boolean ofSecret = !description.equals(analysis.getDescription());
		String masked = mask.snapshot().mask(description);
		String action = (analysis.getAction() != null) ? mask.snapshot().mask(analysis.getAction()) : null;
		if (masked.equals(analysis.getDescription()) && Objects.equals(action, analysis.getAction())
				&& !mask.isQuotedBy(analysis.getCause())) {
			return null;
		}
		// Spring Boot logs it at DEBUG.
		Exception cause = ofSecret ? mask.withoutMessages(analysis.getCause()) : mask.mask(analysis.getCause());
		return new FailureAnalysis(masked, action, cause);
	}

	private static @Nullable FailureAnalysis analyzeByOthers(Throwable failure, BeanFactory beanFactory,
			Environment environment) {
		ClassLoader classLoader = (beanFactory instanceof ConfigurableBeanFactory configurable)
				? configurable.getBeanClassLoader() : null;
		ArgumentResolver arguments = ArgumentResolver.of(BeanFactory.class, beanFactory)
			.and(Environment.class, environment);
		for (FailureAnalyzer analyzer : SpringFactoriesLoader.forDefaultResourceLocation(classLoader)
			.load(FailureAnalyzer.class, arguments, FailureHandler.logging(logger))) {
			FailureAnalysis analysis = (analyzer instanceof MaskingFailureAnalyzer) ? null : analyze(failure, analyzer);
			if (analysis != null) {
				return analysis;
			}
		}
		return null;
	}

	private static @Nullable FailureAnalysis analyze(Throwable failure, FailureAnalyzer analyzer) {
		try {
			return analyzer.analyze(failure);
		}
		catch (Throwable ex) {
			// As Spring Boot does.
			logger.trace("An analyzer has failed: " + analyzer.getClass().getName());
			return null;
		}
	}

	private static FailureAnalysis analyzeStackTrace(Throwable masked) {
		StringWriter stackTrace = new StringWriter();
		masked.printStackTrace(new PrintWriter(stackTrace));
		return new FailureAnalysis(String.format(
				"Startup failed with an exception that contains a secret. The secret is masked below:%n%n%s",
				stackTrace), null, masked);
	}

	/**
	 * Masks values of secrets that are too short to recognize in a text, or that have
	 * been converted.
	 */
	private static String maskProperties(String description, Throwable failure, FailureMask mask) {
		String masked = description;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof BindException bind) {
				masked = maskProperty(masked, bind, mask);
			}
			if (cause instanceof BindValidationException validation) {
				masked = maskErrors(masked, validation.getValidationErrors(), mask);
			}
		}
		return masked;
	}

	private static String maskProperty(String description, BindException bind, FailureMask mask) {
		ConfigurationProperty property = bind.getProperty();
		if (property == null || !mask.covers(property.getName())) {
			return description;
		}
		String value = property.getValue().toString();
		String masked = mask.snapshot().withValue(value).isEmpty() ? description : maskValue(description, value);
		Throwable root = NestedExceptionUtils.getRootCause(bind);
		if (root == null || root instanceof MaskedException) {
			return masked;
		}
		String type = root.getClass().getName();
		return masked.replace(type + ": " + root.getMessage(), type + " (" + FailureMask.LEFT_OUT + ")");
	}

	private static String maskErrors(String description, ValidationErrors errors, FailureMask mask) {
		String masked = description;
		for (ObjectError error : errors) {
			if (error instanceof FieldError field && field.getRejectedValue() != null
					&& mask.covers(name(errors.getName(), field))) {
				String value = field.getRejectedValue().toString();
				String message = String.valueOf(field.getDefaultMessage());
				masked = maskValue(masked, value);
				masked = message.contains(value)
						? masked.replace("Reason: " + message, "Reason: " + FailureMask.LEFT_OUT) : masked;
			}
		}
		return masked;
	}

	private static String maskValue(String description, String value) {
		return description.replace("Value: \"" + value + "\"", "Value: \"" + SecretsSnapshot.MASK + "\"");
	}

	static ConfigurationPropertyName name(ConfigurationPropertyName prefix, FieldError error) {
		return prefix
			.append(ConfigurationPropertyName.adapt(DataObjectPropertyName.toDashedForm(error.getField()), '.'));
	}

}
