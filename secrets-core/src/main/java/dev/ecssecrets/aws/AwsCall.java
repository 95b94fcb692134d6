// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

/**
 * Call to AWS that answers one or more locations.
 */
interface AwsCall {

	List<? extends SecretLocation> locations();

	AwsService service();

	String region();

	/**
	 * Makes the call once, without retries.
	 * @param api the API to call
	 * @param timeout how long the call may take
	 * @return an answer for each location
	 * @throws AwsException if the call fails
	 */
	Map<SecretLocation, Answer> execute(AwsApi api, Duration timeout);

	/**
	 * Splits this call into calls for one location each.
	 * @return the calls
	 */
	List<? extends AwsCall> split();

	/**
	 * Returns the service and the region, for a person to read.
	 * @return such as {@code Parameter Store in eu-west-1}
	 */
	default String source() {
		return service().title + " in " + region();
	}

	default SecretSource source(@Nullable String version, List<String> versionStages) {
		return new SecretSource(source(), version, versionStages, Instant.now());
	}

	/**
	 * Gives all locations the same answer.
	 * @param answer the answer
	 * @return the answer for each location
	 */
	default Map<SecretLocation, Answer> answerAll(Answer answer) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (SecretLocation location : locations()) {
			answers.put(location, answer);
		}
		return answers;
	}

	/**
	 * Returns the answer for a binary secret. The ECS agent injects nothing of it.
	 * @return the empty string, with a warning
	 */
	default Found binary(@Nullable String version, List<String> versionStages) {
		return new Found(SecretValue.of(""), source(version, versionStages),
				"is a binary secret, which ECS injects as an empty string: store it as text, for example"
						+ " Base64-encoded");
	}

}
