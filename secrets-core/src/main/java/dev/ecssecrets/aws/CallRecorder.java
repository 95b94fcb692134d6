// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Call;
import org.jspecify.annotations.Nullable;

/**
 * Recorder of the calls of one fetch.
 */
final class CallRecorder {

	private final Set<Recording> running = ConcurrentHashMap.newKeySet();

	private final Queue<Call> ended = new ConcurrentLinkedQueue<>();

	/**
	 * Starts to record a call.
	 * @param service the service that is called
	 * @return the recording
	 */
	Recording start(AwsService service) {
		Recording recording = new Recording(service);
		this.running.add(recording);
		return recording;
	}

	/**
	 * Returns all calls that have started. Those that are still running count as timed
	 * out.
	 * @return the calls
	 */
	List<Call> finish() {
		for (Recording recording : this.running) {
			recording.end(Reason.TIMED_OUT);
		}
		return List.copyOf(this.ended);
	}

	/**
	 * Recording of a call.
	 */
	final class Recording {

		private final AwsService service;

		private final long start = System.nanoTime();

		private Recording(AwsService service) {
			this.service = service;
		}

		/**
		 * Ends the recording, unless it has ended before.
		 * @param failure why the call failed, or {@code null} if it succeeded
		 */
		void end(@Nullable Reason failure) {
			if (CallRecorder.this.running.remove(this)) {
				Duration elapsed = Duration.ofNanos(System.nanoTime() - this.start);
				CallRecorder.this.ended.add(new Call(this.service.id, elapsed, failure));
			}
		}

	}

}
