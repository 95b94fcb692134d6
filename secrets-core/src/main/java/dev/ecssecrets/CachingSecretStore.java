package dev.ecssecrets;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;

/**
 * A store in front of another one, for secrets that are fetched again and again. It asks
 * the other store at most once in an interval for each location, however many ask at
 * once, and helps out with the last good values while that fails.
 * <p>
 * It has no threads: the first who asks loads, and may be interrupted; who asks meanwhile
 * waits for that load and gets its answers, failures too, which are kept as long as
 * values. A version of a secret that is declared by its id never changes: once found, it
 * is not loaded again.
 * <p>
 * In memory are the answers of an interval, versions declared by their id as long as this
 * store is, and one last good value for each location up to its maximum age. What is
 * older is never answered, and leaves the memory in the course of later fetches.
 */
public final class CachingSecretStore implements SecretStore {

	/**
	 * As long as a {@link Ticker} can tell, and Caffeine keeps anything.
	 */
	private static final long FOREVER = Long.MAX_VALUE >> 1;

	private final SecretStore store;

	private final long minInterval;

	private final Ticker ticker;

	private final AsyncCache<SecretLocation, Loaded> loads;

	private final Cache<SecretLocation, Found> lastGood;

	private volatile long nextLoad;

	/**
	 * Creates a store without values.
	 * @param store where to load from
	 * @param maximumAge how long after it was loaded a last good value may be answered
	 * @param minInterval how long after a load its answers are given without a new one;
	 * if it is zero, only those who ask at once share a load
	 * @param ticker the time by which values age
	 */
	public CachingSecretStore(SecretStore store, Duration maximumAge, Duration minInterval, Ticker ticker) {
		this.store = store;
		this.minInterval = minInterval.toNanos();
		this.ticker = ticker;
		this.nextLoad = ticker.read();
		this.loads = Caffeine.newBuilder()
			.ticker(ticker)
			.executor(Runnable::run)
			.expireAfter(Expiry.creating((SecretLocation location, Loaded loaded) -> timeTo(loaded.end())))
			.buildAsync();
		this.lastGood = Caffeine.newBuilder()
			.ticker(ticker)
			.executor(Runnable::run)
			.expireAfterWrite(maximumAge)
			.build();
	}

	/**
	 * Fetches locations, and gives last good values where that fails. Where one location
	 * fails, all have the values of the last load in which none did, with a warning where
	 * it matters: a user and a password stay a pair. That something does not exist is no
	 * failure. What never had a value, or only too long ago, fails.
	 * @param locations the locations
	 * @param timeout how long the fetch may take, whether it loads or waits for another
	 * @return an answer for each location, and the calls that this fetch made itself
	 */
	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Response response = fetchStrictly(locations, timeout);
		return response.answers().values().stream().anyMatch(CachingSecretStore::isOutage)
				? new Response(withLastGood(response.answers()), response.calls()) : response;
	}

	/**
	 * Fetches locations as {@link #fetch} does, but without last good values, for who has
	 * to know what fails.
	 * @param locations the locations
	 * @param timeout how long the fetch may take, whether it loads or waits for another
	 * @return an answer for each location, and the calls that this fetch made itself
	 */
	public Response fetchStrictly(Set<SecretLocation> locations, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		Map<SecretLocation, CompletableFuture<Loaded>> futures = new LinkedHashMap<>();
		Map<SecretLocation, CompletableFuture<Loaded>> claimed = claim(locations, futures);
		List<Call> calls = List.of();
		if (!claimed.isEmpty()) {
			boolean whole = locations.stream()
				.allMatch((location) -> claimed.containsKey(location) || isPinned(location));
			calls = load(claimed, whole, timeout);
		}
		Map<SecretLocation, Answer> answers = new HashMap<>();
		futures.forEach((location, future) -> answers.put(location, await(future, deadline)));
		return new Response(answers, calls);
	}

	/**
	 * Returns how long the answers of the last load are given without a new one.
	 * @return the time, or zero if a fetch would load now, or wait for a load
	 */
	public Duration timeToNextLoad() {
		return timeTo(this.nextLoad);
	}

	private Duration timeTo(long time) {
		return Duration.ofNanos(Math.max(time - this.ticker.read(), 0));
	}

	/**
	 * Takes on what is neither there nor being loaded. At once, or two who ask for the
	 * same would share it out and load twice.
	 */
	private synchronized Map<SecretLocation, CompletableFuture<Loaded>> claim(Set<SecretLocation> locations,
			Map<SecretLocation, CompletableFuture<Loaded>> futures) {
		Map<SecretLocation, CompletableFuture<Loaded>> claimed = new LinkedHashMap<>();
		for (SecretLocation location : locations) {
			CompletableFuture<Loaded> future = this.loads.getIfPresent(location);
			if (future == null) {
				future = new CompletableFuture<>();
				this.loads.put(location, future);
				claimed.put(location, future);
			}
			futures.put(location, future);
		}
		return claimed;
	}

	private List<Call> load(Map<SecretLocation, CompletableFuture<Loaded>> claimed, boolean whole, Duration timeout) {
		Response response = SecretResolver.fetch(this.store, claimed.keySet(), timeout);
		Map<SecretLocation, Answer> answers = response.answers();
		// A part of what is asked is no new state: what belongs to it may have failed.
		if (whole && answers.values().stream().noneMatch(CachingSecretStore::isOutage)) {
			keep(answers);
		}
		long now = this.ticker.read();
		this.nextLoad = now + this.minInterval;
		claimed.forEach((location, future) -> {
			Answer answer = Objects.requireNonNull(answers.get(location));
			boolean forever = isPinned(location) && answer instanceof Found;
			future.complete(new Loaded(answer, now + (forever ? FOREVER : this.minInterval)));
		});
		return response.calls();
	}

	private static Answer await(CompletableFuture<Loaded> future, long deadline) {
		try {
			return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS).answer();
		}
		catch (TimeoutException ex) {
			return new Failed(Reason.TIMED_OUT, "the fetch in progress gave no answer in time");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new Failed(Reason.TIMED_OUT, "the thread was interrupted while it waited for the fetch in progress");
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private synchronized void keep(Map<SecretLocation, Answer> answers) {
		answers.forEach((location, answer) -> {
			if (!(answer instanceof Found found)) {
				this.lastGood.invalidate(location);
			}
			else if (!isPinned(location)) {
				this.lastGood.put(location, found);
			}
		});
	}

	private synchronized Map<SecretLocation, Answer> withLastGood(Map<SecretLocation, Answer> answers) {
		Map<SecretLocation, Answer> result = new HashMap<>(answers);
		result.replaceAll((location, answer) -> {
			Found good = this.lastGood.getIfPresent(location);
			return (good != null) ? inPlaceOf(answer, good) : answer;
		});
		return result;
	}

	private static Found inPlaceOf(Answer answer, Found good) {
		if (answer instanceof Failed failed && isOutage(failed)) {
			return good.withWarning("could not be fetched again (" + failed.reason() + ": " + failed.detail()
					+ "), so its value is that of an earlier fetch");
		}
		if (answer instanceof Found found && found.value().isSameAs(good.value())) {
			return found;
		}
		return good.withWarning("has the value of an earlier fetch until all secrets can be fetched again");
	}

	private static boolean isOutage(Answer answer) {
		return answer instanceof Failed failed && !SecretResolver.ABSENCE.contains(failed.reason());
	}

	private static boolean isPinned(SecretLocation location) {
		return location instanceof SecretsManagerSecret secret && secret.versionId() != null;
	}

	/**
	 * The answer that a load gave for a location.
	 *
	 * @param answer the answer
	 * @param end until when it counts, by the ticker
	 */
	private record Loaded(Answer answer, long end) {

	}

}
