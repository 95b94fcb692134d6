package dev.ecssecrets;

import java.util.Locale;

/**
 * Why one declared secret has no value.
 *
 * @param declaration the declaration; for a configuration key that is wrong, one with the
 * key as its name and no {@code valueFrom}
 * @param reason the kind of failure
 * @param detail what happened, for a person to read; it never holds a value
 */
public record SecretFailure(SecretDeclaration declaration, Reason reason, String detail) {

	private static final int MAX_DETAIL = 2 * PrintableText.MAX_LENGTH;

	/**
	 * Creates a failure, with the detail in printable form.
	 * @param declaration the declaration
	 * @param reason the kind of failure
	 * @param detail what happened, of which 1,000 characters are kept
	 */
	public SecretFailure {
		detail = PrintableText.of(detail, MAX_DETAIL);
	}

	/**
	 * The kinds of failure, each with what cures it.
	 */
	public enum Reason {

		/**
		 * The declaration is incomplete or contradicts another one.
		 */
		INVALID_DECLARATION("invalid declaration",
				"Give each declaration a name of its own and a valueFrom, as in a task definition."),

		/**
		 * A configuration key is probably misspelt.
		 */
		UNKNOWN_KEY("unknown key", "Correct the key, or remove it."),

		/**
		 * The framework reads the name before secrets can be resolved.
		 */
		READ_TOO_EARLY("read too early",
				"Set it where the process is started: as an environment variable, which ECS does, or as a system property."),

		/**
		 * The document that declares secrets is not a task definition, or has not the
		 * container.
		 */
		INVALID_TASK_DEFINITION("invalid task definition",
				"Set ecs-secrets.task-definition to a JSON document as of register-task-definition or describe-task-definition,"
						+ " and ecs-secrets.container-name to the container if several have secrets."),

		/**
		 * ECS does not take the {@code valueFrom}, or AWS would refuse it.
		 */
		INVALID_REFERENCE("invalid valueFrom", "Correct the valueFrom."),

		/**
		 * The parameter or the secret does not exist.
		 */
		NOT_FOUND("not found",
				"Create it, or correct the name, the region or the account; mark the declaration optional if it may be absent."),

		/**
		 * The secret exists, but has no version with that staging label or id.
		 */
		NO_SUCH_VERSION("no such version",
				"Correct the version stage or the version id in the valueFrom; mark the declaration optional if it may be absent."),

		/**
		 * The secret is going to be deleted, and cannot be read until it is restored.
		 */
		MARKED_FOR_DELETION("marked for deletion",
				"Restore it (aws secretsmanager restore-secret), or take the declaration out."),

		/**
		 * AWS denies access.
		 */
		ACCESS_DENIED("access denied",
				"Attach this policy to the role of this process. On ECS that is the task role: ECS itself injects with the task"
						+ " execution role, whose permissions do not count here."),

		/**
		 * KMS denies the use of the key that encrypts the value, or cannot use it.
		 */
		KMS_DENIED("denied by KMS",
				"Check that the key is enabled, and that its key policy lets the account use it; attach this policy to the role of"
						+ " this process (on ECS the task role, not the task execution role), with the key's ARN in the place of key/*."),

		/**
		 * AWS throttled the calls, retries included.
		 */
		THROTTLED("throttled", "Start again later, or raise the account's throughput (for Parameter Store a setting)."),

		/**
		 * The store did not answer.
		 */
		UNREACHABLE("unreachable",
				"Check the region, the endpoint, DNS, proxies and the VPC's routes or endpoints for ssm and secretsmanager."),

		/**
		 * The time for the whole resolution was over.
		 */
		TIMED_OUT("timed out", "Check the network's way to the endpoint, or raise ecs-secrets.timeout."),

		/**
		 * The value cannot be that of an environment variable.
		 */
		INVALID_VALUE("invalid value", "Store the value without the NUL character, such as Base64-encoded."),

		/**
		 * A JSON key was asked of a secret that is no JSON object.
		 */
		NOT_A_JSON_OBJECT("not a JSON object",
				"Store the secret as a JSON object, or leave the JSON key out of the valueFrom."),

		/**
		 * The secret's JSON object has no such key.
		 */
		NO_SUCH_JSON_KEY("no such JSON key", "Correct the key in the valueFrom, or add it to the secret."),

		/**
		 * The AWS SDK cannot be set up as it is configured.
		 */
		INVALID_CONFIGURATION("invalid configuration",
				"Correct the setting: a key under ecs-secrets.aws, an AWS_… variable, or a line of the AWS profile files."),

		/**
		 * No region is known.
		 */
		NO_REGION("no region",
				"Set ecs-secrets.aws.region or AWS_REGION, or declare the parameter by its ARN, which names one; without AWS,"
						+ " set ecs-secrets.store to file."),

		/**
		 * No credentials are known, or they have expired, or AWS does not know them.
		 */
		NO_CREDENTIALS("no valid credentials",
				"Give this process AWS credentials: a task role, an instance profile, AWS_PROFILE or ecs-secrets.aws.profile;"
						+ " without AWS, set ecs-secrets.store to file."),

		/**
		 * AWS does not accept the signature of the request.
		 */
		INVALID_SIGNATURE("invalid signature",
				"Set the clock of this machine, which may be off by five minutes at most; check the secret access key, and that no"
						+ " proxy changes requests."),

		/**
		 * The AWS SDK is not on the class path.
		 */
		NO_SDK("no AWS SDK",
				"Add the dependencies software.amazon.awssdk:ssm, :secretsmanager and :url-connection-client, or do not"
						+ " exclude them from secrets-spring-boot-starter."),

		/**
		 * The local file is absent or of the wrong form.
		 */
		UNREADABLE_FILE("unreadable file",
				"Set ecs-secrets.file.location to a JSON file: {\"parameters\": {\"NAME\": \"…\"}, \"secrets\": {\"ID\": …}}."),

		/**
		 * Anything else that the store refused.
		 */
		REFUSED("refused", "See what the store says.");

		private final String title;

		private final String cure;

		Reason(String title, String cure) {
			this.title = title;
			this.cure = cure;
		}

		/**
		 * Returns the name of this kind in metrics, which is where the documentation has
		 * it too.
		 * @return the fragment after the address of {@code docs/troubleshooting.md}, such
		 * as {@code access-denied}
		 */
		public String anchor() {
			return this.title.toLowerCase(Locale.ROOT).replace(' ', '-');
		}

		/**
		 * Returns what to do about it.
		 * @return one or two sentences
		 */
		public String cure() {
			return this.cure;
		}

		@Override
		public String toString() {
			return this.title;
		}

	}

}
