package dev.ecssecrets;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Where values come from. A store may be used by any number of threads, and holds nothing
 * open between fetches.
 */
@FunctionalInterface
public interface SecretStore {

	/**
	 * Fetches locations, all of them before it returns. If the thread is interrupted, the
	 * store may answer early, as if the time were over, and leaves the thread
	 * interrupted.
	 * @param locations the locations
	 * @param timeout how long the fetch may take; what is not there by then is answered
	 * with {@link Reason#TIMED_OUT}
	 * @return an answer for each location. A failure is an answer too: if the method
	 * throws, all locations count as {@link Reason#REFUSED}, and the message of the
	 * exception is lost, as it may quote a value. {@link Reason#NOT_FOUND} and
	 * {@link Reason#NO_SUCH_VERSION} are for what the store itself has said that it does
	 * not have: {@code optional} forgives them
	 */
	Response fetch(Set<SecretLocation> locations, Duration timeout);

	/**
	 * What a fetch brought.
	 *
	 * @param answers an answer for each location that was asked
	 * @param calls the calls that it took
	 */
	record Response(Map<SecretLocation, Answer> answers, List<Call> calls) {

		/**
		 * Creates a response, with copies of both.
		 * @param answers an answer for each location that was asked
		 * @param calls the calls that it took
		 */
		public Response {
			answers = Map.copyOf(answers);
			calls = List.copyOf(calls);
		}

		/**
		 * Creates a response that took no call.
		 * @param answers an answer for each location that was asked
		 */
		public Response(Map<SecretLocation, Answer> answers) {
			this(answers, List.of());
		}

	}

	/**
	 * A call of what keeps the values: a request, or the reading of a file.
	 *
	 * @param store what was called, by a short name of which there are few: {@code ssm},
	 * {@code secretsmanager}, {@code file}, or that of a store of one's own
	 * @param elapsed how long it took, with its retries
	 * @param failure why the call as a whole failed, or {@code null} if it was answered,
	 * be it that something does not exist
	 */
	record Call(String store, Duration elapsed, @Nullable Reason failure) {

		/**
		 * Creates a call.
		 * @param store what was called
		 * @param elapsed how long it took
		 * @param failure why the call as a whole failed; that something does not exist
		 * counts as an answer
		 */
		public Call {
			store = PrintableText.of(store);
			failure = (failure != null && failure.isAbsence()) ? null : failure;
		}

	}

	/**
	 * The answer for one location.
	 */
	sealed interface Answer {

	}

	/**
	 * The location has a value. Two answers are equal only if they hold the same instance
	 * of {@link SecretValue}.
	 *
	 * @param value the value
	 * @param source where it is from
	 * @param warning what about the value will surprise, for a person to read after the
	 * name of the secret, or {@code null}; it must not hold a value
	 */
	record Found(SecretValue value, SecretSource source, @Nullable String warning) implements Answer {

		/**
		 * Creates an answer, with the warning in printable form.
		 * @param value the value
		 * @param source where it is from
		 * @param warning what about the value will surprise, of which 500 characters are
		 * kept, or {@code null}
		 */
		public Found {
			warning = (warning != null) ? PrintableText.of(warning) : null;
		}

		/**
		 * Creates an answer without warning.
		 * @param value the value
		 * @param source where it is from
		 */
		public Found(SecretValue value, SecretSource source) {
			this(value, source, null);
		}

		/**
		 * Creates an answer that the store gives now, without version and warning.
		 */
		Found(SecretValue value, String store) {
			this(value, new SecretSource(store, null, List.of(), Instant.now()));
		}

		/**
		 * Returns this answer with one more warning.
		 */
		Found withWarning(String warning) {
			return new Found(this.value, this.source, (this.warning != null) ? this.warning + "; " + warning : warning);
		}

	}

	/**
	 * The location has no value.
	 *
	 * @param reason the kind of failure
	 * @param detail what happened, for a person to read; it must not hold a value
	 */
	record Failed(Reason reason, String detail) implements Answer {

		/**
		 * Creates an answer, with the detail in printable form.
		 * @param reason the kind of failure
		 * @param detail what happened, of which 500 characters are kept
		 */
		public Failed {
			detail = PrintableText.of(detail);
		}

	}

}
