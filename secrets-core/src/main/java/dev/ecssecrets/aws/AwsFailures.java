package dev.ecssecrets.aws;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Failed;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What the SDK's exceptions mean. They end here: their messages can quote an answer, and
 * so a value.
 */
final class AwsFailures {

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

	// As long as the detail of a failure may be.
	private static final int MAX_DETAIL = 500;

	private static final String ACTION = "not authorized to perform: ";

	private static final String MISSING_MODULE = "' service module must be on the class path";

	private static final int ACCOUNT_LENGTH = 12;

	private static final int MAX_MESSAGE = 200;

	private AwsFailures() {
	}

	static Failed of(AwsCall call, SdkException ex) {
		if (ex instanceof AwsServiceException service) {
			return answered(call, service);
		}
		if (ex instanceof ApiCallTimeoutException || ex instanceof ApiCallAttemptTimeoutException
				|| ex instanceof AbortedException) {
			return timedOut(call);
		}
		String fault = networkFault(ex);
		if (fault != null) {
			return new Failed(Reason.UNREACHABLE, call.source() + ": " + fault);
		}
		return new Failed(Reason.REFUSED, call.source()
				+ ((ex.getCause() != null) ? " could not be asked, or gave an answer that the AWS SDK could not read ("
						+ ex.getCause().getClass().getSimpleName() + ")" : ": " + ex.getMessage()));
	}

	private static Failed answered(AwsCall call, AwsServiceException ex) {
		if (ex.statusCode() / 100 == 3) {
			return new Failed(Reason.REFUSED, call.source() + " answers with a redirect (HTTP " + ex.statusCode()
					+ "), which is not followed: check the endpoint");
		}
		AwsErrorDetails details = ex.awsErrorDetails();
		if (details == null) {
			return new Failed(reason(call, ex, "", ""), call.source() + " did not answer as AWS does: "
					+ ex.getMessage() + ". " + sender(ex.statusCode()) + " may have answered instead");
		}
		String message = PrintableText.of(Objects.requireNonNullElse(details.errorMessage(), "").strip());
		Reason reason = reason(call, ex, details.errorCode(), message);
		String start = call.source() + " says " + details.errorCode();
		String end = " (HTTP " + ex.statusCode() + ((ex.requestId() != null) ? ", request " + ex.requestId() : "") + ")"
				+ hints(call, reason, message);
		String middle = message.isEmpty() ? "" : cut(": " + message, MAX_DETAIL - start.length() - end.length());
		return new Failed(reason, start + middle + end);
	}

	private static String sender(int status) {
		return (status == 407) ? "A proxy that requires a login" : "A proxy, a firewall or a VPC endpoint";
	}

	private static String cut(String text, int length) {
		return (text.length() <= length) ? text : text.substring(0, Math.max(length - 1, 0)) + "…";
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
			hints = "; AWS also denies access to a secret that does not exist: if the policy allows it, check the name";
		}
		if ((reason == Reason.ACCESS_DENIED || reason == Reason.NOT_FOUND) && secret.endsWithSuffix()) {
			hints += "; if the name itself ends in a hyphen and six characters, declare the full ARN, with the six that"
					+ " AWS added";
		}
		return hints;
	}

	/**
	 * A policy of the caller's role is not enough for what belongs to another account.
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
			.map((arn) -> "; it belongs to account " + arn.accountId() + " and the caller to " + caller
					+ ": its resource policy, and that of its KMS key, must allow the caller too")
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

	static Failed timedOut(AwsCall call) {
		return new Failed(Reason.TIMED_OUT, call.source() + " gave no answer in time");
	}

	static Failed unexpected(AwsCall call, @Nullable Throwable ex) {
		return new Failed(Reason.REFUSED,
				call.source() + ": unexpected " + ((ex != null) ? ex.getClass().getSimpleName() : "end"));
	}

	/**
	 * Before anything is asked: the message is of the configuration alone.
	 */
	static Failed misconfigured(@Nullable Throwable ex) {
		return new Failed(Reason.INVALID_CONFIGURATION,
				"the AWS SDK cannot be set up: " + messages(ex).findFirst().orElse("it does not say why"));
	}

	static Failed noRegion(String sought) {
		return new Failed(Reason.NO_REGION, "the valueFrom names none, and " + sought);
	}

	static Failed interrupted(AwsCall call) {
		return new Failed(Reason.TIMED_OUT, call.source() + " was not awaited: the thread was interrupted");
	}

	static Failed noCredentialsInTime() {
		return new Failed(Reason.TIMED_OUT, "the AWS credentials were not there in time");
	}

	static Failed noCredentials(@Nullable Throwable ex) {
		String modules = messages(ex).flatMap(AwsFailures::missingModule)
			.distinct()
			.sorted()
			.collect(Collectors.joining(", "));
		if (!modules.isEmpty()) {
			return new Failed(Reason.NO_CREDENTIALS,
					"the profile or the web identity needs a module that is not on the class path: " + modules);
		}
		String fault = networkFault(ex);
		if (fault != null) {
			return new Failed(Reason.NO_CREDENTIALS, "their provider cannot be reached: " + fault);
		}
		// The message of the whole chain is longer than a report should be.
		return new Failed(Reason.NO_CREDENTIALS,
				messages(ex).filter((message) -> message.length() < MAX_MESSAGE)
					.findFirst()
					.orElse("none of the providers of the AWS SDK's default chain has any"));
	}

	private static Stream<String> messages(@Nullable Throwable ex) {
		return Stream.iterate(ex, Objects::nonNull, Throwable::getCause)
			.map(Throwable::getMessage)
			.filter(Objects::nonNull);
	}

	/**
	 * Returns the dependencies that the SDK misses, of a message of its chain of
	 * providers.
	 */
	private static Stream<String> missingModule(String message) {
		Stream.Builder<String> modules = Stream.builder();
		for (int end = message.indexOf(MISSING_MODULE); end >= 0; end = message.indexOf(MISSING_MODULE, end + 1)) {
			modules.add("software.amazon.awssdk:" + message.substring(message.lastIndexOf('\'', end - 1) + 1, end));
		}
		return modules.build();
	}

	private static Reason reason(AwsCall call, AwsServiceException ex, String code, String message) {
		if (ex.isThrottlingException()) {
			return Reason.THROTTLED;
		}
		Reason reason = REASONS.get(code);
		if (reason == Reason.NOT_FOUND) {
			reason = absence(call, ex, message);
		}
		if (reason == Reason.ACCESS_DENIED && isForKms(message)) {
			return Reason.KMS_DENIED;
		}
		if (reason == null && message.contains("marked for deletion")) {
			return Reason.MARKED_FOR_DELETION;
		}
		if (reason == null) {
			return (ex.statusCode() >= 500) ? Reason.UNREACHABLE : Reason.REFUSED;
		}
		return reason;
	}

	/**
	 * Returns what is absent, as an absence lets an optional secret vanish. A service
	 * that fails knows of none, and Parameter Store names what is absent in an answer.
	 */
	private static @Nullable Reason absence(AwsCall call, AwsServiceException ex, String message) {
		if (!(call instanceof GetSecretValue) || ex.statusCode() / 100 != 4) {
			return null;
		}
		String lowerCase = message.toLowerCase(Locale.ROOT);
		return (lowerCase.contains("staging label") || lowerCase.contains("version")) ? Reason.NO_SUCH_VERSION
				: Reason.NOT_FOUND;
	}

	private static boolean isForKms(String message) {
		// Elsewhere it may be in the name of a role or of a parameter.
		int action = message.indexOf(ACTION);
		return (action >= 0) ? message.startsWith("kms:", action + ACTION.length())
				: message.contains("kms:") || message.contains("KMS");
	}

	private static @Nullable String networkFault(@Nullable Throwable ex) {
		String fault = null;
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			// Only the JDK's: the SDK's JSON parser has such exceptions too, and quotes.
			if (cause instanceof IOException && cause.getClass().getName().startsWith("java")) {
				fault = cause.getClass().getSimpleName()
						+ ((cause.getMessage() != null) ? ": " + cause.getMessage() : "");
			}
		}
		return fault;
	}

}
