package dev.ecssecrets.boot;

import dev.ecssecrets.FailureReason;
import dev.ecssecrets.SecretFailure.Reason;

/**
 * Fixes that take a key or a dependency of a Spring application.
 */
final class FailureFixes {

	private FailureFixes() {
	}

	/**
	 * Returns what a report adds to the description of a reason.
	 * @return the fix, or an empty text if the description says all
	 */
	static String of(FailureReason reason) {
		return (reason instanceof Reason known) ? of(known) : "";
	}

	private static String of(Reason reason) {
		return switch (reason) {
			case TIMED_OUT -> "The key is ecs-secrets.timeout.";
			case INVALID_CONFIGURATION ->
				"The keys are ecs-secrets.aws.region, ecs-secrets.aws.endpoint and ecs-secrets.aws.profile.";
			case NO_REGION -> "Or set ecs-secrets.aws.region. Without AWS, set ecs-secrets.store to file.";
			case NO_CREDENTIALS -> "Or set ecs-secrets.aws.profile. Without AWS, set ecs-secrets.store to file.";
			case NO_SDK -> "secrets-spring-boot-starter brings them unless they are excluded.";
			case UNREADABLE_FILE -> "Set ecs-secrets.file.location to its path.";
			default -> "";
		};
	}

}
