// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.aws.CallRecorder.Recording;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;

/**
 * Executor of the calls of one fetch. Calls share their clients and credentials, and
 * those to one service in one region share their retries.
 */
final class AwsCallExecutor implements AutoCloseable {

	private final CompletableFuture<AwsCredentials> credentials;

	private final AwsClients clients;

	private final Time time;

	private final Deadline deadline;

	private final Map<String, Retries> retries = new ConcurrentHashMap<>();

	private final CallRecorder recorder = new CallRecorder();

	AwsCallExecutor(AwsSettings settings, CompletableFuture<AwsCredentials> credentials, Time time, Deadline deadline) {
		this.credentials = credentials;
		this.clients = new AwsClients(settings, credentials::join, deadline);
		this.time = time;
		this.deadline = deadline;
	}

	/**
	 * Executes a call on the calling thread.
	 * @param call the call
	 * @return an answer for each location of the call
	 */
	Map<SecretLocation, Answer> execute(AwsCall call) throws InterruptedException {
		AwsApi api;
		try {
			api = this.clients.api(call.service(), call.region());
		}
		catch (RuntimeException ex) {
			return call.answerAll(AwsFailures.misconfigured(ex));
		}
		Failed failed = awaitCredentials();
		return (failed != null) ? call.answerAll(failed) : execute(call, api);
	}

	private @Nullable Failed awaitCredentials() throws InterruptedException {
		try {
			this.credentials.get(this.deadline.nanosLeft(), TimeUnit.NANOSECONDS);
			return null;
		}
		catch (TimeoutException ex) {
			return AwsFailures.noCredentialsInTime();
		}
		catch (ExecutionException ex) {
			return AwsFailures.noCredentials(ex.getCause());
		}
	}

	private Map<SecretLocation, Answer> execute(AwsCall call, AwsApi api) throws InterruptedException {
		Recording recording = this.recorder.start(call.service());
		try {
			Map<SecretLocation, Answer> answers = retries(call).execute(call, api);
			recording.end(null);
			return answers;
		}
		catch (AwsException ex) {
			Failed failed = AwsFailures.of(call, ex);
			recording.end(failed.reason());
			return mayBeForOneLocation(call, ex, failed.reason()) ? executeOneByOne(call) : call.answerAll(failed);
		}
		finally {
			// Has an effect only if an unexpected exception was thrown.
			recording.end(Reason.REFUSED);
		}
	}

	private Retries retries(AwsCall call) {
		return this.retries.computeIfAbsent(call.source(),
				(source) -> new Retries(this.time, this.deadline.nanosLeft()));
	}

	/**
	 * Returns whether a failure may concern only one location of a call. AWS answers a
	 * call for ten names with one error if a single name is denied or malformed.
	 */
	private static boolean mayBeForOneLocation(AwsCall call, AwsException ex, Reason reason) {
		return call.locations().size() > 1 && ex.answer() != null && ex.answer().code() != null
				&& (reason == Reason.ACCESS_DENIED || reason == Reason.KMS_DENIED || reason == Reason.REFUSED);
	}

	private Map<SecretLocation, Answer> executeOneByOne(AwsCall call) throws InterruptedException {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (AwsCall one : call.split()) {
			answers.putAll(execute(one));
		}
		return answers;
	}

	/**
	 * Returns the answer for a call that did not end in time.
	 * @param call the call
	 * @return the failure
	 */
	Failed timedOut(AwsCall call) {
		return this.credentials.isDone() ? AwsFailures.timedOut(call) : AwsFailures.noCredentialsInTime();
	}

	/**
	 * Returns all calls that were made.
	 * @return the calls; those that are still running have timed out
	 */
	List<Call> finish() {
		return this.recorder.finish();
	}

	@Override
	public void close() {
		this.clients.close();
	}

}
