package dev.ecssecrets.boot;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When {@link RefreshSchedule} refreshes, in virtual time.
 */
class RefreshScheduleTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

	private final VirtualTime time = new VirtualTime();

	private final List<Duration> loads = new ArrayList<>();

	private boolean broken;

	@Test
	void nextWhenNothingWasLoadedRefreshesAtOnce() {
		RefreshSchedule schedule = schedule(null);
		CompletableFuture<Set<String>> next = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompletedWithValue(Set.of("WORD"));
		assertThat(this.loads).containsExactly(Duration.ZERO);
	}

	@Test
	void nextWhenLoadedBeforeWaitsForTheRestOfFiveSeconds() {
		RefreshSchedule schedule = schedule(null);
		load();
		this.time.pass(Duration.ofSeconds(2));
		CompletableFuture<Set<String>> next = schedule.next();
		this.time.pass(Duration.ofSeconds(3).minusNanos(1));
		assertThat(next).isNotDone();
		this.time.pass(Duration.ofNanos(1));
		assertThat(next).isCompleted();
		assertThat(this.loads).containsExactly(Duration.ZERO, MIN_INTERVAL);
	}

	@Test
	void timeToNextIsThatOfTheIntervalUnlessSomebodyAsks() {
		RefreshSchedule schedule = schedule(Duration.ofHours(1));
		assertThat(schedule.timeToNext()).isNull();
		schedule.start();
		Duration first = schedule.timeToNext();
		assertThat(first).isBetween(Duration.ZERO, Duration.ofHours(1));
		this.time.pass(first);
		assertThat(this.loads).containsExactly(first);
		Duration second = schedule.timeToNext();
		assertThat(second).isBetween(Duration.ofMinutes(54), Duration.ofMinutes(66));
		assertThat(schedule.next()).isNotDone();
		assertThat(schedule.timeToNext()).isEqualTo(MIN_INTERVAL);
		this.time.pass(MIN_INTERVAL);
		assertThat(this.loads).hasSize(2);
		assertThat(schedule.timeToNext()).isEqualTo(second.minus(MIN_INTERVAL));
		schedule.stop();
		assertThat(schedule.timeToNext()).isNull();
	}

	@Test
	void nextWhenOtherLoadsMeanwhileIsNotForgotten() {
		RefreshSchedule schedule = schedule(null);
		load();
		CompletableFuture<Set<String>> next = schedule.next();
		this.time.pass(Duration.ofSeconds(4));
		load();
		this.time.pass(Duration.ofSeconds(4));
		assertThat(next).isNotDone();
		this.time.pass(Duration.ofSeconds(1));
		assertThat(next).isCompleted();
		assertThat(this.loads).containsExactly(Duration.ZERO, Duration.ofSeconds(4), Duration.ofSeconds(9));
	}

	@Test
	void nextWhenAskedOftenIsOneRefreshInFiveSeconds() {
		RefreshSchedule schedule = schedule(Duration.ofSeconds(6));
		schedule.start();
		for (int i = 0; i < 1000; i++) {
			assertThat(schedule.next()).isNotDone();
			this.time.pass(Duration.ofMillis(60));
		}
		assertThat(this.loads).hasSize(13);
		assertThat(gaps()).allMatch(MIN_INTERVAL::equals);
	}

	@Test
	void nextWhenRefreshIsUnderWayIsTheOneAfter() {
		List<CompletableFuture<Set<String>>> asked = new ArrayList<>();
		RefreshSchedule[] schedule = new RefreshSchedule[1];
		schedule[0] = schedule(() -> {
			assertThat(schedule[0].isRefreshing()).isTrue();
			load();
			asked.add(schedule[0].next());
			return Set.of();
		}, null, new Random(1));
		CompletableFuture<Set<String>> first = schedule[0].next();
		this.time.pass(Duration.ZERO);
		assertThat(first).isCompleted();
		assertThat(schedule[0].isRefreshing()).isFalse();
		assertThat(asked).singleElement().isNotSameAs(first);
		assertThat(asked.get(0)).isNotDone();
	}

	@Test
	void nextWhenRefreshFailsFailsForAll() {
		RefreshSchedule schedule = schedule(null);
		this.broken = true;
		CompletableFuture<Set<String>> next = schedule.next();
		assertThat(schedule.next()).isSameAs(next);
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompletedExceptionally();
	}

	@Test
	void startWhenNoIntervalRunsNothing() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		assertThat(schedule.isRunning()).isTrue();
		assertThat(this.time.pending()).isZero();
	}

	@Test
	void startWhenIntervalRefreshesWithinItAndThenAboutOnceInIt() {
		RefreshSchedule schedule = schedule(MINUTE);
		schedule.start();
		this.time.pass(Duration.ofHours(10));
		assertThat(this.loads.get(0)).isLessThan(MINUTE);
		assertThat(gaps()).hasSizeBetween(580, 620)
			.allMatch((gap) -> gap.toMillis() >= 54_000 && gap.toMillis() <= 66_000)
			.doesNotHaveDuplicates();
	}

	@Test
	void startWhenRefreshesFailBacksOffUpToTheInterval() {
		RefreshSchedule schedule = schedule(MINUTE);
		this.broken = true;
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		List<Duration> gaps = gaps();
		for (int i = 0; i < gaps.size(); i++) {
			Duration limit = Duration.ofSeconds((i < 4) ? 5L << i : 60);
			assertThat(gaps.get(i)).isBetween(limit.dividedBy(2), (i > 0) ? limit : limit.plus(MIN_INTERVAL));
		}
		assertThat(gaps).hasSizeGreaterThan(60);
		this.broken = false;
		this.loads.clear();
		this.time.pass(Duration.ofHours(1));
		assertThat(gaps()).allMatch((gap) -> gap.toMillis() >= 54_000);
	}

	@Test
	void stopCancelsWhatWaitsAndStartBeginsAnew() {
		RefreshSchedule schedule = schedule(MINUTE);
		schedule.start();
		load();
		CompletableFuture<Set<String>> next = schedule.next();
		schedule.stop();
		assertThat(schedule.isRunning()).isFalse();
		assertThat(this.time.pending()).isZero();
		assertThatExceptionOfType(CancellationException.class).isThrownBy(next::join);
		assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> schedule.next().get());
		schedule.start();
		this.time.pass(MINUTE);
		assertThat(this.loads).hasSize(2);
	}

	@Test
	void startWhenRefreshedBeforeRefreshesOnceMoreForThoseWhoFollow() {
		RefreshSchedule schedule = schedule(null);
		CompletableFuture<Set<String>> next = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompleted();
		schedule.start();
		this.time.pass(MIN_INTERVAL);
		assertThat(this.loads).hasSize(2);
	}

	@Test
	void startWhenRefreshOfTheTimeBeforeIsNotOverTellsThemApart() {
		List<Boolean> refreshing = new ArrayList<>();
		RefreshSchedule[] schedule = new RefreshSchedule[1];
		schedule[0] = schedule(() -> {
			refreshing.add(schedule[0].isRefreshing());
			schedule[0].stop();
			schedule[0].start();
			refreshing.add(schedule[0].isRefreshing());
			return Set.of("WORD");
		}, null, new Random(1));
		schedule[0].start();
		CompletableFuture<Set<String>> next = schedule[0].next();
		this.time.pass(Duration.ZERO);
		assertThat(refreshing).containsExactly(true, false);
		assertThat(next).isCancelled();
	}

	@Test
	void intervalGoesOnWhateverIsThrown() {
		List<Throwable> throwables = List.of(new IOException(), new StackOverflowError(), new IllegalStateException());
		RefreshSchedule schedule = schedule(() -> {
			load();
			throw RefreshScheduleTests.<RuntimeException>sneaky(throwables.get(this.loads.size() % throwables.size()));
		}, MINUTE, new Random(1));
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSizeGreaterThan(50);
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> RuntimeException sneaky(Throwable throwable) throws T {
		throw (T) throwable;
	}

	/**
	 * A hundred tasks that start together and refresh every five seconds, which is the
	 * worst that the limit allows: nobody asks at the same moment.
	 */
	@Test
	void startWhenHundredTasksStartTogetherSpreadsTheirCalls() {
		int[] calls = callsBySecond(MIN_INTERVAL, Duration.ofMinutes(10));
		double mean = IntStream.of(calls).average().orElseThrow();
		assertThat(mean).isBetween(19.0, 21.0);
		assertThat(IntStream.of(calls).max().orElseThrow()).isLessThanOrEqualTo((int) (2 * mean));
	}

	/**
	 * With fewer calls a second chance makes some seconds busier, relative to the mean.
	 */
	@ParameterizedTest
	@CsvSource({ "10, 25", "60, 8", "600, 4" })
	void startWhenHundredTasksRefreshSeldomNeverCallsAtOnce(int interval, int most) {
		assertThat(IntStream.of(callsBySecond(Duration.ofSeconds(interval), Duration.ofHours(1))).max().orElseThrow())
			.isLessThanOrEqualTo(most);
	}

	private int[] callsBySecond(Duration interval, Duration duration) {
		Random random = new Random(20261124);
		int[] calls = new int[(int) duration.toSeconds()];
		for (int i = 0; i < 100; i++) {
			List<Duration> loads = new ArrayList<>();
			new RefreshSchedule(() -> {
				loads.add(this.time.now());
				calls[(int) this.time.now().minusNanos(1).toSeconds()]++;
				return Set.of();
			}, () -> timeToNextLoad(loads), interval, this.time::executor, random).start();
		}
		this.time.pass(duration);
		return calls;
	}

	private RefreshSchedule schedule(@Nullable Duration interval) {
		return schedule(this::refresh, interval, new Random(1));
	}

	private RefreshSchedule schedule(Supplier<Set<String>> refresh, @Nullable Duration interval, Random random) {
		return new RefreshSchedule(refresh, () -> timeToNextLoad(this.loads), interval, this.time::executor, random);
	}

	private Set<String> refresh() {
		load();
		if (this.broken) {
			throw new IllegalStateException("as the test asked for");
		}
		return Set.of("WORD");
	}

	private void load() {
		this.loads.add(this.time.now());
	}

	private Duration timeToNextLoad(List<Duration> loads) {
		if (loads.isEmpty()) {
			return Duration.ZERO;
		}
		Duration left = loads.get(loads.size() - 1).plus(MIN_INTERVAL).minus(this.time.now());
		return left.isNegative() ? Duration.ZERO : left;
	}

	private List<Duration> gaps() {
		return IntStream.range(1, this.loads.size())
			.mapToObj((i) -> this.loads.get(i).minus(this.loads.get(i - 1)))
			.toList();
	}

}
