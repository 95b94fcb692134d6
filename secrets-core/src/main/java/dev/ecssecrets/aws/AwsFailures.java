// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.Objects;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Failed;
import org.jspecify.annotations.Nullable;

/**
 * Failures for exceptions. The exceptions themselves are not passed on: their messages
 * may quote an answer, and with it a value.
 */
final class AwsFailures {

	private static final int MAX_MESSAGE = 200;

	private AwsFailures() {
	}

	static Failed of(AwsCall call, AwsException ex) {
		if (ex.answer() != null) {
			return ServiceErrors.failure(call, ex.answer());
		}
		return (ex.reason() == Reason.TIMED_OUT) ? timedOut(call)
				: new Failed(ex.reason(), call.source() + ": " + ex.getMessage());
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
		return (ex instanceof AwsException failure) ? of(failure) : new Failed(Reason.INVALID_CONFIGURATION,
				messages(ex).findFirst().orElse("AWS cannot be called, and no cause is reported"));
	}

	static Failed noRegion(String cause) {
		return of(AwsException.noRegion(cause));
	}

	static Failed noCredentialsInTime() {
		return new Failed(Reason.TIMED_OUT, "the AWS credentials were not available in time");
	}

	static Failed noCredentials(@Nullable Throwable ex) {
		if (ex instanceof AwsException failure) {
			return of(failure);
		}
		String fault = AwsException.fault(ex);
		if (fault != null) {
			return new Failed(Reason.NO_CREDENTIALS, "the credentials provider cannot be reached: " + fault);
		}
		return new Failed(Reason.NO_CREDENTIALS,
				messages(ex).filter((message) -> message.length() < MAX_MESSAGE)
					.findFirst()
					.orElse("the credentials provider does not report why"));
	}

	private static Failed of(AwsException ex) {
		return new Failed(ex.reason(), ex.getMessage());
	}

	private static Stream<String> messages(@Nullable Throwable ex) {
		return Stream.iterate(ex, Objects::nonNull, Throwable::getCause)
			.map(Throwable::getMessage)
			.filter(Objects::nonNull);
	}

}
