// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;

import dev.ecssecrets.boot.RefreshSchedule.Work;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When {@link RefreshSchedule} refreshes, in virtual time.
 */
class RefreshScheduleTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

	private static final SecretsSnapshot SNAPSHOT = SecretsSnapshot
		.of(new SecretsConfiguration(SecretsPropertiesBinder.bind(new StandardEnvironment()).properties(), List.of(),
				List.of(), List.of(), List.of()));

	private final VirtualTime time = new VirtualTime();

	private final RecordedWork work = new RecordedWork();

	private final List<Duration> loads = this.work.loads;

	@Test
	void nextWhenNothingWasLoadedRefreshesAtOnce() {
		RefreshSchedule schedule = schedule(null);
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompletedWithValueMatching((outcome) -> outcome.failure() == null);
		assertThat(this.loads).containsExactly(Duration.ZERO);
	}

	@Test
	void nextWhenLoadedBeforeWaitsForTheRestOfFiveSeconds() {
		RefreshSchedule schedule = schedule(null);
		this.work.load();
		this.time.pass(Duration.ofSeconds(2));
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ofSeconds(3).minusNanos(1));
		assertThat(next).isNotDone();
		this.time.pass(Duration.ofNanos(1));
		assertThat(next).isCompleted();
		assertThat(this.loads).containsExactly(Duration.ZERO, MIN_INTERVAL);
	}

	@Test
	void timeToNextWhenNobodyAsksIsThatOfTheInterval() {
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
	void timeToNextWhenLoadByIntervalIsInProgressIsZero() {
		List<Duration> times = new ArrayList<>();
		RefreshSchedule[] schedule = new RefreshSchedule[1];
		this.work.onLoad = () -> times.add(schedule[0].timeToNext());
		schedule[0] = schedule(MINUTE);
		schedule[0].start();
		this.time.pass(MINUTE);
		assertThat(times).containsExactly(Duration.ZERO);
	}

	@Test
	void timeToNextWhenIntervalIsVeryLongIsThatOfTheInterval() {
		RefreshSchedule schedule = schedule(Duration.ofDays(1_000_000));
		schedule.start();
		assertThat(schedule.timeToNext()).isGreaterThan(Duration.ofDays(1));
	}

	@Test
	void nextWhenOtherLoadsMeanwhileIsNotForgotten() {
		RefreshSchedule schedule = schedule(null);
		this.work.load();
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ofSeconds(4));
		this.work.load();
		this.time.pass(Duration.ofSeconds(4));
		assertThat(next).isNotDone();
		this.time.pass(Duration.ofSeconds(1));
		assertThat(next).isCompleted();
		assertThat(this.loads).containsExactly(Duration.ZERO, Duration.ofSeconds(4), Duration.ofSeconds(9));
	}

	@Test
	void nextWhenOfSomeSecretsLoadsAllThatAreAskedFor() {
		RefreshSchedule schedule = schedule(null);
		assertThat(schedule.next(Set.of("USER"))).isNotDone();
		assertThat(schedule.next(Set.of("PASSWORD"))).isSameAs(schedule.next(Set.of("USER")));
		this.time.pass(Duration.ZERO);
		assertThat(this.work.names).containsExactlyInAnyOrder("USER", "PASSWORD");
	}

	@Test
	void nextWhenSomebodyWantsAllSecretsLoadsAll() {
		RefreshSchedule schedule = schedule(null);
		CompletableFuture<Outcome> some = schedule.next(Set.of("USER"));
		assertThat(schedule.next()).isSameAs(some);
		assertThat(schedule.next(Set.of("USER"))).isNotDone();
		this.time.pass(Duration.ZERO);
		assertThat(some).isCompleted();
		assertThat(this.work.names).isNull();
	}

	@Test
	void nextWhenOfSomeSecretsIsSpread() {
		RefreshSchedule schedule = schedule(null);
		this.work.load();
		for (int i = 0; i < 50; i++) {
			assertThat(schedule.next(Set.of("USER"))).isNotDone();
			this.time.pass(schedule.timeToNext());
		}
		assertThat(gaps()).hasSize(50)
			.allMatch((gap) -> gap.compareTo(MIN_INTERVAL) >= 0 && gap.toMillis() <= 6000)
			.doesNotHaveDuplicates();
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
	void nextWhenRefreshIsInProgressIsTheOneAfter() {
		List<CompletableFuture<Outcome>> asked = new ArrayList<>();
		RefreshSchedule schedule = schedule(null);
		this.work.onLoad = () -> asked.add(schedule.next());
		CompletableFuture<Outcome> first = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(first).isCompleted();
		assertThat(asked).singleElement().isNotSameAs(first);
		assertThat(asked.get(0)).isNotDone();
	}

	@Test
	void nextWhenRefreshFailsIsTheFailureForAll() {
		RefreshSchedule schedule = schedule(null);
		this.work.failure = new IllegalStateException("as the test asked for");
		CompletableFuture<Outcome> next = schedule.next();
		assertThat(schedule.next()).isSameAs(next);
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompletedWithValueMatching((outcome) -> outcome.failure() == this.work.failure);
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
		this.work.failure = new IllegalStateException("as the test asked for");
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		List<Duration> gaps = gaps();
		for (int i = 0; i < gaps.size(); i++) {
			Duration limit = Duration.ofSeconds((i < 4) ? 5L << i : 60);
			assertThat(gaps.get(i)).isBetween(limit.dividedBy(2), (i > 0) ? limit : limit.plus(MIN_INTERVAL));
		}
		assertThat(gaps).hasSizeGreaterThan(60);
		this.work.failure = null;
		this.loads.clear();
		this.time.pass(Duration.ofHours(1));
		assertThat(gaps()).allMatch((gap) -> gap.toMillis() >= 54_000);
	}

	@Test
	void stopCancelsWhatWaitsAndStartBeginsAfresh() {
		RefreshSchedule schedule = schedule(MINUTE);
		schedule.start();
		this.work.load();
		CompletableFuture<Outcome> next = schedule.next();
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
	void openAfterStopWaitsForARefresh() {
		RefreshSchedule schedule = schedule(null);
		schedule.open();
		schedule.start();
		assertThat(this.work.awaited).isNull();
		schedule.stop();
		assertThat(schedule.isOpen()).isFalse();
		this.time.pass(MINUTE);
		schedule.open();
		assertThat(this.work.awaited).isCompleted();
		assertThat(this.loads).containsExactly(MINUTE);
		assertThat(schedule.isOpen()).isTrue();
		assertThat(schedule.isRunning()).isFalse();
	}

	@Test
	void openAfterStopLetsOthersRefreshBeforeTheStart() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		schedule.stop();
		schedule.open();
		this.time.pass(MINUTE);
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompleted();
	}

	@Test
	void startAfterStopWhenIntervalIsSetBeginsAfresh() {
		RefreshSchedule schedule = schedule(Duration.ofHours(1));
		schedule.start();
		schedule.stop();
		this.time.pass(MINUTE);
		schedule.open();
		schedule.start();
		assertThat(this.loads).containsExactly(MINUTE);
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSize(2);
	}

	@Test
	void openAfterStopWhenRefreshFailsOpens() {
		RefreshSchedule schedule = schedule(null);
		this.work.failure = new IOException();
		schedule.start();
		schedule.stop();
		schedule.open();
		assertThat(this.loads).hasSize(1);
		assertThat(schedule.isOpen()).isTrue();
	}

	@Test
	void openAfterStopWhenLastLoadIsYoungDoesNotRefresh() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		this.work.load();
		schedule.stop();
		this.time.pass(MIN_INTERVAL.minusNanos(1));
		schedule.open();
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSize(1);
	}

	@Test
	void openWhenProcessIsOfAnImageWaitsForARefresh() {
		this.work.isOfImage = true;
		schedule(null).open();
		assertThat(this.work.awaited).isCompleted();
		assertThat(this.loads).hasSize(1);
	}

	@Test
	void intervalWhenApplicationIsPausedDoesNotRefresh() {
		RefreshSchedule schedule = schedule(MINUTE);
		schedule.start();
		this.work.isPaused = true;
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).isEmpty();
		this.work.isPaused = false;
		this.time.pass(MINUTE.multipliedBy(2));
		assertThat(this.loads).isNotEmpty();
	}

	@Test
	void stopCancelsTheLoadInProgress() {
		RefreshSchedule schedule = schedule(null);
		this.work.onLoad = schedule::stop;
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ZERO);
		assertThat(next).isCancelled();
	}

	/**
	 * The other one may have read what was there before the request.
	 */
	@Test
	void loadWhenAnotherOneIsInProgressBeginsWhenThatHasEnded() {
		RefreshSchedule schedule = schedule(null);
		this.work.inProgress = new CompletableFuture<>();
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(MINUTE);
		assertThat(this.work.loads).isEmpty();
		assertThat(schedule.next()).isSameAs(next);
		this.work.inProgress.complete(new Outcome(SNAPSHOT, SNAPSHOT, null, null));
		this.time.pass(Duration.ZERO);
		assertThat(this.work.loads).hasSize(1);
		assertThat(next).isCompleted();
	}

	@Test
	void loadWhenAnotherOneInProgressIsCancelledBeginsAllTheSame() {
		RefreshSchedule schedule = schedule(null);
		this.work.inProgress = new CompletableFuture<>();
		CompletableFuture<Outcome> next = schedule.next();
		this.time.pass(Duration.ZERO);
		this.work.inProgress.cancel(false);
		this.time.pass(Duration.ZERO);
		assertThat(next).isCompleted();
	}

	@Test
	void startWhenListenersDoNotKnowTheStatePublishesIt() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		this.time.pass(Duration.ZERO);
		assertThat(this.work.published).isZero();
		schedule.stop();
		this.work.isPublished = false;
		schedule.start();
		this.time.pass(Duration.ZERO);
		assertThat(this.work.published).isOne();
	}

	@Test
	void intervalOfTheTimeBeforeTheRestartIsOver() {
		RefreshSchedule schedule = schedule(MINUTE);
		this.work.onLoad = () -> {
			this.work.onLoad = () -> {
			};
			schedule.stop();
			schedule.start();
		};
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSizeBetween(55, 66);
	}

	@Test
	void publishIsDoneOnTheThreadOfListeners() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		schedule.publish();
		assertThat(this.time.pending("ecs-secrets-listeners")).isOne();
		assertThat(this.work.published).isZero();
		this.time.pass(Duration.ZERO);
		assertThat(this.work.published).isOne();
	}

	@Test
	@SuppressWarnings("FutureReturnValueIgnored")
	void publishWhenNotStartedWaitsForTheStart() {
		RefreshSchedule schedule = schedule(null);
		CompletableFuture<Outcome> unused = schedule.next();
		this.time.pass(Duration.ZERO);
		schedule.publish();
		this.work.isPublished = false;
		this.time.pass(Duration.ofHours(1));
		assertThat(this.work.published).isZero();
		schedule.start();
		this.time.pass(Duration.ZERO);
		assertThat(this.work.published).isOne();
	}

	@Test
	void publishWhenStoppedDoesNothing() {
		RefreshSchedule schedule = schedule(null);
		schedule.start();
		schedule.stop();
		schedule.publish();
		assertThat(this.time.pending()).isZero();
	}

	@Test
	void intervalGoesOnAfterEachFailure() {
		List<Throwable> failures = List.of(new IOException(), new StackOverflowError(), new IllegalStateException());
		this.work.onLoad = () -> this.work.failure = failures.get(this.loads.size() % failures.size());
		RefreshSchedule schedule = schedule(MINUTE);
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSizeGreaterThan(50);
	}

	@Test
	void intervalGoesOnWhenALoadIsCancelled() {
		RefreshSchedule schedule = new RefreshSchedule(new RecordedWork() {

			@Override
			public void load(CompletableFuture<Outcome> future, @Nullable Set<String> names) {
				RefreshScheduleTests.this.work.load();
				future.cancel(false);
			}

		}, MINUTE);
		schedule.start();
		this.time.pass(Duration.ofHours(1));
		assertThat(this.loads).hasSizeGreaterThan(50);
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
			RecordedWork work = new RecordedWork();
			work.onLoad = () -> calls[(int) this.time.now().minusNanos(1).toSeconds()]++;
			work.random = random;
			new RefreshSchedule(work, interval).start();
		}
		this.time.pass(duration);
		return calls;
	}

	private RefreshSchedule schedule(@Nullable Duration interval) {
		return new RefreshSchedule(this.work, interval);
	}

	private List<Duration> gaps() {
		return IntStream.range(1, this.loads.size())
			.mapToObj((i) -> this.loads.get(i).minus(this.loads.get(i - 1)))
			.toList();
	}

	private class RecordedWork implements Work {

		private final List<Duration> loads = new ArrayList<>();

		private Runnable onLoad = () -> {
		};

		private @Nullable Throwable failure;

		private @Nullable CompletableFuture<Outcome> loading;

		private @Nullable CompletableFuture<Outcome> inProgress;

		private boolean isPublished = true;

		private Random random = new Random(1);

		private boolean isOfImage;

		private boolean isPaused;

		private @Nullable CompletableFuture<Outcome> awaited;

		private int published;

		private @Nullable Set<String> names;

		@Override
		public void start() {
		}

		@Override
		public boolean isPublished() {
			return this.isPublished;
		}

		@Override
		public CompletableFuture<Outcome> begin(CompletableFuture<Outcome> load) {
			return (this.inProgress != null && !this.inProgress.isDone()) ? this.inProgress : load;
		}

		@Override
		public Duration timeToNextLoad() {
			if (this.loads.isEmpty()) {
				return Duration.ZERO;
			}
			Duration left = this.loads.get(this.loads.size() - 1)
				.plus(MIN_INTERVAL)
				.minus(RefreshScheduleTests.this.time.now());
			return left.isNegative() ? Duration.ZERO : left;
		}

		@Override
		public void load(CompletableFuture<Outcome> future, @Nullable Set<String> names) {
			this.names = names;
			this.loading = future;
			load();
			this.onLoad.run();
			future.complete(new Outcome(SNAPSHOT, SNAPSHOT, null, this.failure));
		}

		void load() {
			this.loads.add(RefreshScheduleTests.this.time.now());
		}

		@Override
		public void publish(RefreshThreads threads) {
			this.published++;
		}

		@Override
		public boolean isOfImage() {
			return this.isOfImage;
		}

		@Override
		public void forgetShared() {
		}

		@Override
		public boolean isPaused() {
			return this.isPaused;
		}

		@Override
		public void await(CompletableFuture<Outcome> refresh) {
			this.awaited = refresh;
			RefreshScheduleTests.this.time.pass(Duration.ZERO);
		}

		@Override
		public long nanoTime() {
			return RefreshScheduleTests.this.time.nanoTime();
		}

		@Override
		public double random() {
			return this.random.nextDouble();
		}

		@Override
		public ScheduledExecutorService thread(String name) {
			return RefreshScheduleTests.this.time.executor(name);
		}

		@Override
		public void cancel() {
			if (this.loading != null) {
				this.loading.cancel(false);
			}
		}

	}

}
