// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;

/**
 * One fetch from AWS. All calls run at once, each on a thread of its own. A location
 * whose call does not end in time gets a failure as its answer.
 */
final class AwsFetch implements AutoCloseable {

	private static final int MAX_CALLS_AT_ONCE = 64;

	// Time for a call to end by itself, so that its thread ends too.
	private static final Duration GRACE = Duration.ofMillis(500);

	private final AwsSettings settings;

	private final SharedCall<String> region;

	private final Deadline deadline;

	private final ExecutorService threads;

	private final AwsCallExecutor executor;

	// By identity, as hashing a record is slow in a cold JVM.
	private final IdentityHashMap<AwsCall, Future<Map<SecretLocation, Answer>>> pending = new IdentityHashMap<>();

	AwsFetch(AwsSettings settings, SharedCall<AwsCredentials> credentials, SharedCall<String> region, Time time,
			int locations, Duration timeout) {
		this.settings = settings;
		this.region = region;
		this.deadline = Deadline.after(timeout);
		this.threads = Executors.newFixedThreadPool(Math.min(locations, MAX_CALLS_AT_ONCE), FetchThread::new);
		this.executor = new AwsCallExecutor(settings, credentials.result(), time, this.deadline);
	}

	/**
	 * Fetches locations. Those that need the application's region wait until it is found;
	 * the others do not.
	 * @param locations the locations
	 * @return the response
	 */
	Response fetch(Set<SecretLocation> locations) {
		String region = this.settings.region();
		List<SecretLocation> withRegion = new ArrayList<>();
		List<SecretLocation> withoutRegion = new ArrayList<>();
		for (SecretLocation location : locations) {
			((region != null || location.arn() != null) ? withRegion : withoutRegion).add(location);
		}
		Map<SecretLocation, Answer> answers = new HashMap<>();
		if (withoutRegion.isEmpty()) {
			submit(withRegion, region);
		}
		else {
			Future<String> search = this.region.result();
			submit(withRegion, null);
			Failed failed = submitWhenFound(withoutRegion, search);
			if (failed != null) {
				for (SecretLocation location : withoutRegion) {
					answers.put(location, failed);
				}
			}
		}
		for (Map.Entry<AwsCall, Future<Map<SecretLocation, Answer>>> call : this.pending.entrySet()) {
			answers.putAll(await(call.getKey(), call.getValue()));
		}
		return new Response(answers, this.executor.finish());
	}

	private void submit(List<SecretLocation> locations, @Nullable String defaultRegion) {
		for (AwsCall call : CallPlan.of(locations, defaultRegion)) {
			this.pending.put(call, this.threads.submit(() -> this.executor.execute(call)));
		}
	}

	/**
	 * Submits the calls for locations once their region is found.
	 * @return why there is no region, or {@code null}
	 */
	private @Nullable Failed submitWhenFound(List<SecretLocation> locations, Future<String> region) {
		try {
			submit(locations, region.get(this.deadline.nanosLeft(), TimeUnit.NANOSECONDS));
			return null;
		}
		catch (TimeoutException ex) {
			return AwsFailures.noRegion("none was found in time");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return AwsFailures.noRegion("the thread was interrupted before one was found");
		}
		catch (ExecutionException ex) {
			return AwsFailures.misconfigured(ex.getCause());
		}
	}

	private Map<SecretLocation, Answer> await(AwsCall call, Future<Map<SecretLocation, Answer>> answers) {
		try {
			return answers.get(this.deadline.nanosLeft() + GRACE.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return call.answerAll(this.executor.timedOut(call));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return call.answerAll(AwsFailures.interrupted(call));
		}
		catch (ExecutionException ex) {
			return call.answerAll(AwsFailures.unexpected(call, ex.getCause()));
		}
	}

	/**
	 * Ends the threads and breaks the calls that are still running.
	 */
	@Override
	public void close() {
		this.threads.shutdownNow();
		this.executor.close();
	}

}
