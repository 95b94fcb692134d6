// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;

/**
 * Fetch from a store that may misbehave. If the store throws, all locations fail.
 */
final class GuardedFetch {

	private static final Failed NO_ANSWER = new Failed(Reason.REFUSED, "the store returned no answer");

	private GuardedFetch() {
	}

	/**
	 * Fetches locations.
	 * @return an answer for each location
	 */
	static Response from(SecretStore store, Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		try {
			Response response = store.fetch(Collections.unmodifiableSet(locations), timeout);
			locations
				.forEach((location) -> answers.put(location, response.answers().getOrDefault(location, NO_ANSWER)));
			return new Response(answers, response.calls());
		}
		catch (Throwable ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			Failed failed = lacksSdk(ex) ? new Failed(Reason.NO_SDK, "not on the class path: " + ex.getMessage())
					: new Failed(Reason.REFUSED, "the store threw " + describe(ex));
			locations.forEach((location) -> answers.put(location, failed));
			return new Response(answers);
		}
	}

	private static boolean lacksSdk(Throwable ex) {
		return ex instanceof NoClassDefFoundError && ex.getMessage() != null
				&& ex.getMessage().startsWith("software/amazon/awssdk/");
	}

	/**
	 * Describes an exception by its class and the place where it was thrown. The message
	 * is left out, because it may quote a value, except for a {@link LinkageError}: it
	 * names the class that cannot be loaded.
	 */
	private static String describe(Throwable ex) {
		StackTraceElement[] trace = ex.getStackTrace();
		return ex.getClass().getName()
				+ ((ex instanceof LinkageError && ex.getMessage() != null) ? " (" + ex.getMessage() + ")" : "")
				+ ((trace.length > 0) ? " at " + trace[0].getClassName() + "." + trace[0].getMethodName() + "("
						+ trace[0].getFileName() + ":" + trace[0].getLineNumber() + ")" : "");
	}

}
