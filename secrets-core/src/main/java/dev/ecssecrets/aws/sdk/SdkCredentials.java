// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import java.util.function.Supplier;

import dev.ecssecrets.aws.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * Credentials of a provider of the AWS SDK.
 *
 * @since 0.1.0
 */
public final class SdkCredentials implements Supplier<AwsCredentials> {

	private final AwsCredentialsProvider provider;

	/**
	 * Creates credentials.
	 * @param provider the provider, which is asked on each {@link #get()}, and not closed
	 */
	public SdkCredentials(AwsCredentialsProvider provider) {
		this.provider = provider;
	}

	/**
	 * Resolves the credentials.
	 * @return the credentials
	 * @throws RuntimeException if the provider throws it
	 */
	@Override
	public AwsCredentials get() {
		software.amazon.awssdk.auth.credentials.AwsCredentials resolved = this.provider.resolveCredentials();
		if (resolved == null || resolved.accessKeyId() == null) {
			throw new IllegalStateException("the credentials provider returned "
					+ ((resolved != null) ? "anonymous credentials" : "no credentials"));
		}
		return new AwsCredentials(resolved.accessKeyId(), resolved.secretAccessKey(),
				(resolved instanceof AwsSessionCredentials session) ? session.sessionToken() : null,
				resolved.accountId().orElse(null));
	}

	static software.amazon.awssdk.auth.credentials.AwsCredentials toSdk(AwsCredentials credentials) {
		if (credentials.sessionToken() == null) {
			return AwsBasicCredentials.builder()
				.accessKeyId(credentials.accessKeyId())
				.secretAccessKey(credentials.secretAccessKey())
				.accountId(credentials.accountId())
				.build();
		}
		return AwsSessionCredentials.builder()
			.accessKeyId(credentials.accessKeyId())
			.secretAccessKey(credentials.secretAccessKey())
			.sessionToken(credentials.sessionToken())
			.accountId(credentials.accountId())
			.build();
	}

	@Override
	public String toString() {
		return "SdkCredentials of " + this.provider.getClass().getName();
	}

}
