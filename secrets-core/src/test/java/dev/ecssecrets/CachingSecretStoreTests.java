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
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CachingSecretStore} beyond what {@link SecretStoreContractTests} has.
 */
class CachingSecretStoreTests {

	private static final Duration MAXIMUM_AGE = Duration.ofHours(1);

	private static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final List<Call> CALLS = List.of(new Call("test", Duration.ofMillis(1), null));

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private static final String PINNED = SECRET + ":::abc";

	private static final String DENIED = "could not be fetched again (access denied: as the test asked for), so its value is"
			+ " that of an earlier fetch";

	private static final String HELD_BACK = "has the value of an earlier fetch until all secrets can be fetched again";

	private final InMemorySecretStore memory = new InMemorySecretStore();

	private final AtomicLong nanos = new AtomicLong();

	private final Ticker ticker = this.nanos::get;

	private final List<Set<SecretLocation>> loads = Collections.synchronizedList(new ArrayList<>());

	private final CachingSecretStore store = caching(this::load);

	private final ExecutorService executor = Executors.newCachedThreadPool();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
	}

	@Test
	void fetchWithinMinIntervalAnswersFromLastLoad() {
		this.memory.put("a", "first");
		assertThat(this.store.fetch(locations("a"), TIMEOUT).calls()).isEqualTo(CALLS);
		this.memory.put("a", "second");
		pass(MIN_INTERVAL.minusNanos(1));
		Response response = this.store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("first");
		assertThat(response.calls()).isEmpty();
	}

	@Test
	void fetchWhenMinIntervalIsOverLoadsAgain() {
		this.memory.put("a", "first");
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.put("a", "second");
		pass(MIN_INTERVAL);
		Response response = this.store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("second");
		assertThat(response.calls()).isEqualTo(CALLS);
	}

	@Test
	void fetchWhenSomeAreMissingLoadsTheseTogether() {
		this.store.fetch(locations("a"), TIMEOUT);
		this.store.fetch(locations("b", "a", "c"), TIMEOUT);
		assertThat(this.loads).containsExactly(locations("a"), locations("b", "c"));
	}

	@Test
	void fetchWhenMinIntervalIsZeroLoadsEachTime() {
		CachingSecretStore store = new CachingSecretStore(this::load, MAXIMUM_AGE, Duration.ZERO, this.ticker);
		store.fetch(locations("a"), TIMEOUT);
		store.fetch(locations("a"), TIMEOUT);
		assertThat(this.loads).hasSize(2);
	}

	@Test
	void fetchWithinMinIntervalOfFailureAnswersItWithoutLoad() {
		this.memory.fail("a", Reason.THROTTLED);
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.put("a", "value");
		pass(MIN_INTERVAL.minusNanos(1));
		assertThat(reason(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.THROTTLED);
		assertThat(this.loads).hasSize(1);
	}

	@Test
	void fetchWhenVersionIdWasFoundNeverLoadsItAgain() {
		this.memory.put(PINNED, "value").put("a", "value");
		this.store.fetch(locations(PINNED, "a"), TIMEOUT);
		pass(Duration.ofDays(365));
		this.memory.fail(PINNED, Reason.ACCESS_DENIED).fail("a", Reason.ACCESS_DENIED);
		Response response = this.store.fetch(locations(PINNED, "a"), TIMEOUT);
		assertThat(value(response, PINNED)).isEqualTo("value");
		assertThat(warning(response, PINNED)).isNull();
		assertThat(this.loads).containsExactly(locations(PINNED, "a"), locations("a"));
	}

	@Test
	void fetchWhenVersionIdFailedLoadsItAgain() {
		this.memory.fail(PINNED, Reason.THROTTLED);
		this.store.fetch(locations(PINNED), TIMEOUT);
		this.memory.put(PINNED, "value");
		pass(MIN_INTERVAL);
		assertThat(value(this.store.fetch(locations(PINNED), TIMEOUT), PINNED)).isEqualTo("value");
	}

	@Test
	void fetchWhenStoreForgetsAnAnswerFails() {
		CachingSecretStore store = caching((locations, timeout) -> new Response(Map.of()));
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.REFUSED);
	}

	@Test
	void fetchWhenFiftyAskWhileOneLoadsIsOneLoad() throws Exception {
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
		CountDownLatch asking = new CountDownLatch(49);
		for (int i = 0; i < 49; i++) {
			responses.add(this.executor.submit(() -> {
				waiting.add(Thread.currentThread());
				asking.countDown();
				return store.fetch(locations("a", "b"), TIMEOUT);
			}));
		}
		asking.await();
		waiting.forEach(CachingSecretStoreTests::awaitWaiting);
		assertThat(store.timeToNextLoad()).isZero();
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
	void fetchWhenManyAskForManyAtTheSameMomentIsOneLoad() throws Exception {
		int threads = 8;
		int rounds = 300;
		Set<SecretLocation> locations = locations(
				IntStream.range(0, 40).mapToObj((i) -> "name" + i).toArray(String[]::new));
		CyclicBarrier moment = new CyclicBarrier(threads, () -> pass(MIN_INTERVAL));
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
	void fetchLoadsOnTheThreadThatAsksSoThatAnInterruptEndsIt() {
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
	void fetchWhenStoreThrowsIsFailedLoadForAllWhoWait(Throwable thrown) throws Exception {
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
		// A load that threw is a load: the next one waits for the interval.
		assertThat(store.timeToNextLoad()).isEqualTo(MIN_INTERVAL);
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.REFUSED);
		pass(MIN_INTERVAL);
		assertThat(reason(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.NOT_FOUND);
	}

	static Stream<Throwable> throwables() {
		return Stream.of(new IllegalStateException("canary"), new IOException("canary"),
				new StackOverflowError("canary"), new OutOfMemoryError("canary"));
	}

	/**
	 * Throws anything, as Kotlin does.
	 */
	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
		throw (T) thrown;
	}

	@ParameterizedTest
	@EnumSource(names = { "NOT_FOUND", "NO_SUCH_VERSION" }, mode = EnumSource.Mode.EXCLUDE)
	void fetchWhenLoadFailsAnswersLastGoodValueWithWarning(Reason outage) {
		this.memory.put("a", "canary");
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.fail("a", outage);
		pass(MIN_INTERVAL);
		Response response = this.store.fetch(locations("a"), TIMEOUT);
		assertThat(value(response, "a")).isEqualTo("canary");
		assertThat(warning(response, "a")).isEqualTo("could not be fetched again (" + outage
				+ ": as the test asked for), so its value is that of an earlier fetch");
		assertThat(reason(this.store.fetchStrictly(locations("a"), TIMEOUT), "a")).isEqualTo(outage);
	}

	@Test
	void fetchWhenOneFailsAnswersLastGoodValuesOfAll() {
		putPair("old");
		this.memory.put("same", "same");
		fetch("user", "password", "same");
		this.memory.put("user", "new").fail("password", Reason.ACCESS_DENIED);
		Response response = fetch("user", "password", "same");
		assertThat(values(response)).isEqualTo(Map.of("user", "old user", "password", "old password", "same", "same"));
		assertThat(warning(response, "password")).isEqualTo(DENIED);
		assertThat(warning(response, "user")).isEqualTo(HELD_BACK);
		assertThat(warning(response, "same")).isNull();
		assertThat(((Found) response.answers().get(location("same"))).source().fetched())
			.isAfter(((Found) response.answers().get(location("user"))).source().fetched());
	}

	@Test
	void fetchWhenOneFailsMakesNoValueOfThatLoadALastGoodOne() {
		putPair("old");
		fetch("user", "password");
		this.memory.put("user", "new").fail("password", Reason.ACCESS_DENIED);
		fetch("user", "password");
		this.memory.fail("user", Reason.ACCESS_DENIED);
		Response response = fetch("user", "password");
		assertThat(values(response)).isEqualTo(Map.of("user", "old user", "password", "old password"));
	}

	@Test
	void fetchWhenLoadSucceedsAgainAnswersItAndKeepsIt() {
		putPair("old");
		fetch("user", "password");
		this.memory.fail("user", Reason.ACCESS_DENIED);
		fetch("user", "password");
		putPair("new");
		Response response = fetch("user", "password");
		assertThat(values(response)).isEqualTo(Map.of("user", "new user", "password", "new password"));
		assertThat(warning(response, "user")).isNull();
		this.memory.fail("password", Reason.ACCESS_DENIED);
		assertThat(values(fetch("user", "password"))).isEqualTo(Map.of("user", "new user", "password", "new password"));
	}

	@Test
	void fetchWhenLoadIsOfAPartMakesNoValueOfItALastGoodOne() {
		putPair("old");
		fetch("user", "password");
		this.memory.fail("user", Reason.ACCESS_DENIED).put("password", "new");
		pass(MIN_INTERVAL);
		this.store.fetch(locations("user"), TIMEOUT);
		Response response = this.store.fetch(locations("user", "password"), TIMEOUT);
		assertThat(this.loads).endsWith(locations("user"), locations("password"));
		assertThat(values(response)).isEqualTo(Map.of("user", "old user", "password", "old password"));
	}

	@Test
	void fetchWhenNoLongerFoundTellsSoAndForgetsLastGoodValue() {
		this.memory.put("a", "value");
		fetch("a");
		this.memory.remove("a");
		assertThat(reason(fetch("a"), "a")).isEqualTo(Reason.NOT_FOUND);
		this.memory.fail("a", Reason.THROTTLED);
		assertThat(reason(fetch("a"), "a")).isEqualTo(Reason.THROTTLED);
	}

	@Test
	void fetchWhenNoLongerFoundWhileAnotherFailsAnswersLastGoodValues() {
		putPair("old");
		fetch("user", "password");
		this.memory.remove("user").fail("password", Reason.ACCESS_DENIED);
		Response response = fetch("user", "password");
		assertThat(values(response)).isEqualTo(Map.of("user", "old user", "password", "old password"));
		assertThat(warning(response, "user")).isEqualTo(HELD_BACK);
	}

	@Test
	void fetchWhenLastGoodValueIsOfMaximumAgeFails() {
		this.memory.put("a", "value");
		this.store.fetch(locations("a"), TIMEOUT);
		this.memory.fail("a", Reason.THROTTLED);
		pass(MAXIMUM_AGE.minusNanos(1));
		assertThat(value(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo("value");
		pass(Duration.ofNanos(1));
		assertThat(reason(this.store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo(Reason.THROTTLED);
	}

	@Test
	void fetchWhenThereIsNoLastGoodValueFailsAndAnswersTheOthers() {
		this.memory.put("a", "value").fail("b", Reason.THROTTLED);
		Response response = fetch("a", "b");
		assertThat(value(response, "a")).isEqualTo("value");
		assertThat(reason(response, "b")).isEqualTo(Reason.THROTTLED);
	}

	@Test
	void fetchWhenLoadFailsKeepsTheWarningOfTheStore() {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		CachingSecretStore store = caching((locations, timeout) -> new Response(answers));
		answers.put(location("a"), new Found(SecretValue.of("value"), "test").withWarning("is binary"));
		store.fetch(locations("a"), TIMEOUT);
		answers.put(location("a"), new Failed(Reason.ACCESS_DENIED, "as the test asked for"));
		pass(MIN_INTERVAL);
		assertThat(warning(store.fetch(locations("a"), TIMEOUT), "a")).isEqualTo("is binary; " + DENIED);
	}

	@Test
	void timeToNextLoadIsThatUntilAFetchLoads() {
		assertThat(this.store.timeToNextLoad()).isZero();
		this.store.fetch(locations("a"), TIMEOUT);
		assertThat(this.store.timeToNextLoad()).isEqualTo(MIN_INTERVAL);
		pass(Duration.ofSeconds(2));
		assertThat(this.store.timeToNextLoad()).isEqualTo(Duration.ofSeconds(3));
		pass(Duration.ofSeconds(4));
		assertThat(this.store.timeToNextLoad()).isZero();
	}

	@Test
	void minIntervalOf5sLimitsIntervalEarlyAndAskedForLoadsTogetherToOneIn5s() {
		Random random = new Random(5);
		List<Duration> times = new ArrayList<>();
		Duration end = Duration.ofMinutes(10);
		while (this.nanos.get() < end.toNanos()) {
			pass(Duration.ofMillis(random.nextInt(200)));
			Duration wait = this.store.timeToNextLoad();
			int before = this.loads.size();
			switch (random.nextInt(3)) {
				case 0 -> this.store.fetch(locations("a", "b"), TIMEOUT);
				case 1 -> this.store.fetchStrictly(locations("a", "b"), TIMEOUT);
				default -> {
					if (!wait.isZero()) {
						continue;
					}
					this.store.fetchStrictly(locations("a", "b"), TIMEOUT);
				}
			}
			assertThat(this.loads.size() > before).isEqualTo(wait.isZero());
			if (this.loads.size() > before) {
				times.add(Duration.ofNanos(this.nanos.get()));
			}
		}
		assertThat(times).hasSizeBetween(110, 121);
		IntStream.range(1, times.size())
			.forEach((i) -> assertThat(times.get(i).minus(times.get(i - 1))).isGreaterThanOrEqualTo(MIN_INTERVAL));
	}

	private CachingSecretStore caching(SecretStore store) {
		return new CachingSecretStore(store, MAXIMUM_AGE, MIN_INTERVAL, this.ticker);
	}

	private Response load(Set<SecretLocation> locations, Duration timeout) {
		this.loads.add(Set.copyOf(locations));
		return new Response(this.memory.fetch(locations, timeout).answers(), CALLS);
	}

	/**
	 * Fetches, and lets the interval pass.
	 */
	private Response fetch(String... valueFroms) {
		Response response = this.store.fetch(locations(valueFroms), TIMEOUT);
		pass(MIN_INTERVAL);
		return response;
	}

	private void putPair(String prefix) {
		this.memory.put("user", prefix + " user").put("password", prefix + " password");
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

	private static Map<String, String> values(Response response) {
		return response.answers()
			.keySet()
			.stream()
			.collect(Collectors.toMap(SecretLocation::id, (location) -> value(response, location.id())));
	}

	private static String warning(Response response, String valueFrom) {
		return found(response, valueFrom).warning();
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
