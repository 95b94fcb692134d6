// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.Objects;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Failure of a call, or of something that a call needs. Its message contains
 * configuration and the names of exceptions, never an answer.
 */
final class AwsException extends RuntimeException {

	private static final long serialVersionUID = 1;

	private final Reason reason;

	private final transient @Nullable ErrorAnswer answer;

	/**
	 * Creates a failure without an answer.
	 * @param reason the reason
	 * @param message the rest of a sentence for a person to read
	 */
	AwsException(Reason reason, String message) {
		super(message);
		this.reason = reason;
		this.answer = null;
	}

	/**
	 * Creates the failure of a call that was answered with an error.
	 * @param answer the answer
	 */
	AwsException(ErrorAnswer answer) {
		super("HTTP " + answer.status());
		this.reason = Reason.REFUSED;
		this.answer = answer;
	}

	/**
	 * Returns the failure of a call that has no answer.
	 * @param ex the cause
	 * @param deadline the end of the call
	 * @return a timeout if the deadline has passed or the thread was interrupted, else a
	 * failure with the cause
	 */
	static AwsException noAnswer(IOException ex, Deadline deadline) {
		// A time-out of the socket is a silence, which may end at the next attempt.
		boolean ended = ex instanceof InterruptedIOException && !(ex instanceof SocketTimeoutException);
		return (ended || deadline.hasPassed()) ? timedOut()
				: new AwsException(Reason.UNREACHABLE, Objects.requireNonNullElse(fault(ex), "there was no answer"));
	}

	static AwsException noRegion(String cause) {
		return new AwsException(Reason.NO_REGION, "the valueFrom has no region, and " + cause);
	}

	static AwsException timedOut() {
		return new AwsException(Reason.TIMED_OUT, "there was no answer in time");
	}

	/**
	 * Returns the fault of the network that is the innermost cause of an exception.
	 * @return its class and its message, or {@code null} if there is none
	 */
	static @Nullable String fault(@Nullable Throwable ex) {
		String fault = null;
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			// Only the JDK's: JSON parsers throw such exceptions too, and quote the text.
			if (cause instanceof IOException && cause.getClass().getName().startsWith("java")) {
				fault = cause.getClass().getSimpleName()
						+ ((cause.getMessage() != null) ? ": " + cause.getMessage() : "");
			}
		}
		return fault;
	}

	/**
	 * Returns the reason, unless the call was answered with an error: that depends on the
	 * call.
	 */
	Reason reason() {
		return this.reason;
	}

	@Nullable ErrorAnswer answer() {
		return this.answer;
	}

	@Override
	public String getMessage() {
		return Objects.requireNonNull(super.getMessage());
	}

}
