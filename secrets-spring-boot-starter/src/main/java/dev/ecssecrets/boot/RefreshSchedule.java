package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * When refreshes happen, and the one thread that they happen on: by an interval, and when
 * somebody asks for one, but none before another load may begin.
 */
final class RefreshSchedule implements SmartLifecycle {

	static final Duration FIRST_BACK_OFF = Duration.ofSeconds(5);

	private static final int MAX_DOUBLINGS = 20;

	private static final double SPREAD = 0.1;

	private final Supplier<Set<String>> refresh;

	private final Supplier<Duration> timeToNextLoad;

	private final @Nullable Duration interval;

	private final Supplier<ScheduledExecutorService> executors;

	private final RandomGenerator random;

	private @Nullable ScheduledExecutorService executor;

	private @Nullable CompletableFuture<Set<String>> next;

	private @Nullable CompletableFuture<Set<String>> current;

	private @Nullable Thread refreshing;

	private boolean running;

	private boolean stopped;

	// Of the interval's own refreshes, which come one after the other.
	private int failures;

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
		if (this.stopped) {
			return CompletableFuture.failedFuture(new CancellationException("the application has stopped"));
		}
		CompletableFuture<Set<String>> next = this.next;
		if (next == null) {
			next = new CompletableFuture<>();
			this.next = next;
			run(this::runNext, this.timeToNextLoad.get());
		}
		return next;
	}

	/**
	 * Returns whether the calling thread refreshes, and must not wait for itself.
	 */
	synchronized boolean isRefreshing() {
		return Thread.currentThread() == this.refreshing;
	}

	synchronized boolean isStopped() {
		return this.stopped;
	}

	private void runNext() {
		CompletableFuture<Set<String>> current = begin();
		if (current == null) {
			return;
		}
		try {
			current.complete(this.refresh.get());
		}
		catch (RuntimeException | Error ex) {
			current.completeExceptionally(ex);
		}
		finally {
			end();
		}
	}

	private synchronized @Nullable CompletableFuture<Set<String>> begin() {
		Duration delay = this.timeToNextLoad.get();
		if (!delay.isZero()) {
			// Somebody else has loaded, perhaps before this one was asked for.
			run(this::runNext, delay);
			return null;
		}
		this.current = this.next;
		this.next = null;
		this.refreshing = Thread.currentThread();
		return this.current;
	}

	private synchronized void end() {
		this.current = null;
		this.refreshing = null;
	}

	@SuppressWarnings("FutureReturnValueIgnored")
	private void refreshByInterval() {
		next().whenComplete((changed, failure) -> {
			this.failures = (failure != null) ? this.failures + 1 : 0;
			runByInterval();
		});
	}

	/**
	 * Waits for about the interval, and after a failure for less.
	 */
	private void runByInterval() {
		Duration interval = Objects.requireNonNull(this.interval);
		if (this.failures == 0) {
			run(this::refreshByInterval, between(1 - SPREAD, 1 + SPREAD, interval));
			return;
		}
		Duration backOff = FIRST_BACK_OFF.multipliedBy(1L << Math.min(this.failures - 1, MAX_DOUBLINGS));
		run(this::refreshByInterval, between(0.5, 1, (backOff.compareTo(interval) < 0) ? backOff : interval));
	}

	private Duration between(double least, double most, Duration duration) {
		return Duration.ofNanos((long) (duration.toNanos() * this.random.nextDouble(least, most)));
	}

	@SuppressWarnings("FutureReturnValueIgnored")
	private synchronized void run(Runnable task, Duration delay) {
		if (this.stopped) {
			return;
		}
		if (this.executor == null) {
			this.executor = this.executors.get();
		}
		this.executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Begins anywhere in the interval: the tasks of a service start at the same moment,
	 * but shall not all refresh at the same moment.
	 */
	@Override
	public synchronized void start() {
		this.running = true;
		this.stopped = false;
		if (this.interval != null) {
			run(this::refreshByInterval, between(0, 1, this.interval));
		}
	}

	/**
	 * Aborts what is under way, and lets go whoever waits for it: a pool that is about to
	 * be closed may be among them.
	 */
	@Override
	public synchronized void stop() {
		CompletableFuture<Set<String>> current = this.current;
		CompletableFuture<Set<String>> next = this.next;
		this.stopped = true;
		this.running = false;
		this.next = null;
		if (this.executor != null) {
			this.executor.shutdownNow();
			this.executor = null;
		}
		if (current != null) {
			current.cancel(false);
		}
		if (next != null) {
			next.cancel(false);
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.running;
	}

}
