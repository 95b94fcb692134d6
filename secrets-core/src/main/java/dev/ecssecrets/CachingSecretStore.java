package dev.ecssecrets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Store that shares what another store answers. However many callers there are, it loads
 * each location from the other store at most once in an interval. It needs Caffeine on
 * the class path.
 * <p>
 * Loads run on the calling thread. Concurrent callers wait for the load in progress and
 * share its answers. Failures are shared as long as values are, except for
 * {@link Reason#TIMED_OUT}: if the time of one caller is over, or its thread is
 * interrupted, the next one loads. A version of a secret that is declared by its ID never
 * changes, and is kept once it is found.
 * <p>
 * Answers that are older than the interval are never returned, and leave the memory as
 * other locations are fetched.
 */
public final class CachingSecretStore implements SecretStore {

	private final SecretStore store;

	private final long interval;

	private final AsyncCache<SecretLocation, Shared> cache;

	/**
	 * Creates a store without answers.
	 * @param store the store to load from
	 * @param interval how long the answers of a load are shared; if it is zero, only
	 * concurrent callers share them
	 */
	public CachingSecretStore(SecretStore store, Duration interval) {
		this(store, interval, System::nanoTime);
	}

	CachingSecretStore(SecretStore store, Duration interval, LongSupplier nanoTime) {
		this.store = store;
		this.interval = interval.toNanos();
		this.cache = Caffeine.newBuilder()
			.ticker(nanoTime::getAsLong)
			.executor(Runnable::run)
			.expireAfter(new Expiration())
			.buildAsync();
	}

	/**
	 * Fetches locations, of which it loads those that are not shared.
	 * @param locations the locations
	 * @param timeout how long the fetch may take, whether it loads or waits for the load
	 * of another caller
	 * @return an answer for each location, and the calls that this fetch made itself
	 */
	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		Map<SecretLocation, Answer> answers = new HashMap<>();
		List<Call> calls = new ArrayList<>();
		Set<SecretLocation> open = new LinkedHashSet<>(locations);
		while (!open.isEmpty()) {
			Map<SecretLocation, CompletableFuture<Shared>> shared = new LinkedHashMap<>();
			Map<SecretLocation, CompletableFuture<Shared>> claimed = claim(open, shared);
			if (!claimed.isEmpty()) {
				Response response = load(claimed, Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0)));
				answers.putAll(response.answers());
				calls.addAll(response.calls());
			}
			shared.forEach((location, future) -> {
				Answer answer = await(future, deadline);
				if (answer != null) {
					answers.put(location, answer);
				}
			});
			open.removeAll(answers.keySet());
		}
		return new Response(answers, calls);
	}

	/**
	 * Claims what is neither shared nor being loaded. In one step, or two callers with
	 * the same locations would divide them and load twice.
	 */
	private synchronized Map<SecretLocation, CompletableFuture<Shared>> claim(Set<SecretLocation> locations,
			Map<SecretLocation, CompletableFuture<Shared>> shared) {
		Map<SecretLocation, CompletableFuture<Shared>> claimed = new LinkedHashMap<>();
		for (SecretLocation location : locations) {
			CompletableFuture<Shared> future = this.cache.getIfPresent(location);
			if (future != null) {
				shared.put(location, future);
			}
			else {
				future = new CompletableFuture<>();
				this.cache.put(location, future);
				claimed.put(location, future);
			}
		}
		return claimed;
	}

	private Response load(Map<SecretLocation, CompletableFuture<Shared>> claimed, Duration timeout) {
		try {
			Response response = GuardedFetch.from(this.store, claimed.keySet(), timeout);
			claimed.forEach((location, future) -> {
				Answer answer = Objects.requireNonNull(response.answers().get(location));
				future.complete(new Shared(answer, nanosToShare(location, answer)));
			});
			return response;
		}
		finally {
			// Without effect, unless the JVM is out of memory.
			claimed.values().forEach((future) -> future.cancel(false));
		}
	}

	private long nanosToShare(SecretLocation location, Answer answer) {
		if (isTimeout(answer)) {
			return 0;
		}
		boolean pinned = location instanceof SecretsManagerSecret secret && secret.versionId() != null;
		return (pinned && answer instanceof Found) ? Long.MAX_VALUE : this.interval;
	}

	/**
	 * Awaits what another caller loads.
	 * @return the answer, or {@code null} if that caller had no time for one, and this
	 * one still has
	 */
	private static @Nullable Answer await(CompletableFuture<Shared> future, long deadline) {
		try {
			Answer answer = future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS).answer();
			return (isTimeout(answer) && deadline - System.nanoTime() > 0) ? null : answer;
		}
		catch (TimeoutException ex) {
			return new Failed(Reason.TIMED_OUT, "the fetch in progress gave no answer in time");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Failed(Reason.TIMED_OUT, "the thread was interrupted while it waited for the fetch in progress");
		}
		catch (CancellationException | ExecutionException ex) {
			return null;
		}
	}

	private static boolean isTimeout(Answer answer) {
		return answer instanceof Failed failed && failed.reason() == Reason.TIMED_OUT;
	}

	/**
	 * Answer of a load.
	 *
	 * @param answer the answer
	 * @param nanos how long it is shared
	 */
	private record Shared(Answer answer, long nanos) {

	}

	private static final class Expiration implements Expiry<SecretLocation, Shared> {

		@Override
		public long expireAfterCreate(SecretLocation location, Shared shared, long currentTime) {
			return shared.nanos();
		}

		@Override
		public long expireAfterUpdate(SecretLocation location, Shared shared, long currentTime, long currentDuration) {
			return currentDuration;
		}

		@Override
		public long expireAfterRead(SecretLocation location, Shared shared, long currentTime, long currentDuration) {
			return currentDuration;
		}

	}

}
