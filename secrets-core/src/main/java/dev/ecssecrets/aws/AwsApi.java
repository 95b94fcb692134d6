package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.List;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

/**
 * The two operations of AWS that a fetch needs. A call is one attempt: who calls retries.
 * What fails is an {@link software.amazon.awssdk.core.exception.SdkException}.
 */
interface AwsApi extends AutoCloseable {

	/**
	 * How long a connection may take to be made.
	 */
	Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

	/**
	 * How long an answer may be silent.
	 */
	Duration READ_TIMEOUT = Duration.ofSeconds(10);

	/**
	 * {@code ssm:GetParameters}, with decryption.
	 * @param region the region
	 * @param ids names and ARNs
	 * @param timeout how long it may take
	 * @return the answer
	 */
	Parameters getParameters(String region, List<String> ids, Duration timeout);

	/**
	 * {@code secretsmanager:GetSecretValue}.
	 * @param secret the version of the secret
	 * @param timeout how long it may take
	 * @return the answer
	 */
	Secret getSecretValue(SecretsManagerSecret secret, Duration timeout);

	/**
	 * Returns the account of the credentials, which not all of them tell.
	 */
	@Nullable String accountId();

	/**
	 * Breaks what is still asked.
	 */
	@Override
	void close();

	/**
	 * Parameters as Parameter Store answers them.
	 *
	 * @param found those that exist
	 * @param invalid the names or ARNs of those that do not
	 */
	record Parameters(List<Parameter> found, List<String> invalid) {

	}

	/**
	 * A parameter as Parameter Store answers it.
	 *
	 * @param name the name
	 * @param arn the ARN
	 * @param value the value; none of a reference to a binary secret
	 * @param version the number of the version
	 */
	record Parameter(@Nullable String name, @Nullable String arn, @Nullable SecretValue value,
			@Nullable String version) {

	}

	/**
	 * A secret as Secrets Manager answers it.
	 *
	 * @param arn the ARN
	 * @param text the value; none of a binary secret
	 * @param versionId the version's unique identifier
	 * @param versionStages its staging labels
	 */
	record Secret(@Nullable String arn, @Nullable SecretValue text, @Nullable String versionId,
			List<String> versionStages) {

	}

}
