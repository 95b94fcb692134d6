package dev.ecssecrets;

import java.time.Duration;
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
	 * Fetches locations, all of them before it returns.
	 * @param locations the locations
	 * @param timeout how long the fetch may take; what is not there by then is answered
	 * with {@link Reason#TIMED_OUT}
	 * @return an answer for each location; what fails is an answer too, never an
	 * exception
	 */
	Response fetch(Set<SecretLocation> locations, Duration timeout);

	/**
	 * What a fetch brought.
	 *
	 * @param answers an answer for each location that was asked
	 * @param calls how many remote calls it took, without retries
	 */
	record Response(Map<SecretLocation, Answer> answers, int calls) {

		/**
		 * Creates a response, with a copy of the answers.
		 * @param answers an answer for each location that was asked
		 * @param calls how many remote calls it took
		 */
		public Response {
			answers = Map.copyOf(answers);
		}

	}

	/**
	 * The answer for one location.
	 */
	sealed interface Answer {

	}

	/**
	 * The location has a value.
	 *
	 * @param value the value
	 * @param source where it is from, for a person to read, such as
	 * {@code Secrets Manager in eu-west-1}
	 * @param warning what about the value will surprise, for a person to read after the
	 * name of the secret, or {@code null}; it must not hold a value
	 */
	record Found(SecretValue value, String source, @Nullable String warning) implements Answer {

		/**
		 * Creates an answer without warning.
		 * @param value the value
		 * @param source where it is from
		 */
		public Found(SecretValue value, String source) {
			this(value, source, null);
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

	}

}
