// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Store of values. It is safe for use by multiple threads, and keeps no resources open
 * between fetches.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface SecretStore {

	/**
	 * Fetches locations, and returns once all of them have an answer. If the thread is
	 * interrupted, the store may answer early, as if the time were over. The thread then
	 * remains interrupted.
	 * @param locations the locations
	 * @param timeout how long the fetch may take; a location that has no value by then is
	 * answered with {@link Reason#TIMED_OUT}
	 * @return an answer for each location. A failure is an answer too. If the method
	 * throws, all locations count as {@link Reason#REFUSED}, and the message of the
	 * exception is dropped, because it may quote a value. A store answers
	 * {@link Reason#NOT_FOUND} or {@link Reason#NO_SUCH_VERSION} only if it knows that
	 * there is no such value: an optional secret is then left out
	 */
	Response fetch(Set<SecretLocation> locations, Duration timeout);

	/**
	 * Response to a fetch.
	 *
	 * @param answers an answer for each location
	 * @param calls the calls that the fetch made
	 */
	record Response(Map<SecretLocation, Answer> answers, List<Call> calls) {

		/**
		 * Creates a response, with copies of both.
		 * @param answers an answer for each location
		 * @param calls the calls that the fetch made
		 */
		public Response {
			answers = Map.copyOf(answers);
			calls = List.copyOf(calls);
		}

		/**
		 * Creates a response without calls.
		 * @param answers an answer for each location
		 */
		public Response(Map<SecretLocation, Answer> answers) {
			this(answers, List.of());
		}

	}

	/**
	 * Call to the system that keeps the values: a request, or the reading of a file.
	 *
	 * @param store the short name of the system, from a small set: {@code ssm},
	 * {@code secretsmanager}, {@code file}, or the name of a custom store
	 * @param elapsed how long the call took, including its retries
	 * @param failure why the call as a whole failed, or {@code null} if it was answered;
	 * that a value does not exist is an answer
	 */
	record Call(String store, Duration elapsed, @Nullable Reason failure) {

		/**
		 * Creates a call.
		 * @param store the short name of the system
		 * @param elapsed how long the call took
		 * @param failure why the call as a whole failed; that a value does not exist
		 * counts as an answer
		 */
		public Call {
			store = PrintableText.of(store);
			failure = (failure != null && failure.isAbsence()) ? null : failure;
		}

	}

	/**
	 * Answer for one location.
	 */
	sealed interface Answer {

	}

	/**
	 * Answer for a location that has a value. Two answers are equal only if they hold the
	 * same instance of {@link SecretValue}.
	 *
	 * @param value the value
	 * @param source the source of the value
	 * @param warning a surprising fact about the value, for a person to read after the
	 * name of the secret, or {@code null}; it must not contain a value
	 */
	record Found(SecretValue value, SecretSource source, @Nullable String warning) implements Answer {

		/**
		 * Creates an answer, with the warning in printable form.
		 * @param value the value
		 * @param source the source of the value
		 * @param warning a surprising fact about the value, cut to 500 characters, or
		 * {@code null}
		 */
		public Found {
			warning = (warning != null) ? PrintableText.of(warning) : null;
		}

		/**
		 * Creates an answer without a warning.
		 * @param value the value
		 * @param source the source of the value
		 */
		public Found(SecretValue value, SecretSource source) {
			this(value, source, null);
		}

		/**
		 * Returns this answer with an additional warning.
		 */
		Found withWarning(String warning) {
			return new Found(this.value, this.source, (this.warning != null) ? this.warning + "; " + warning : warning);
		}

	}

	/**
	 * Answer for a location that has no value.
	 *
	 * @param reason the kind of failure
	 * @param detail what happened, for a person to read; it must not contain a value
	 */
	record Failed(Reason reason, String detail) implements Answer {

		/**
		 * Creates an answer, with the detail in printable form.
		 * @param reason the kind of failure
		 * @param detail what happened, cut to 500 characters
		 */
		public Failed {
			detail = PrintableText.of(detail);
		}

	}

}
