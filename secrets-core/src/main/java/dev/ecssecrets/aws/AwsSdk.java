// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What is left to the AWS SDK: profiles, web identities, instances, and endpoints with
 * FIPS, with dual stack, or in other partitions. It is not asked if the environment or
 * the container has everything, and need not be on the class path then.
 * <p>
 * Applications need not name this type. Its implementation is a service of the
 * {@link java.util.ServiceLoader}, so that this package does not depend on the SDK.
 * <p>
 * The messages of its exceptions are for a person to read, and contain nothing of an
 * answer.
 *
 * @since 0.1.0
 */
public interface AwsSdk {

	/**
	 * Resolves credentials with the SDK's default chain.
	 * @param profile the profile to use instead of the chain, or {@code null}
	 * @return the credentials
	 * @throws IllegalStateException if there are none
	 */
	AwsCredentials resolveCredentials(@Nullable String profile);

	/**
	 * Searches for the region, which may call the metadata service of the instance.
	 * @param profile the profile to use instead of the default one, or {@code null}
	 * @return the region, or {@code null} if there is none
	 * @throws IllegalStateException if a profile file is malformed
	 */
	@Nullable String findRegion(@Nullable String profile);

	/**
	 * Creates clients of the services.
	 * @param settings the settings of the clients
	 * @return the clients, to be closed
	 */
	Clients clients(ClientSettings settings);

	/**
	 * Clients of Parameter Store and Secrets Manager in all regions, for any number of
	 * threads. Each call is a single attempt, but for the correction of the clock.
	 */
	interface Clients extends AutoCloseable {

		/**
		 * Builds a client, unless it exists.
		 * @param service {@code ssm} or {@code secretsmanager}
		 * @param region the region
		 * @return the endpoint that the SDK found in its configuration, or {@code null}
		 * @throws IllegalStateException if the configuration is invalid
		 */
		@Nullable URI open(String service, String region);

		/**
		 * Calls {@code ssm:GetParameters} with decryption.
		 * @param region the region of a client that is open
		 * @param names names and ARNs
		 * @param timeout how long the call may take
		 * @param reader reads the answer
		 * @throws IOException if there is no answer
		 * @throws IllegalStateException if the SDK does not make the call
		 */
		void getParameters(String region, List<String> names, Duration timeout, Reader reader) throws IOException;

		/**
		 * Calls {@code secretsmanager:GetSecretValue}.
		 * @param region the region of a client that is open
		 * @param id the ARN of the secret
		 * @param versionStage the staging label, or {@code null}
		 * @param versionId the ID of the version, or {@code null}
		 * @param timeout how long the call may take
		 * @param reader reads the answer
		 * @throws IOException if there is no answer
		 * @throws IllegalStateException if the SDK does not make the call
		 */
		void getSecretValue(String region, String id, @Nullable String versionStage, @Nullable String versionId,
				Duration timeout, Reader reader) throws IOException;

		@Override
		void close();

	}

	/**
	 * Reader of answers, in place of the SDK's.
	 */
	@FunctionalInterface
	interface Reader {

		/**
		 * Reads an answer and closes its body.
		 * @param status the HTTP status
		 * @param header finds the value of a header
		 * @param body the body, or {@code null} if there is none
		 * @return a body for the SDK, which has no value of a secret
		 * @throws IOException if the answer is incomplete, or does not end in time
		 */
		String read(int status, Function<String, @Nullable String> header, @Nullable InputStream body)
				throws IOException;

	}

	/**
	 * Settings of clients.
	 *
	 * @param profile the profile, or {@code null} for the default one
	 * @param endpoint the endpoint of both services, or {@code null} to let the SDK find
	 * them
	 * @param credentials returns the credentials
	 * @param connectTimeout how long it may take to connect
	 * @param readTimeout how long an endpoint may be silent
	 */
	record ClientSettings(@Nullable String profile, @Nullable URI endpoint, Supplier<AwsCredentials> credentials,
			Duration connectTimeout, Duration readTimeout) {

	}

}
