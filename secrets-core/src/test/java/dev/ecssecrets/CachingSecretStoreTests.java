// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CachingSecretStore} in addition to {@link SecretStoreContractTests}.
 */
class CachingSecretStoreTests {

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final List<Call> CALLS = List.of(new Call("test", Duration.ofMillis(1), null));

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private static final String PINNED = SECRET + ":::abc";

	private final InMemorySecretStore memory = new InMemorySecretStore();

	private final AtomicLong nanos = new AtomicLong();

	private final List<Set<SecretLocation>> loads = Collections.synchronizedList(new ArrayList<>());

	private final CachingSecretStore store = caching(this::load);

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void fetchWhenWithinIntervalAnswersFromLastLoad() {
		this.memory.put("a", "first");
		assertThat(this.store.fetch(locations("a"), TIMEOUT).calls()).isEqualTo(CALLS);
		this.memory.put("a", "second");
		pass(INTERVAL.minusNanos(1));
		Response response = this.store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("first");
		assertThat(response.calls()).isEmpty();
	}

	@Test
	void fetchWhenIntervalIsOverLoadsAgain() {
		this.memory.put("a", "first");
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.put("a", "second");
		pass(INTERVAL);
		Response response = this.store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("second");
		assertThat(response.calls()).isEqualTo(CALLS);
	}

	@Test
	void fetchWhenClearedLoadsAgain() {
		this.memory.put("a", "first");
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.put("a", "second");
		this.store.clear();
		assertThat(value(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo("second");
	}

	@Test
	void fetchWhenSomeAreMissingLoadsTheseTogether() {
		this.store.fetch(locations("a"), TIMEOUT);
		this.store.fetch(locations("b", "a", "c"), TIMEOUT);
		assertThat(this.loads).containsExactly(locations("a"), locations("b", "c"));
	}

	@Test
	void fetchWhenIntervalIsZeroLoadsEachTime() {
		CachingSecretStore store = new CachingSecretStore(this::load, Duration.ZERO, this.nanos::get);
		store.fetch(locations("a"), TIMEOUT);
		store.fetch(locations("a"), TIMEOUT);
		assertThat(this.loads).hasSize(2);
	}

	@Test
	void fetchWhenVersionIdWasFoundNeverLoadsItAgain() {
		this.memory.put(PINNED, "value").put("a", "value");
		this.store.fetch(locations(PINNED, "a"), TIMEOUT);
		pass(Duration.ofDays(365));
		this.memory.fail(PINNED, Reason.ACCESS_DENIED).fail("a", Reason.ACCESS_DENIED);
		Response response = this.store.fetch(locations(PINNED, "a"), TIMEOUT);
		assertThat(value(response, PINNED)).isEqualTo("value");
		assertThat(this.loads).containsExactly(locations(PINNED, "a"), locations("a"));
	}

	@Test
	void fetchWhenVersionIdFailedLoadsItAgain() {
		this.memory.fail(PINNED, Reason.THROTTLED);
		this.store.fetch(locations(PINNED), TIMEOUT);
		this.memory.put(PINNED, "value");
		pass(INTERVAL);
		assertThat(value(this.store.fetch(locations(PINNED), TIMEOUT), PINNED)).isEqualTo("value");
	}

	@Test
	void fetchWhenStoreForgetsAnAnswerFails() {
		CachingSecretStore store = caching((locations, timeout) -> new Response(Map.of()));
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.REFUSED);
	}

	@Test
	void fetchWhenFiftyCallersWaitForLoadIsOneLoad() throws Exception {
		this.memory.put("a", "value");
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CachingSecretStore store = caching((locations, timeout) -> {
			loading.countDown();
			awaitUninterrupted(release);
			return load(locations, timeout);
		});
		Set<Thread> waiting = Collections.synchronizedSet(new LinkedHashSet<>());
		List<Future<Response>> responses = new ArrayList<>();
		responses.add(this.executor.submit(() -> store.fetch(locations("a", "b"), TIMEOUT)));
		loading.await();
		CountDownLatch started = new CountDownLatch(49);
		for (int i = 0; i < 49; i++) {
			responses.add(this.executor.submit(() -> {
				waiting.add(Thread.currentThread());
				started.countDown();
				return store.fetch(locations("a", "b"), TIMEOUT);
			}));
		}
		started.await();
		waiting.forEach(CachingSecretStoreTests::awaitWaiting);
		release.countDown();
		int calls = 0;
		for (Future<Response> response : responses) {
			assertThat(value(response.get(), "a")).isEqualTo("value");
			assertThat(reason(response.get(), "b")).isEqualTo(Reason.NOT_FOUND);
			calls += response.get().calls().size();
		}
		assertThat(this.loads).hasSize(1);
		assertThat(calls).isOne();
	}

	@Test
	void fetchWhenManyCallersFetchAtTheSameMomentIsOneLoad() throws Exception {
		int threads = 8;
		int rounds = 300;
		Set<SecretLocation> locations = locations(
				IntStream.range(0, 40).mapToObj((i) -> "name" + i).toArray(String[]::new));
		CyclicBarrier moment = new CyclicBarrier(threads, () -> pass(INTERVAL));
		List<Future<?>> done = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			done.add(this.executor.submit((Callable<Void>) () -> {
				for (int round = 0; round < rounds; round++) {
					moment.await();
					this.store.fetch(locations, TIMEOUT);
				}
				return null;
			}));
		}
		for (Future<?> future : done) {
			future.get();
		}
		assertThat(this.loads).hasSize(rounds).allMatch(locations::equals);
	}

	@Test
	void fetchWhenAnotherIsSlowerThanTimeoutIsTimedOutAndAnswersTheRest() throws Exception {
		this.memory.put("a", "value").put("b", "value");
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CachingSecretStore store = caching((locations, timeout) -> {
			if (locations.equals(locations("a"))) {
				loading.countDown();
				awaitUninterrupted(release);
			}
			return load(locations, timeout);
		});
		Future<Response> slow = this.executor.submit(() -> store.fetch(locations("a"), TIMEOUT));
		loading.await();
		Response response = store.fetch(locations("a", "b"), Duration.ZERO);
		assertThat(reason(response, "a")).isEqualTo(Reason.TIMED_OUT);
		assertThat(value(response, "b")).isEqualTo("value");
		release.countDown();
		assertThat(value(slow.get(), "a")).isEqualTo("value");
	}

	@Test
	void fetchWhenInterruptedWhileAnotherLoadsIsTimedOutAndStaysInterrupted() throws Exception {
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CachingSecretStore store = caching((locations, timeout) -> {
			loading.countDown();
			awaitUninterrupted(release);
			return load(locations, timeout);
		});
		Future<Response> other = this.executor.submit(() -> store.fetch(locations("a"), TIMEOUT));
		loading.await();
		Thread.currentThread().interrupt();
		Response response = store.fetch(locations("a"), TIMEOUT);
		assertThat(Thread.interrupted()).isTrue();
		assertThat(reason(response, "a")).isEqualTo(Reason.TIMED_OUT);
		release.countDown();
		assertThat(reason(other.get(), "a")).isEqualTo(Reason.NOT_FOUND);
	}

	@Test
	void fetchLoadsOnCallingThreadSoThatInterruptEndsIt() {
		CachingSecretStore store = caching((locations, timeout) -> {
			assertThat(Thread.currentThread().isInterrupted()).isTrue();
			return load(locations, timeout);
		});
		Thread.currentThread().interrupt();
		Response response = store.fetch(locations("a"), TIMEOUT);
		assertThat(Thread.interrupted()).isTrue();
		assertThat(reason(response, "a")).isEqualTo(Reason.NOT_FOUND);
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void fetchWhenStoreThrowsIsFailedLoadForAllCallers(Throwable thrown) throws Exception {
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		CachingSecretStore store = caching((locations, timeout) -> {
			if (release.getCount() == 0) {
				return load(locations, timeout);
			}
			loading.countDown();
			awaitUninterrupted(release);
			throw CachingSecretStoreTests.<RuntimeException>sneaky(thrown);
		});
		Future<Response> first = this.executor.submit(() -> store.fetch(locations("a"), TIMEOUT));
		loading.await();
		Thread test = Thread.currentThread();
		Future<?> releasing = this.executor.submit(() -> {
			awaitWaiting(test);
			release.countDown();
		});
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.REFUSED);
		assertThat(reason(first.get(), "a")).isEqualTo(Reason.REFUSED);
		releasing.get();
		// A load that threw counts as a load.
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.REFUSED);
		pass(INTERVAL);
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.NOT_FOUND);
	}

	static Stream<Throwable> throwables() {
		return Stream.of(new IllegalStateException("canary"), new IOException("canary"),
				new StackOverflowError("canary"), new OutOfMemoryError("canary"));
	}

	/**
	 * Throws any exception as unchecked, like Kotlin.
	 */
	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
		throw (T) thrown;
	}

	@ParameterizedTest
	@EnumSource(names = "TIMED_OUT", mode = EnumSource.Mode.EXCLUDE)
	void fetchWhenWithinIntervalOfFailureAnswersItWithoutLoad(Reason reason) {
		this.memory.fail("a", reason);
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.put("a", "value");
		pass(INTERVAL.minusNanos(1));
		assertThat(reason(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(reason);
		pass(Duration.ofNanos(1));
		assertThat(value(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo("value");
	}

	@Test
	void fetchWhenLastLoadTimedOutLoadsAgain() {
		this.memory.put("a", "value").fail("b", Reason.TIMED_OUT);
		this.store.fetch(locations("a", "b"), TIMEOUT);
		this.memory.put("b", "value");
		assertThat(value(this.store.fetch(locations("a", "b"), TIMEOUT), "b")).isEqualTo("value");
		assertThat(this.loads).containsExactly(locations("a", "b"), locations("b"));
	}

	@Test
	void fetchWhenOtherCallerIsInterruptedWhileItLoadsLoadsInItsPlace() throws Exception {
		this.memory.put("a", "value");
		CountDownLatch loading = new CountDownLatch(1);
		CachingSecretStore store = caching((locations, timeout) -> {
			if (loading.getCount() > 0) {
				loading.countDown();
				return timeOutWhenInterrupted(locations);
			}
			return load(locations, timeout);
		});
		Thread other = new Thread(() -> store.fetch(locations("a"), TIMEOUT));
		other.start();
		loading.await();
		Thread test = Thread.currentThread();
		Future<?> interrupting = this.executor.submit(() -> {
			awaitWaiting(test);
			other.interrupt();
		});
		Response response = store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("value");
		assertThat(response.calls()).isEqualTo(CALLS);
		interrupting.get();
		other.join();
	}

	@Test
	void fetchWhenItsOwnTimeIsOverTooIsTimedOutWithoutLoad() throws Exception {
		this.memory.fail("a", Reason.TIMED_OUT).put("b", "value");
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		AtomicReference<Future<Response>> other = new AtomicReference<>();
		CachingSecretStore store = caching((locations, timeout) -> {
			if (locations.equals(locations("a"))) {
				loading.countDown();
				awaitUninterrupted(release);
			}
			else {
				release.countDown();
				getUninterrupted(other.get());
			}
			return load(locations, timeout);
		});
		other.set(this.executor.submit(() -> store.fetch(locations("a"), TIMEOUT)));
		loading.await();
		Response response = store.fetch(locations("a", "b"), Duration.ZERO);
		assertThat(reason(response, "a")).isEqualTo(Reason.TIMED_OUT);
		assertThat(value(response, "b")).isEqualTo("value");
		assertThat(this.loads).containsExactly(locations("a"), locations("b"));
	}

	@Test
	void fetchLoadsEachLocationAtMostOnceInAnInterval() {
		Tries.forEach((random) -> {
			List<Map.Entry<Long, SecretLocation>> loads = new ArrayList<>();
			CachingSecretStore store = caching((locations, timeout) -> {
				locations.forEach((location) -> loads.add(Map.entry(this.nanos.get(), location)));
				return load(locations, timeout);
			});
			Map<SecretLocation, Long> lastLoads = new HashMap<>();
			for (int i = 0; i < 6; i++) {
				pass(Duration.ofMillis(random.nextInt(4_000)));
				Set<SecretLocation> locations = locations(Tries.pick(random, "a", "b"), Tries.pick(random, "b", "c"));
				loads.clear();
				assertThat(store.fetch(locations, TIMEOUT).answers()).containsOnlyKeys(locations);
				List<SecretLocation> due = locations.stream()
					.filter((location) -> this.nanos.get()
							- lastLoads.getOrDefault(location, Long.MIN_VALUE / 2) >= INTERVAL.toNanos())
					.toList();
				assertThat(loads).extracting(Map.Entry::getValue).containsExactlyInAnyOrderElementsOf(due);
				due.forEach((location) -> lastLoads.put(location, this.nanos.get()));
			}
		});
	}

	/**
	 * Waits until the thread is interrupted, and answers like a store of AWS.
	 */
	private static Response timeOutWhenInterrupted(Set<SecretLocation> locations) {
		try {
			new CountDownLatch(1).await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return new Response(locations.stream()
			.collect(Collectors.toMap(Function.identity(), (location) -> new Failed(Reason.TIMED_OUT, "interrupted"))));
	}

	private CachingSecretStore caching(SecretStore store) {
		return new CachingSecretStore(store, INTERVAL, this.nanos::get);
	}

	private Response load(Set<SecretLocation> locations, Duration timeout) {
		this.loads.add(Set.copyOf(locations));
		return new Response(this.memory.fetch(locations, timeout).answers(), CALLS);
	}

	private void pass(Duration time) {
		this.nanos.addAndGet(time.toNanos());
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		try {
			assertThat(latch.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void getUninterrupted(Future<?> future) {
		try {
			future.get();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void awaitWaiting(Thread thread) {
		while (thread.getState() != Thread.State.TIMED_WAITING && !Thread.currentThread().isInterrupted()) {
			Thread.onSpinWait();
		}
	}

	private static SecretLocation location(String valueFrom) {
		return SecretReference.parse(valueFrom).location();
	}

	private static Set<SecretLocation> locations(String... valueFroms) {
		return Arrays.stream(valueFroms)
			.map(CachingSecretStoreTests::location)
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	private static String value(Response response, String valueFrom) {
		return found(response, valueFrom).value().reveal();
	}

	private static Found found(Response response, String valueFrom) {
		Answer answer = response.answers().get(location(valueFrom));
		assertThat(answer).isInstanceOf(Found.class);
		return (Found) answer;
	}

	private static Reason reason(Response response, String valueFrom) {
		Answer answer = response.answers().get(location(valueFrom));
		assertThat(answer).isInstanceOf(Failed.class);
		return ((Failed) answer).reason();
	}

}
