// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Credentials that requests to AWS are signed with.
 *
 * @param accessKeyId the ID of the access key
 * @param secretAccessKey the secret access key
 * @param sessionToken the token of temporary credentials, or {@code null} if they are
 * permanent
 * @param accountId the account that they belong to, or {@code null} if it is unknown
 * @since 0.1.0
 */
public record AwsCredentials(String accessKeyId, String secretAccessKey, @Nullable String sessionToken,
		@Nullable String accountId) {

	/**
	 * Creates credentials.
	 * @param accessKeyId the ID of the access key
	 * @param secretAccessKey the secret access key
	 * @param sessionToken the token of temporary credentials, or {@code null}
	 * @param accountId the account, or {@code null}
	 * @throws IllegalArgumentException if one of the first three has a character that a
	 * header of a request cannot have; the message does not quote it
	 */
	public AwsCredentials {
		check(accessKeyId, "access key ID");
		check(secretAccessKey, "secret access key");
		if (sessionToken != null) {
			check(sessionToken, "session token");
		}
	}

	private static void check(String text, String what) {
		Objects.requireNonNull(text, what);
		for (int i = 0; i < text.length(); i++) {
			if (text.charAt(i) < ' ' || text.charAt(i) >= 127) {
				throw new IllegalArgumentException(
						"the " + what + " has a character that is neither a space nor printable ASCII");
			}
		}
	}

	/**
	 * Returns the ID of the access key alone.
	 */
	@Override
	public String toString() {
		return "AwsCredentials[accessKeyId=" + this.accessKeyId + "]";
	}

}
