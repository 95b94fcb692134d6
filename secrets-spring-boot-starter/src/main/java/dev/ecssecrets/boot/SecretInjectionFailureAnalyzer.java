// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.Type;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.env.Environment;

/**
 * Analyzer of failed injections of secrets by {@code @Value}. Usually, the value cannot
 * be converted to the type. Spring Boot would print the stack trace, which has the value.
 */
final class SecretInjectionFailureAnalyzer extends AbstractInjectionFailureAnalyzer<UnsatisfiedDependencyException>
		implements Ordered {

	private final @Nullable BeanFactory beanFactory;

	private final @Nullable Environment environment;

	SecretInjectionFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnsatisfiedDependencyException cause,
			@Nullable String description) {
		InjectionPoint injectionPoint = cause.getInjectionPoint();
		Throwable reason = cause;
		while (reason.getCause() != null) {
			reason = reason.getCause();
			if (reason instanceof UnsatisfiedDependencyException unsatisfied) {
				injectionPoint = unsatisfied.getInjectionPoint();
			}
		}
		String value = (injectionPoint != null) ? value(injectionPoint) : null;
		FailureMask mask = (value != null) ? FailureMask.of(this.beanFactory, this.environment) : null;
		if (injectionPoint == null || value == null || mask == null || !mask.covers(value)) {
			return null;
		}
		return new FailureAnalysis(
				String.format("""
						Failed to inject @Value("%s") as %s:%n
						    Injection point: %s
						    Value: "%s"
						    Reason: %s (%s)""", mask.snapshot().mask(value), type(injectionPoint).getTypeName(),
						description, SecretsSnapshot.MASK, reason.getClass().getName(), FailureMask.LEFT_OUT),
				"Correct the secret, or change the type of the injection point", mask.withoutMessages(rootFailure));
	}

	private static @Nullable String value(InjectionPoint injectionPoint) {
		MergedAnnotation<Value> value = MergedAnnotations.from(injectionPoint.getAnnotations()).get(Value.class);
		if (!value.isPresent()) {
			value = MergedAnnotations.from(injectionPoint.getAnnotatedElement()).get(Value.class);
		}
		return value.getValue(MergedAnnotation.VALUE, String.class).orElse(null);
	}

	private static Type type(InjectionPoint injectionPoint) {
		return (injectionPoint.getField() != null) ? injectionPoint.getField().getGenericType()
				: Objects.requireNonNull(injectionPoint.getMethodParameter()).getGenericParameterType();
	}

}
