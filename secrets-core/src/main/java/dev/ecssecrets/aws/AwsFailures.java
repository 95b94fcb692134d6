package dev.ecssecrets.aws;

import java.io.IOException;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Failed;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Failures for the SDK's exceptions. The exceptions themselves are not passed on: their
 * messages may quote an answer, and with it a value.
 */
final class AwsFailures {

	private static final String MISSING_MODULE = "' service module must be on the class path";

	private static final int MAX_MESSAGE = 200;

	private AwsFailures() {
	}

	static Failed of(AwsCall call, SdkException ex) {
		if (ex instanceof AwsServiceException service) {
			return ServiceErrors.failure(call, service);
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
				+ ((ex.getCause() != null) ? " could not be called, or returned an answer that the AWS SDK could not"
						+ " read (" + ex.getCause().getClass().getSimpleName() + ")" : ": " + ex.getMessage()));
	}

	static Failed timedOut(AwsCall call) {
		return new Failed(Reason.TIMED_OUT, call.source() + " did not answer in time");
	}

	static Failed interrupted(AwsCall call) {
		return new Failed(Reason.TIMED_OUT,
				call.source() + ": the thread was interrupted while waiting for the answer");
	}

	static Failed unexpected(AwsCall call, @Nullable Throwable ex) {
		return new Failed(Reason.REFUSED,
				call.source() + ": unexpected " + ((ex != null) ? ex.getClass().getSimpleName() : "end"));
	}

	/**
	 * Returns the failure for an exception before the first call. Its message contains
	 * only configuration.
	 */
	static Failed misconfigured(@Nullable Throwable ex) {
		return new Failed(Reason.INVALID_CONFIGURATION,
				"the AWS SDK cannot be set up: " + messages(ex).findFirst().orElse("it does not report a cause"));
	}

	static Failed noRegion(String cause) {
		return new Failed(Reason.NO_REGION, "the valueFrom has no region, and " + cause);
	}

	static Failed noCredentialsInTime() {
		return new Failed(Reason.TIMED_OUT, "the AWS credentials were not available in time");
	}

	static Failed noCredentials(@Nullable Throwable ex) {
		String modules = messages(ex).flatMap(AwsFailures::missingModules)
			.distinct()
			.sorted()
			.collect(Collectors.joining(", "));
		if (!modules.isEmpty()) {
			return new Failed(Reason.NO_CREDENTIALS,
					"the profile or the web identity needs a module that is not on the class path: " + modules);
		}
		String fault = networkFault(ex);
		if (fault != null) {
			return new Failed(Reason.NO_CREDENTIALS, "the credentials provider cannot be reached: " + fault);
		}
		// The default chain's message lists all providers, too long for a report.
		return new Failed(Reason.NO_CREDENTIALS,
				messages(ex).filter((message) -> message.length() < MAX_MESSAGE)
					.findFirst()
					.orElse("no provider in the AWS SDK's default chain has credentials"));
	}

	private static Stream<String> messages(@Nullable Throwable ex) {
		return Stream.iterate(ex, Objects::nonNull, Throwable::getCause)
			.map(Throwable::getMessage)
			.filter(Objects::nonNull);
	}

	/**
	 * Returns the dependencies that are missing according to a message of the SDK's chain
	 * of providers.
	 */
	private static Stream<String> missingModules(String message) {
		Stream.Builder<String> modules = Stream.builder();
		for (int end = message.indexOf(MISSING_MODULE); end >= 0; end = message.indexOf(MISSING_MODULE, end + 1)) {
			modules.add("software.amazon.awssdk:" + message.substring(message.lastIndexOf('\'', end - 1) + 1, end));
		}
		return modules.build();
	}

	private static @Nullable String networkFault(@Nullable Throwable ex) {
		String fault = null;
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			// Only the JDK's: the SDK's JSON parser throws such exceptions too, and
			// quotes the text.
			if (cause instanceof IOException && cause.getClass().getName().startsWith("java")) {
				fault = cause.getClass().getSimpleName()
						+ ((cause.getMessage() != null) ? ": " + cause.getMessage() : "");
			}
		}
		return fault;
	}

}
