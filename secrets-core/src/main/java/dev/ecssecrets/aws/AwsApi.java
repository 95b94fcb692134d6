// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.List;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

/**
 * The two operations of AWS that a fetch needs. Each call is a single attempt, and throws
 * an {@link AwsException} if it fails.
 */
interface AwsApi {

	/**
	 * How long it may take to connect.
	 */
	Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

	/**
	 * How long an endpoint may be silent.
	 */
	Duration READ_TIMEOUT = Duration.ofSeconds(10);

	/**
	 * Calls {@code ssm:GetParameters} with decryption.
	 * @param region the region
	 * @param ids names and ARNs
	 * @param timeout how long the call may take
	 * @return the answer
	 */
	FoundParameters getParameters(String region, List<String> ids, Duration timeout);

	/**
	 * Calls {@code secretsmanager:GetSecretValue}.
	 * @param secret the version of the secret
	 * @param timeout how long the call may take
	 * @return the answer
	 */
	FoundSecret getSecretValue(SecretsManagerSecret secret, Duration timeout);

	/**
	 * Returns the account of the credentials, or {@code null} if it is unknown.
	 */
	@Nullable String accountId();

	/**
	 * Answer of Parameter Store.
	 *
	 * @param found the parameters that exist
	 * @param invalid the names or ARNs of those that do not
	 */
	record FoundParameters(List<FoundParameter> found, List<String> invalid) {

	}

	/**
	 * Parameter in an answer.
	 *
	 * @param name the name
	 * @param arn the ARN
	 * @param value the value, or {@code null} for a reference to a binary secret
	 * @param version the number of the version
	 */
	record FoundParameter(@Nullable String name, @Nullable String arn, @Nullable SecretValue value,
			@Nullable String version) {

	}

	/**
	 * Answer of Secrets Manager.
	 *
	 * @param arn the ARN
	 * @param text the value, or {@code null} for a binary secret
	 * @param versionId the version's unique identifier
	 * @param versionStages its staging labels
	 */
	record FoundSecret(@Nullable String arn, @Nullable SecretValue text, @Nullable String versionId,
			List<String> versionStages) {

	}

}
