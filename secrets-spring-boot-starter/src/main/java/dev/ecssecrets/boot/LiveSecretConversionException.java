// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.TypeDescriptor;

/**
 * Thrown where a text would have to become a {@link LiveSecret}, which then could not
 * follow. It never has the text.
 */
@SuppressWarnings("serial")
final class LiveSecretConversionException extends IllegalArgumentException {

	static final String REASON = "A text cannot become a LiveSecret, as it would never change";

	static final String ACTION = "Declare each element of a list as a property of its own, such as keys[0], and write map "
			+ "keys with dots in brackets, such as map.[a.b]. In @Value, write placeholders that the Environment resolves, such as ${NAME}, on the field or parameter itself, and "
			+ "no #{...}. Where the application has a bean named conversionService, use @ConfigurationProperties "
			+ "instead of @Value, and no @DefaultValue. In a Binder of your own, bind a String. In a test without SpringApplication, call "
			+ "LiveSecret.constant";

	LiveSecretConversionException() {
		super(REASON + ". " + ACTION);
	}

	static void fail() {
		throw new LiveSecretConversionException();
	}

	/**
	 * Returns what Spring would make of a converter that throws this, but without the
	 * text.
	 */
	static ConversionFailedException of(TypeDescriptor sourceType, TypeDescriptor targetType) {
		return new ConversionFailedException(sourceType, targetType, SecretsSnapshot.MASK,
				new LiveSecretConversionException());
	}

}
