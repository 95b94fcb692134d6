// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Mask for the credentials, signatures and signed texts that an answer may repeat.
 */
final class CredentialMask {

	private static final String MASK = "******";

	// A shorter text may occur by chance.
	private static final int MIN_CREDENTIAL = 8;

	private static final int SIGNATURE_LENGTH = 64;

	private final Supplier<AwsCredentials> credentials;

	CredentialMask(Supplier<AwsCredentials> credentials) {
		this.credentials = credentials;
	}

	/**
	 * Masks credentials and signatures in a text. If the text quotes what was signed, all
	 * that follows is masked too.
	 */
	@Nullable String mask(@Nullable String text) {
		if (text == null) {
			return null;
		}
		AwsCredentials credentials = this.credentials.get();
		String masked = mask(text, credentials.secretAccessKey());
		if (credentials.sessionToken() != null) {
			masked = mask(masked, credentials.sessionToken());
		}
		int signed = masked.indexOf(SignatureV4.ALGORITHM);
		return maskSignatures((signed >= 0) ? masked.substring(0, signed) + MASK : masked);
	}

	private static String mask(String text, String credential) {
		return (credential.length() >= MIN_CREDENTIAL) ? text.replace(credential, MASK) : text;
	}

	private static String maskSignatures(String text) {
		StringBuilder masked = new StringBuilder();
		int digits = 0;
		for (int i = 0; i <= text.length(); i++) {
			if (i < text.length() && Character.digit(text.charAt(i), 16) >= 0) {
				digits++;
				continue;
			}
			masked.append((digits >= SIGNATURE_LENGTH) ? MASK : text.substring(i - digits, i));
			digits = 0;
			if (i < text.length()) {
				masked.append(text.charAt(i));
			}
		}
		return masked.toString();
	}

}
