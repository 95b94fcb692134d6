package dev.ecssecrets.aws;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.SecretFailure.Reason;
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
			Map.entry("IncompleteSignatureException", Reason.NO_CREDENTIALS),
			Map.entry("InvalidClientTokenId", Reason.NO_CREDENTIALS),
			Map.entry("InvalidSignatureException", Reason.NO_CREDENTIALS),
			Map.entry("MissingAuthenticationTokenException", Reason.NO_CREDENTIALS),
			Map.entry("UnrecognizedClientException", Reason.NO_CREDENTIALS));

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
		return new Failed(Reason.REFUSED, call.source() + ((ex.getCause() != null)
				? " gave an answer that the AWS SDK could not read (" + ex.getCause().getClass().getSimpleName() + ")"
				: ": " + ex.getMessage()));
	}

	private static Failed answered(AwsCall call, AwsServiceException ex) {
		AwsErrorDetails details = ex.awsErrorDetails();
		String code = (details != null) ? Objects.requireNonNullElse(details.errorCode(), "") : "";
		String message = (details != null) ? Objects.requireNonNullElse(details.errorMessage(), "") : "";
		return new Failed(reason(ex, code, message), call.source() + " says " + code + ": " + message + " (HTTP "
				+ ex.statusCode() + ", request " + ex.requestId() + ")");
	}

	static Failed timedOut(AwsCall call) {
		return new Failed(Reason.TIMED_OUT, call.source() + " gave no answer in time");
	}

	static Failed interrupted(AwsCall call) {
		return new Failed(Reason.TIMED_OUT, call.source() + " was not awaited: the thread was interrupted");
	}

	static Failed noCredentials(@Nullable Throwable ex) {
		String fault = networkFault(ex);
		return new Failed(Reason.NO_CREDENTIALS,
				(fault != null) ? "their provider cannot be reached: " + fault : "no provider of the AWS SDK has any");
	}

	private static Reason reason(AwsServiceException ex, String code, String message) {
		if (ex.isThrottlingException()) {
			return Reason.THROTTLED;
		}
		Reason reason = REASONS.get(code);
		if (reason == Reason.ACCESS_DENIED && (message.contains("kms:") || message.contains("KMS"))) {
			return Reason.KMS_DENIED;
		}
		if (reason == null) {
			return (ex.statusCode() >= 500) ? Reason.UNREACHABLE : Reason.REFUSED;
		}
		return reason;
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
