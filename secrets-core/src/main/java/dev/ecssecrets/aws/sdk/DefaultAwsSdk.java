// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import dev.ecssecrets.aws.AwsCredentials;
import dev.ecssecrets.aws.AwsSdk;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK with its defaults. Applications need not name this type: it is public because
 * it is a service of the {@link java.util.ServiceLoader}.
 *
 * @since 0.1.0
 */
public final class DefaultAwsSdk implements AwsSdk {

	/**
	 * Creates an instance. It loads no class of the SDK.
	 */
	public DefaultAwsSdk() {
	}

	@Override
	public AwsCredentials resolveCredentials(@Nullable String profile) {
		// An explicit profile takes precedence over credentials in variables.
		try {
			return (profile != null) ? resolve(ProfileCredentialsProvider.create(profile))
					: resolve(DefaultCredentialsProvider.builder().build());
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException(
					(profile != null) ? NoCredentials.ofProfile(profile, ex) : NoCredentials.ofChain(ex), ex);
		}
	}

	private static <P extends AwsCredentialsProvider & SdkAutoCloseable> AwsCredentials resolve(P provider) {
		try (provider) {
			return new SdkCredentials(provider).get();
		}
	}

	@Override
	public @Nullable String findRegion(@Nullable String profile) {
		DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
		if (profile != null) {
			chain.profileName(profile);
		}
		try {
			return chain.build().getRegion().id();
		}
		catch (SdkClientException ex) {
			checkProfileFile();
			return null;
		}
	}

	/**
	 * Checks the default profile file, because the chain treats a malformed one as one
	 * without a region.
	 */
	private static void checkProfileFile() {
		try {
			ProfileFile.defaultProfileFile();
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException("the AWS SDK cannot be set up: " + SdkFailures.message(ex), ex);
		}
	}

	@Override
	public Clients clients(ClientSettings settings) {
		return new SdkClients(settings);
	}

}
