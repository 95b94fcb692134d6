// SPDX-License-Identifier: Apache-2.0

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
 * Store that shares the answers of another store. It loads each location from that store
 * at most once in an interval, no matter how many callers there are. It requires Caffeine
 * on the class path.
 * <p>
 * Loads run on the calling thread. Concurrent callers wait for the load in progress and
 * share its answers. Failures are shared as long as values, except for
 * {@link Reason#TIMED_OUT}: if one caller runs out of time or its thread is interrupted,
 * the next caller loads. A version of a secret that is declared by its ID never changes,
 * so it is kept once it has been found.
 * <p>
 * Answers that are older than the interval are never returned. They are removed from
 * memory as other locations are fetched.
 *
 * @since 0.1.0
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
	 * @throws IllegalArgumentException if the interval is negative, or has more
	 * nanoseconds than a {@code long} holds (292 years)
	 */
	public CachingSecretStore(SecretStore store, Duration interval) {
		this(store, interval, System::nanoTime);
	}

	CachingSecretStore(SecretStore store, Duration interval, LongSupplier nanoTime) {
		if (interval.isNegative() || interval.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
			throw new IllegalArgumentException("interval must not be negative, and must be less than 292 years");
		}
		this.store = store;
		this.interval = interval.toNanos();
		this.cache = Caffeine.newBuilder()
			.ticker(nanoTime::getAsLong)
			.executor(Runnable::run)
			.expireAfter(new Expiration())
			.buildAsync();
	}

	/**
	 * Forgets all answers. Loads in progress are still shared with those that wait for
	 * them.
	 */
	public void clear() {
		this.cache.synchronous().invalidateAll();
	}

	/**
	 * Fetches locations, and loads only those that are not shared.
	 * @param locations the locations
	 * @param timeout how long the fetch may take, including the time to wait for the load
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
			Claim claim = claim(open);
			if (!claim.own().isEmpty()) {
				Response response = load(claim.own(), Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0)));
				answers.putAll(response.answers());
				calls.addAll(response.calls());
			}
			claim.others().forEach((location, future) -> {
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
	 * Claims the locations that are neither shared nor being loaded. The method is
	 * synchronized, because two callers with the same locations would otherwise divide
	 * them and make two loads.
	 */
	private synchronized Claim claim(Set<SecretLocation> locations) {
		Claim claim = new Claim(new LinkedHashMap<>(), new LinkedHashMap<>());
		for (SecretLocation location : locations) {
			CompletableFuture<Shared> future = this.cache.getIfPresent(location);
			if (future != null) {
				claim.others().put(location, future);
			}
			else {
				future = new CompletableFuture<>();
				this.cache.put(location, future);
				claim.own().put(location, future);
			}
		}
		return claim;
	}

	private Response load(Map<SecretLocation, CompletableFuture<Shared>> own, Duration timeout) {
		try {
			Response response = GuardedFetch.from(this.store, own.keySet(), timeout);
			own.forEach((location, future) -> {
				Answer answer = Objects.requireNonNull(response.answers().get(location));
				future.complete(new Shared(answer, nanosToShare(location, answer)));
			});
			return response;
		}
		finally {
			// Has an effect only if the JVM is out of memory.
			own.values().forEach((future) -> future.cancel(false));
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
	 * Awaits the load of another caller.
	 * @return the answer, or {@code null} if the other caller ran out of time and this
	 * one has not
	 */
	private static @Nullable Answer await(CompletableFuture<Shared> future, long deadline) {
		try {
			Answer answer = future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS).answer();
			return (isTimeout(answer) && deadline - System.nanoTime() > 0) ? null : answer;
		}
		catch (TimeoutException ex) {
			return new Failed(Reason.TIMED_OUT, "the fetch in progress did not finish in time");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Failed(Reason.TIMED_OUT, "the thread was interrupted while waiting for the fetch in progress");
		}
		catch (CancellationException | ExecutionException ex) {
			return null;
		}
	}

	private static boolean isTimeout(Answer answer) {
		return answer instanceof Failed failed && failed.reason() == Reason.TIMED_OUT;
	}

	/**
	 * Claim of a caller.
	 *
	 * @param own the locations that the caller loads
	 * @param others the locations that are shared, or that another caller loads
	 */
	private record Claim(Map<SecretLocation, CompletableFuture<Shared>> own,
			Map<SecretLocation, CompletableFuture<Shared>> others) {

	}

	/**
	 * Answer that is shared.
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
