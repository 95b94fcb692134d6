package dev.ecssecrets.aws;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

	private static final Pattern CALLER = Pattern.compile("User: (arn:\\S+?::(\\d{12}):\\S+)");

	private static final Pattern ACTION = Pattern.compile("not authorized to perform: (\\w+):");

	private static final Pattern VERSION = Pattern.compile("staging label|version", Pattern.CASE_INSENSITIVE);

	private static final Pattern MISSING_MODULE = Pattern.compile("'(\\w+)' service module must be on the class path");

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
		String code = (details != null) ? Objects.requireNonNullElse(details.errorCode(), "") : "";
		String message = (details != null) ? Objects.requireNonNullElse(details.errorMessage(), "") : "";
		Reason reason = reason(ex, code, message);
		return new Failed(reason, call.source() + " says " + code + ": " + message + " (HTTP " + ex.statusCode()
				+ ", request " + ex.requestId() + ")" + otherAccount(call, reason, message));
	}

	/**
	 * A policy of the caller's role is not enough for what belongs to another account.
	 */
	private static String otherAccount(AwsCall call, Reason reason, String message) {
		Matcher caller = CALLER.matcher(message);
		if ((reason != Reason.ACCESS_DENIED && reason != Reason.KMS_DENIED) || !caller.find()) {
			return "";
		}
		return call.locations()
			.stream()
			.map(SecretLocation::arn)
			.filter((arn) -> arn != null && !arn.accountId().equals(caller.group(2)))
			.findFirst()
			.map((arn) -> "; it belongs to account " + arn.accountId() + " and the caller to " + caller.group(2)
					+ ": its resource policy, and that of its KMS key, must allow the caller too")
			.orElse("");
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
		String modules = messages(ex).flatMap((message) -> MISSING_MODULE.matcher(message).results())
			.map((match) -> "software.amazon.awssdk:" + match.group(1))
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

	private static Reason reason(AwsServiceException ex, String code, String message) {
		if (ex.isThrottlingException()) {
			return Reason.THROTTLED;
		}
		Reason reason = REASONS.get(code);
		if (reason == Reason.ACCESS_DENIED && isForKms(message)) {
			return Reason.KMS_DENIED;
		}
		if (reason == Reason.NOT_FOUND && VERSION.matcher(message).find()) {
			return Reason.NO_SUCH_VERSION;
		}
		if (reason == null && message.contains("marked for deletion")) {
			return Reason.MARKED_FOR_DELETION;
		}
		if (reason == null) {
			return (ex.statusCode() >= 500) ? Reason.UNREACHABLE : Reason.REFUSED;
		}
		return reason;
	}

	private static boolean isForKms(String message) {
		// Elsewhere it may be in the name of a role or of a parameter.
		Matcher action = ACTION.matcher(message);
		return action.find() ? action.group(1).equals("kms") : message.contains("kms:") || message.contains("KMS");
	}

	private static @Nullable String networkFault(@Nullable Throwable ex) {
		String fault = null;
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			// Only the JDK's: the SDK's JSON parser has such exceptions too, and quotes.
			if (cause instanceof IOException && cause.getClass().getName().startsWith("java")) {
				fault = cause.getClass().getSimpleName() + ": " + cause.getMessage();
			}
		}
		return fault;
	}

}
