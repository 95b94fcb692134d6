package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * When refreshes happen, and the one thread that they happen on: by an interval, and when
 * somebody asks for one, but none before another load may begin.
 */
final class RefreshSchedule implements SmartLifecycle {

	private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(5);

	private static final int MAX_DOUBLINGS = 20;

	private static final double SPREAD = 0.1;

	private final Supplier<Set<String>> refresh;

	private final Supplier<Duration> timeToNextLoad;

	private final @Nullable Duration interval;

	private final Supplier<ScheduledExecutorService> executors;

	private final RandomGenerator random;

	// From the first that is asked for, which may be before the start, to the stop.
	private @Nullable Run run;

	private boolean running;

	private boolean stopped;

	/**
	 * Creates a schedule.
	 * @param refresh what to do; it returns the names of what has changed
	 * @param timeToNextLoad tells how long until another load may begin
	 * @param interval time from one refresh to the next, or {@code null} for none that
	 * nobody asks for
	 */
	RefreshSchedule(Supplier<Set<String>> refresh, Supplier<Duration> timeToNextLoad, @Nullable Duration interval) {
		this(refresh, timeToNextLoad, interval,
				() -> Executors.newSingleThreadScheduledExecutor(RefreshSchedule::daemon), new SplittableRandom());
	}

	RefreshSchedule(Supplier<Set<String>> refresh, Supplier<Duration> timeToNextLoad, @Nullable Duration interval,
			Supplier<ScheduledExecutorService> executors, RandomGenerator random) {
		this.refresh = refresh;
		this.timeToNextLoad = timeToNextLoad;
		this.interval = interval;
		this.executors = executors;
		this.random = random;
	}

	private static Thread daemon(Runnable task) {
		Thread thread = new Thread(task, "ecs-secrets-refresh");
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Returns the next refresh, which all share who ask before it begins. It is cancelled
	 * if the application stops before it is done.
	 */
	synchronized CompletableFuture<Set<String>> next() {
		return this.stopped ? CompletableFuture.failedFuture(new CancellationException("the application has stopped"))
				: run().next();
	}

	/**
	 * Returns how long until the next refresh begins, zero while one by the interval is
	 * under way, or {@code null} if none is planned.
	 */
	synchronized @Nullable Duration timeToNext() {
		return (this.run != null) ? this.run.timeToNext() : null;
	}

	private Run run() {
		Run run = this.run;
		if (run == null) {
			run = new Run(this.executors.get());
			this.run = run;
		}
		return run;
	}

	/**
	 * Returns whether the calling thread refreshes: it must not wait for itself, and has
	 * nothing more to say once it does not any more.
	 */
	synchronized boolean isRefreshing() {
		return this.run != null && Thread.currentThread() == this.run.thread;
	}

	/**
	 * Begins anywhere in the interval: the tasks of a service start at the same moment,
	 * but shall not all refresh at the same moment.
	 */
	@Override
	@SuppressWarnings("FutureReturnValueIgnored")
	public synchronized void start() {
		boolean refreshed = this.run != null;
		this.running = true;
		this.stopped = false;
		if (this.interval != null) {
			run().start(between(0, 1, this.interval));
		}
		if (refreshed) {
			// Whoever follows has yet to hear of it.
			run().next();
		}
	}

	/**
	 * Aborts what is under way, and lets go whoever waits for it: a pool that is about to
	 * be closed may be among them.
	 */
	@Override
	public synchronized void stop() {
		this.running = false;
		this.stopped = true;
		Run run = this.run;
		this.run = null;
		if (run != null) {
			run.stop();
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.running;
	}

	private Duration between(double least, double most, Duration duration) {
		return Duration.ofNanos((long) (duration.toNanos() * this.random.nextDouble(least, most)));
	}

	/**
	 * What happens until the application stops. It may start again while a refresh of the
	 * time before is still coming to its end.
	 */
	private final class Run {

		private final ScheduledExecutorService executor;

		private @Nullable CompletableFuture<Set<String>> next;

		private @Nullable CompletableFuture<Set<String>> current;

		private @Nullable Thread thread;

		private @Nullable ScheduledFuture<?> nextAsked;

		private @Nullable ScheduledFuture<?> nextByInterval;

		// Of the interval's own refreshes, which come one after the other.
		private int failures;

		Run(ScheduledExecutorService executor) {
			this.executor = executor;
		}

		CompletableFuture<Set<String>> next() {
			CompletableFuture<Set<String>> next = this.next;
			if (next == null) {
				next = new CompletableFuture<>();
				this.next = next;
				this.nextAsked = schedule(this::runNext, RefreshSchedule.this.timeToNextLoad.get());
			}
			return next;
		}

		@SuppressWarnings("FutureReturnValueIgnored")
		private void runNext() {
			CompletableFuture<Set<String>> current = begin();
			if (current != null) {
				current.completeAsync(RefreshSchedule.this.refresh, Runnable::run);
				end();
			}
		}

		private @Nullable CompletableFuture<Set<String>> begin() {
			synchronized (RefreshSchedule.this) {
				if (this.next == null) {
					return null;
				}
				Duration delay = RefreshSchedule.this.timeToNextLoad.get();
				if (!delay.isZero()) {
					// Somebody else has loaded, perhaps before this one was asked for.
					this.nextAsked = schedule(this::runNext, delay);
					return null;
				}
				this.current = this.next;
				this.next = null;
				this.thread = Thread.currentThread();
				return this.current;
			}
		}

		private void end() {
			synchronized (RefreshSchedule.this) {
				this.current = null;
				this.thread = null;
			}
		}

		void start(Duration delay) {
			synchronized (RefreshSchedule.this) {
				this.nextByInterval = schedule(this::refreshByInterval, delay);
			}
		}

		@SuppressWarnings("FutureReturnValueIgnored")
		private void refreshByInterval() {
			synchronized (RefreshSchedule.this) {
				next().whenComplete((changed, failure) -> {
					this.failures = (failure != null) ? this.failures + 1 : 0;
					start(delay(Objects.requireNonNull(RefreshSchedule.this.interval)));
				});
			}
		}

		/**
		 * About the interval, and after a failure less.
		 */
		private Duration delay(Duration interval) {
			if (this.failures == 0) {
				return between(1 - SPREAD, 1 + SPREAD, interval);
			}
			Duration backOff = FIRST_BACK_OFF.multipliedBy(1L << Math.min(this.failures - 1, MAX_DOUBLINGS));
			return between(0.5, 1, (backOff.compareTo(interval) < 0) ? backOff : interval);
		}

		private @Nullable ScheduledFuture<?> schedule(Runnable task, Duration delay) {
			synchronized (RefreshSchedule.this) {
				return (RefreshSchedule.this.run == this)
						? this.executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS) : null;
			}
		}

		@Nullable Duration timeToNext() {
			// The interval's own is over only once the one after it is planned.
			return Stream
				.of(Optional.ofNullable(this.nextByInterval),
						Optional.ofNullable(this.nextAsked).filter((asked) -> this.next != null))
				.flatMap(Optional::stream)
				.map((next) -> Duration.ofNanos(Math.max(next.getDelay(TimeUnit.NANOSECONDS), 0)))
				.min(Comparator.naturalOrder())
				.orElse(null);
		}

		void stop() {
			this.executor.shutdownNow();
			CompletableFuture<Set<String>> next = this.next;
			CompletableFuture<Set<String>> current = this.current;
			this.next = null;
			if (next != null) {
				next.cancel(false);
			}
			if (current != null) {
				current.cancel(false);
			}
		}

	}

}
