// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * Exceptions in place of the SDK's, whose messages may quote an answer, and with it a
 * value.
 */
final class SdkFailures {

	private SdkFailures() {
	}

	/**
	 * Returns the failure of a call without an answer.
	 * @param ex the SDK's exception
	 * @return never: one is thrown
	 * @throws IOException if the network has failed
	 */
	static IllegalStateException ofCall(RuntimeException ex) throws IOException {
		if (ex instanceof ApiCallTimeoutException || ex instanceof ApiCallAttemptTimeoutException
				|| ex instanceof AbortedException) {
			throw new InterruptedIOException("the AWS SDK has ended the call");
		}
		IOException fault = fault(ex);
		if (fault != null) {
			throw fault;
		}
		return new IllegalStateException(
				(ex.getCause() != null) ? "the AWS SDK could not make the call or read the answer ("
						+ ex.getCause().getClass().getSimpleName() + ")" : ex.getMessage());
	}

	static @Nullable IOException fault(Throwable ex) {
		IOException fault = null;
		for (@Nullable
		Throwable cause = ex; cause != null; cause = cause.getCause()) {
			// Only the JDK's: the SDK's JSON parser throws such exceptions too, and
			// quotes the text.
			if (cause instanceof IOException io && cause.getClass().getName().startsWith("java")) {
				fault = io;
			}
		}
		return fault;
	}

	/**
	 * Returns the message of an exception before a call. It contains only configuration.
	 */
	static String message(@Nullable Throwable ex) {
		return messages(ex).findFirst().orElse("it does not report a cause");
	}

	static Stream<String> messages(@Nullable Throwable ex) {
		return Stream.iterate(ex, Objects::nonNull, Throwable::getCause)
			.map(Throwable::getMessage)
			.filter(Objects::nonNull);
	}

}
