package dev.ecssecrets.aws.sdk;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.stream.Collectors;
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

	private static final String MISSING_MODULE = "' service module must be on the class path";

	private static final int MAX_MESSAGE = 200;

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

	private static @Nullable IOException fault(Throwable ex) {
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

	/**
	 * Returns why there are no credentials.
	 */
	static String noCredentials(Throwable ex) {
		String modules = messages(ex).flatMap(SdkFailures::missingModules)
			.distinct()
			.sorted()
			.collect(Collectors.joining(", "));
		if (!modules.isEmpty()) {
			return "the profile or the web identity needs a module that is not on the class path: " + modules;
		}
		IOException fault = fault(ex);
		if (fault != null) {
			return "the credentials provider cannot be reached: " + fault.getClass().getSimpleName()
					+ ((fault.getMessage() != null) ? ": " + fault.getMessage() : "");
		}
		// The default chain's message lists all providers, too long for a report.
		return messages(ex).filter((message) -> message.length() < MAX_MESSAGE)
			.findFirst()
			.orElse("no provider in the AWS SDK's default chain has credentials");
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

}
