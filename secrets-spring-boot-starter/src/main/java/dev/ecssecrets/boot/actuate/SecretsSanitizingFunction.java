// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.util.Locale;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsSnapshot;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.core.Ordered;

/**
 * Mask for properties that have the name of a declared secret, in any form that binds to
 * it, and for texts that contain the value of one, if it has at least eight characters.
 */
final class SecretsSanitizingFunction implements SanitizingFunction, Ordered {

	private final Secrets secrets;

	SecretsSanitizingFunction(Secrets secrets) {
		this.secrets = secrets;
	}

	/**
	 * The first that changes a value is the last that is asked.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public SanitizableData apply(SanitizableData data) {
		SecretsSnapshot snapshot = this.secrets.current();
		return (hasNameOfSecret(data.getKey(), snapshot) || hasSecret(data.getValue(), snapshot))
				? data.withSanitizedValue() : data;
	}

	private static boolean hasNameOfSecret(String key, SecretsSnapshot snapshot) {
		String uniform = uniform(key);
		return snapshot.secrets().stream().anyMatch((secret) -> uniform(secret.name()).equals(uniform));
	}

	private static boolean hasSecret(@Nullable Object value, SecretsSnapshot snapshot) {
		return (value instanceof CharSequence || value instanceof Number)
				&& !snapshot.mask(value.toString()).equals(value.toString());
	}

	/**
	 * Returns what all forms of a name have in common: an environment variable does not
	 * tell elements and words apart.
	 */
	private static String uniform(String name) {
		StringBuilder uniform = new StringBuilder(name.length());
		name.chars().filter(Character::isLetterOrDigit).forEach((c) -> uniform.append((char) c));
		return uniform.toString().toLowerCase(Locale.ROOT);
	}

}
