// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.validation;

import dev.ecssecrets.boot.LiveSecret;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.constraints.NotBlank;
import org.jspecify.annotations.Nullable;

/**
 * Validates {@code @NotBlank LiveSecret}. The value extractor alone would not do: it is
 * not called where there is no {@link LiveSecret}, and {@code null} would be valid.
 *
 * @since 0.1.0
 */
public final class LiveSecretNotBlankValidator implements ConstraintValidator<NotBlank, LiveSecret> {

	/**
	 * Creates the validator. Hibernate Validator does.
	 */
	public LiveSecretNotBlankValidator() {
	}

	@Override
	public boolean isValid(@Nullable LiveSecret secret, ConstraintValidatorContext context) {
		String value = LiveSecretValueExtractor.value(secret);
		return value != null && !value.isBlank();
	}

}
