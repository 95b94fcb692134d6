// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.validation;

import dev.ecssecrets.boot.LiveSecret;
import jakarta.validation.valueextraction.ExtractedValue;
import jakarta.validation.valueextraction.ValueExtractor;
import org.jspecify.annotations.Nullable;

/**
 * Lets constraints of a {@code String} validate a {@link LiveSecret}, where they ask for
 * it: {@code @Size(min = 20, payload = Unwrapping.Unwrap.class) LiveSecret}. It is not
 * the default, as {@code @NotNull} then would find {@code null} valid.
 *
 * @since 0.1.0
 */
public final class LiveSecretValueExtractor implements ValueExtractor<@ExtractedValue(type = String.class) LiveSecret> {

	/**
	 * Creates the extractor. Bean Validation does.
	 */
	public LiveSecretValueExtractor() {
	}

	@Override
	public void extractValues(LiveSecret secret, ValueReceiver receiver) {
		receiver.value(null, value(secret));
	}

	static @Nullable String value(@Nullable LiveSecret secret) {
		try {
			return (secret != null) ? secret.get() : null;
		}
		catch (IllegalStateException ex) {
			// It has no value now.
			return null;
		}
	}

}
