// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import org.jspecify.annotations.Nullable;

/**
 * Failure of a declared secret, or of the configuration that declares secrets.
 *
 * @param subject the name of the secret, or the configuration key that is wrong
 * @param origin the place of the declaration, such as a file with line and column, or
 * {@code null} if it is not known
 * @param declaration the declaration of the secret, or {@code null} if the subject is a
 * configuration key
 * @param reason the kind of failure
 * @param detail what happened, for a person to read; it never contains a value
 * @since 0.1.0
 */
public record SecretFailure(String subject, @Nullable String origin, @Nullable SecretDeclaration declaration,
		FailureReason reason, String detail) {

	private static final int MAX_DETAIL = 2 * PrintableText.MAX_LENGTH;

	/**
	 * Creates a failure, with the detail in printable form.
	 * @param subject the name of the secret, or the configuration key
	 * @param origin the place of the declaration
	 * @param declaration the declaration of the secret
	 * @param reason the kind of failure
	 * @param detail what happened, cut to 1,000 characters
	 */
	public SecretFailure {
		detail = PrintableText.of(detail, MAX_DETAIL);
	}

	/**
	 * Creates the failure of a declared secret.
	 * @param declaration the declaration
	 * @param reason the kind of failure
	 * @param detail what happened, cut to 1,000 characters
	 */
	public SecretFailure(SecretDeclaration declaration, FailureReason reason, String detail) {
		this(declaration.name(), declaration.origin(), declaration, reason, detail);
	}

	/**
	 * Creates the failure of a configuration key.
	 * @param key the key
	 * @param origin the place of the key, or {@code null} if it is not known
	 * @param reason the kind of failure
	 * @param detail what is wrong, cut to 1,000 characters
	 */
	public SecretFailure(String key, @Nullable String origin, FailureReason reason, String detail) {
		this(key, origin, null, reason, detail);
	}

	/**
	 * Reasons for failures in this library.
	 */
	public enum Reason implements FailureReason {

		/**
		 * The declaration is incomplete or contradicts another one.
		 */
		INVALID_DECLARATION("invalid declaration",
				"Give each secret a name of its own and a valueFrom, as in a task definition."),

		/**
		 * ECS or AWS would refuse the {@code valueFrom}.
		 */
		INVALID_REFERENCE("invalid valueFrom", "Correct the valueFrom as the detail says."),

		/**
		 * The parameter or the secret does not exist.
		 */
		NOT_FOUND("not found",
				"Create the parameter or secret, or correct its name, region or account. If it may be absent, mark"
						+ " the declaration as optional."),

		/**
		 * The secret exists, but has no version with that staging label or ID.
		 */
		NO_SUCH_VERSION("no such version",
				"Correct the version stage or the version ID in the valueFrom. If the version may be absent, mark"
						+ " the declaration as optional."),

		/**
		 * The secret is scheduled for deletion. It cannot be read unless it is restored.
		 */
		MARKED_FOR_DELETION("marked for deletion",
				"Restore the secret (aws secretsmanager restore-secret), or remove the declaration. The secret is"
						+ " scheduled for deletion."),

		/**
		 * AWS denies access.
		 */
		ACCESS_DENIED("access denied",
				"Attach this policy to the role of this process. On ECS, that is the task role: ECS injects secrets"
						+ " with the task execution role, whose permissions do not apply here."),

		/**
		 * KMS denies the use of the key that encrypts the value, or cannot use it.
		 */
		KMS_DENIED("denied by KMS",
				"Attach this policy to the role of this process, with the key's ARN in place of key/*. On ECS, that"
						+ " is the task role, not the task execution role. Check that the key is enabled and that"
						+ " its key policy allows the account."),

		/**
		 * AWS throttled the calls and their retries.
		 */
		THROTTLED("throttled",
				"Start again later, or raise the throughput limit of the account (for Parameter Store, a setting)."
						+ " AWS throttled the calls and their retries."),

		/**
		 * The store did not answer.
		 */
		UNREACHABLE("unreachable",
				"Check the region, the endpoint, DNS, proxies, and the routes or VPC endpoints for ssm and"
						+ " secretsmanager. The store did not answer."),

		/**
		 * The timeout of the whole resolution has expired.
		 */
		TIMED_OUT("timed out", "Check the network path to the endpoint, or allow more time."),

		/**
		 * No environment variable can have the value.
		 */
		INVALID_VALUE("invalid value",
				"Store the value without the NUL character, for example Base64-encoded. Environment variables"
						+ " cannot contain it."),

		/**
		 * The {@code valueFrom} has a JSON key, and the secret is not a JSON object.
		 */
		NOT_A_JSON_OBJECT("not a JSON object",
				"Store a JSON object in the secret, or remove the JSON key from the valueFrom."),

		/**
		 * The secret's JSON object has no such key.
		 */
		NO_SUCH_JSON_KEY("no such JSON key", "Correct the key in the valueFrom, or add it to the secret."),

		/**
		 * The configuration of AWS is invalid.
		 */
		INVALID_CONFIGURATION("invalid configuration",
				"Correct the region, the endpoint, the profile, the AWS_* variables or the AWS profile files."),

		/**
		 * No region is known.
		 */
		NO_REGION("no region", "Set AWS_REGION, or declare the parameter by its ARN, which names a region."),

		/**
		 * There are no credentials, they have expired, or AWS does not know them.
		 */
		NO_CREDENTIALS("no valid credentials",
				"Correct the credentials that the detail names, or give this process some: a task role, an instance"
						+ " profile, or AWS_PROFILE."),

		/**
		 * AWS does not accept the signature of the request.
		 */
		INVALID_SIGNATURE("invalid signature",
				"Set the clock of this machine: it may be off by at most five minutes. Check the secret access key,"
						+ " and check that no proxy changes requests."),

		/**
		 * A setting needs the AWS SDK, and it is not on the class path.
		 */
		NO_SDK("no AWS SDK", "Add the dependencies in the detail, or remove the setting that needs them."),

		/**
		 * The local file is missing or malformed.
		 */
		UNREADABLE_FILE("unreadable file",
				"Provide a JSON file of this form: {\"parameters\": {\"NAME\": \"...\"}, \"secrets\": {\"ID\": ...}}."),

		/**
		 * The store refused the request for any other reason.
		 */
		REFUSED("refused", "Resolve the error in the detail. The store refused the request.");

		private final String title;

		private final String description;

		Reason(String title, String description) {
			this.title = title;
			this.description = description;
		}

		@Override
		public String title() {
			return this.title;
		}

		@Override
		public String description() {
			return this.description;
		}

		/**
		 * Returns whether the value does not exist. An optional secret is then left out.
		 */
		boolean isAbsence() {
			return this == NOT_FOUND || this == NO_SUCH_VERSION;
		}

		@Override
		public String toString() {
			return this.title;
		}

	}

}
