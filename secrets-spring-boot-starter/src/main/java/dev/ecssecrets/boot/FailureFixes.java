// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import dev.ecssecrets.FailureReason;
import dev.ecssecrets.SecretFailure.Reason;

/**
 * Fixes that name a key or a dependency of a Spring application.
 */
final class FailureFixes {

	private FailureFixes() {
	}

	/**
	 * Returns the text that a report adds to the description of a reason.
	 * @return the fix, or an empty text if the description is complete
	 */
	static String of(FailureReason reason) {
		return (reason instanceof Reason known) ? of(known) : "";
	}

	private static String of(Reason reason) {
		return switch (reason) {
			case TIMED_OUT -> "The timeout is ecs-secrets.timeout.";
			case INVALID_CONFIGURATION ->
				"The configuration keys are ecs-secrets.aws.region, ecs-secrets.aws.endpoint and"
						+ " ecs-secrets.aws.profile.";
			case NO_REGION ->
				"Alternatively, set ecs-secrets.aws.region. To run without AWS, set ecs-secrets.store to file.";
			case NO_CREDENTIALS ->
				"Alternatively, set ecs-secrets.aws.profile. To run without AWS, set ecs-secrets.store to file.";
			case NO_SDK ->
				"secrets-spring-boot-starter includes :ssm, :secretsmanager and :url-connection-client unless they are"
						+ " excluded.";
			case UNREADABLE_FILE -> "Set ecs-secrets.file.location to its path.";
			default -> "";
		};
	}

}
