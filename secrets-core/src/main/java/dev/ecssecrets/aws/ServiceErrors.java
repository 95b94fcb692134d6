// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Failed;
import org.jspecify.annotations.Nullable;

/**
 * Failures for the errors that a service, or something in front of it, has answered.
 */
final class ServiceErrors {

	private static final Map<String, Reason> REASONS = Map.ofEntries(
			Map.entry("AccessDeniedException", Reason.ACCESS_DENIED), Map.entry("AccessDenied", Reason.ACCESS_DENIED),
			Map.entry("DecryptionFailure", Reason.KMS_DENIED), Map.entry("InvalidKeyId", Reason.KMS_DENIED),
			Map.entry("ResourceNotFoundException", Reason.NOT_FOUND),
			Map.entry("ExpiredTokenException", Reason.NO_CREDENTIALS),
			Map.entry("IncompleteSignatureException", Reason.INVALID_SIGNATURE),
			Map.entry("InvalidClientTokenId", Reason.NO_CREDENTIALS),
			Map.entry("InvalidSignatureException", Reason.INVALID_SIGNATURE),
			Map.entry("MissingAuthenticationTokenException", Reason.NO_CREDENTIALS),
			Map.entry("RequestExpired", Reason.INVALID_SIGNATURE),
			Map.entry("SignatureDoesNotMatch", Reason.INVALID_SIGNATURE),
			Map.entry("UnrecognizedClientException", Reason.NO_CREDENTIALS));

	// The longest detail that a failure keeps.
	private static final int MAX_DETAIL = 500;

	private static final String ACTION = "not authorized to perform: ";

	private static final int ACCOUNT_LENGTH = 12;

	private ServiceErrors() {
	}

	static Failed failure(AwsCall call, ErrorAnswer answer) {
		if (answer.status() / 100 == 3) {
			return new Failed(Reason.REFUSED, call.source() + " answered with a redirect (HTTP " + answer.status()
					+ "), which is not followed: check the endpoint");
		}
		if (answer.code() == null) {
			return new Failed(reason(call, answer, "", ""), call.source() + " did not return an AWS answer: "
					+ answer.message() + ". " + sender(answer.status()) + " may have answered instead");
		}
		String message = PrintableText.of(Objects.requireNonNullElse(answer.message(), "").strip());
		Reason reason = reason(call, answer, answer.code(), message);
		String start = call.source() + " returned " + answer.code();
		String end = " (HTTP " + answer.status()
				+ ((answer.requestId() != null) ? ", request " + answer.requestId() : "") + ")"
				+ hints(call, reason, message);
		String middle = message.isEmpty() ? "" : cut(": " + message, MAX_DETAIL - start.length() - end.length());
		return new Failed(reason, start + middle + end);
	}

	private static String sender(int status) {
		return (status == 407) ? "A proxy that requires a login" : "A proxy, a firewall or a VPC endpoint";
	}

	private static String cut(String text, int length) {
		return (text.length() <= length) ? text : text.substring(0, Math.max(length - 3, 0)) + "...";
	}

	private static Reason reason(AwsCall call, ErrorAnswer answer, String code, String message) {
		if (answer.isThrottling()) {
			return Reason.THROTTLED;
		}
		Reason reason = REASONS.get(code);
		if (reason == Reason.NOT_FOUND) {
			reason = absence(call, answer, message);
		}
		if (reason == Reason.ACCESS_DENIED && isForKms(message)) {
			return Reason.KMS_DENIED;
		}
		if (reason == null && message.contains("marked for deletion")) {
			return Reason.MARKED_FOR_DELETION;
		}
		if (reason == null) {
			return (answer.status() >= 500) ? Reason.UNREACHABLE : Reason.REFUSED;
		}
		return reason;
	}

	/**
	 * Returns whether the secret or its version is absent. An optional secret is left out
	 * only for that, so a server error does not count, and neither does an error of
	 * Parameter Store, which names absent parameters in a successful answer.
	 */
	private static @Nullable Reason absence(AwsCall call, ErrorAnswer answer, String message) {
		if (!(call instanceof GetSecretValue) || answer.status() / 100 != 4) {
			return null;
		}
		String lowerCase = message.toLowerCase(Locale.ROOT);
		return (lowerCase.contains("staging label") || lowerCase.contains("version")) ? Reason.NO_SUCH_VERSION
				: Reason.NOT_FOUND;
	}

	private static boolean isForKms(String message) {
		// Elsewhere in the message, it may be part of the name of a role or a parameter.
		int action = message.indexOf(ACTION);
		return (action >= 0) ? message.startsWith("kms:", action + ACTION.length())
				: message.contains("kms:") || message.contains("KMS");
	}

	private static String hints(AwsCall call, Reason reason, String message) {
		String hints = "";
		if (reason == Reason.ACCESS_DENIED || reason == Reason.KMS_DENIED) {
			hints = otherAccount(call, message);
		}
		if (!(call instanceof GetSecretValue secret)) {
			return hints;
		}
		if (reason == Reason.ACCESS_DENIED && hints.isEmpty() && !message.contains("explicit deny")) {
			hints = "; AWS also denies access to secrets that do not exist: if the policy allows access, check the"
					+ " name";
		}
		if ((reason == Reason.ACCESS_DENIED || reason == Reason.NOT_FOUND) && secret.endsWithSuffix()) {
			hints += "; if the name itself ends in a hyphen and six characters, declare the full ARN, including the"
					+ " six that AWS added";
		}
		return hints;
	}

	/**
	 * Returns a hint if the secret is in another account than the caller: a policy of the
	 * caller's role is then not enough.
	 */
	private static String otherAccount(AwsCall call, String message) {
		String caller = callerAccount(message);
		if (caller == null) {
			return "";
		}
		return call.locations()
			.stream()
			.map(SecretLocation::arn)
			.filter((arn) -> arn != null && !arn.accountId().equals(caller))
			.findFirst()
			.map((arn) -> "; it belongs to account " + arn.accountId() + ", and the caller to account " + caller
					+ ": allow the caller in its resource policy and in the policy of its KMS key")
			.orElse("");
	}

	/**
	 * Returns the account in {@code User: arn:aws:sts::123456789012:…}.
	 */
	private static @Nullable String callerAccount(String message) {
		int user = message.indexOf("User: arn:");
		int start = (user >= 0) ? message.indexOf("::", user) + 2 : 0;
		int end = start + ACCOUNT_LENGTH;
		if (start < 2 || !message.startsWith(":", end) || message.substring(user + 6, start).indexOf(' ') >= 0) {
			return null;
		}
		String account = message.substring(start, end);
		return account.chars().allMatch((digit) -> digit >= '0' && digit <= '9') ? account : null;
	}

}
