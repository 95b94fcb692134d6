// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Mask for what a failure may print of declared secrets, fetched or injected. It is made
 * after the failure, as it costs something.
 */
final class FailureMask {

	static final String LEFT_OUT = "the message is omitted, because it may contain a secret";

	private final SecretsSnapshot snapshot;

	private final CredentialProperties properties;

	FailureMask(SecretsSnapshot snapshot, ConfigurableEnvironment environment) {
		this.snapshot = snapshot;
		this.properties = CredentialProperties.ofAllSecrets(environment, snapshot);
	}

	/**
	 * Returns the mask for an application that does not start.
	 * @param beanFactory its bean factory, or {@code null} if there is none yet
	 * @param environment its environment, or {@code null} if there is none yet
	 * @return the mask, or {@code null} if no secrets are declared
	 */
	static @Nullable FailureMask of(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		Secrets secrets = (beanFactory != null) ? SecretsBean.find(beanFactory) : null;
		return (secrets != null && environment instanceof ConfigurableEnvironment configurable)
				? new FailureMask(secrets.current(), configurable) : null;
	}

	SecretsSnapshot snapshot() {
		return this.snapshot;
	}

	/**
	 * Returns whether the value of a property comes from a secret.
	 */
	boolean covers(ConfigurationPropertyName property) {
		return !property.isEmpty() && this.properties.referencesSecret(property);
	}

	/**
	 * Returns the value of a property, or {@code null} if there is none.
	 */
	@Nullable String bind(String property) {
		return this.properties.bind(property);
	}

	/**
	 * Returns whether a text with placeholders refers to a secret.
	 */
	boolean covers(String text) {
		return this.properties.textReferencesSecret(text);
	}

	/**
	 * Returns whether a message of an exception, or of a cause, contains a secret.
	 */
	boolean isQuotedBy(Throwable exception) {
		return all(exception, identitySet()).map(Throwable::getMessage)
			.anyMatch((message) -> message != null && !this.snapshot.mask(message).equals(message));
	}

	private static Stream<Throwable> all(Throwable exception, Set<Throwable> known) {
		return !known.add(exception) ? Stream.empty()
				: Stream.concat(Stream.of(exception),
						Stream.concat(Stream.ofNullable(exception.getCause()), Stream.of(exception.getSuppressed()))
							.flatMap((next) -> all(next, known)));
	}

	/**
	 * Returns a stand-in for an exception and its causes, which has their types, where
	 * they were thrown, and their messages with a mask for each secret.
	 */
	Exception mask(Throwable exception) {
		return standIn(exception, (message) -> ": " + this.snapshot.mask(message), identitySet());
	}

	/**
	 * Returns a stand-in without the messages, which may quote a part of a secret, or
	 * what was made of it.
	 */
	Exception withoutMessages(Throwable exception) {
		return standIn(exception, (message) -> " (" + LEFT_OUT + ")", identitySet());
	}

	/**
	 * Keeps the type of a failed conversion, from which Spring Boot finds out what would
	 * be valid, and that which says how to declare a {@link LiveSecret}.
	 */
	private static Exception standIn(Throwable exception, UnaryOperator<String> messages, Set<Throwable> known) {
		if (exception instanceof LiveSecretConversionException withoutValue) {
			return withoutValue;
		}
		known.add(exception);
		Throwable next = exception.getCause();
		Exception cause = (next != null && !known.contains(next)) ? standIn(next, messages, known) : null;
		String message = exception.getMessage();
		Exception standIn = (exception instanceof ConversionFailedException failed && cause != null)
				? new ConversionFailedException(failed.getSourceType(), failed.getTargetType(), SecretsSnapshot.MASK,
						cause)
				: new MaskedException(
						exception.getClass().getName() + ((message != null) ? messages.apply(message) : ""), cause);
		standIn.setStackTrace(exception.getStackTrace());
		for (Throwable suppressed : exception.getSuppressed()) {
			if (!known.contains(suppressed)) {
				standIn.addSuppressed(standIn(suppressed, messages, known));
			}
		}
		return standIn;
	}

	private static Set<Throwable> identitySet() {
		return Collections.newSetFromMap(new IdentityHashMap<>());
	}

}
