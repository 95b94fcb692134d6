// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.boot.SecretsLoader.Outcome;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * Schedule of refreshes: by an interval, and on request, but never before another load
 * may begin. Loads have a thread of their own, and so have listeners: one that blocks
 * keeps nobody from new values.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class RefreshSchedule implements SmartLifecycle, DisposableBean {

	private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(5);

	private static final int MAX_DOUBLINGS = 20;

	private static final double SPREAD = 0.1;

	private final Work work;

	private final @Nullable Duration interval;

	private State state = new State(Phase.CREATED, null);

	/**
	 * Creates a schedule.
	 * @param work what to do
	 * @param interval time from one refresh to the next, or {@code null} for none without
	 * a request
	 */
	RefreshSchedule(Work work, @Nullable Duration interval) {
		this.work = work;
		this.interval = interval;
	}

	/**
	 * Returns the next refresh of all secrets, which all callers share until it begins.
	 * It is cancelled if the application stops before it is done.
	 */
	CompletableFuture<Outcome> next() {
		return next(null);
	}

	/**
	 * Returns the next refresh of some secrets, or of all if somebody else wants that.
	 * @param names the names of the secrets, or {@code null} for all
	 */
	synchronized CompletableFuture<Outcome> next(@Nullable Set<String> names) {
		if (this.state.phase() == Phase.STOPPED) {
			return CompletableFuture.failedFuture(new CancellationException("The application has stopped"));
		}
		Plan plan = plan();
		Request next = plan.next();
		if (next == null) {
			planNext(new Plan(plan.threads(), new Request(new CompletableFuture<>(), names), null, plan.intervalAt()));
		}
		else {
			plan(new Plan(plan.threads(), next.with(names), plan.nextAt(), plan.intervalAt()));
		}
		return Objects.requireNonNull(plan().next()).future();
	}

	/**
	 * Calls listeners, on their thread, of what they do not know yet. Before the start
	 * that waits: a listener may be a bean whose creation waits for a refresh.
	 */
	synchronized void publish() {
		if (this.state.phase() == Phase.RUNNING) {
			RefreshThreads threads = plan().threads();
			threads.publish(() -> this.work.publish(threads));
		}
	}

	/**
	 * Returns how long until the next refresh begins, zero while one by the interval is
	 * in progress, or {@code null} if none is planned.
	 */
	synchronized @Nullable Duration timeToNext() {
		Plan plan = this.state.plan();
		Long first = (plan == null) ? null : (plan.nextAt() != null) ? plan.nextAt() : plan.intervalAt();
		return (first != null) ? Duration.ofNanos(Math.max(first - this.work.nanoTime(), 0)) : null;
	}

	/**
	 * Waits for a refresh before the application starts after a stop: the process may
	 * have been restored from an image, with values as old as that.
	 */
	void open() {
		CompletableFuture<Outcome> refresh;
		synchronized (this) {
			boolean restored = this.state.phase() == Phase.STOPPED || this.work.isOfImage();
			this.state = new State(Phase.OPEN, this.state.plan());
			if (!restored || !this.work.timeToNextLoad().isZero()) {
				return;
			}
			this.work.forgetShared();
			refresh = next();
		}
		this.work.await(refresh);
	}

	synchronized boolean isOpen() {
		return this.state.phase() == Phase.OPEN || this.state.phase() == Phase.RUNNING;
	}

	/**
	 * Begins anywhere in the interval: the tasks of a service start at the same moment,
	 * and should not all refresh at the same moment.
	 */
	@Override
	public void start() {
		this.work.start();
		synchronized (this) {
			this.state = new State(Phase.RUNNING, this.state.plan());
			if (!this.work.isPublished()) {
				publish();
			}
			if (this.interval != null) {
				planInterval(plan(), between(0, 1, this.interval), 0);
			}
		}
	}

	/**
	 * Returns {@code false}: a context that was paused, as Spring's tests pause those
	 * that they keep, goes on without a refresh. The interval does not refresh it
	 * meanwhile.
	 */
	@Override
	public boolean isPauseable() {
		return false;
	}

	/**
	 * Stops after the web server, whose last requests may need a refresh.
	 */
	@Override
	public int getPhase() {
		return DEFAULT_PHASE - 4096;
	}

	/**
	 * Aborts a load in progress, and lets go all that wait for it: a pool that is about
	 * to be closed may be among them.
	 */
	@Override
	public void stop() {
		Plan plan;
		synchronized (this) {
			plan = this.state.plan();
			this.state = new State(Phase.STOPPED, null);
		}
		// First, as an interrupted load ends with a failure.
		this.work.cancel();
		if (plan != null) {
			plan.threads().stop();
			if (plan.next() != null) {
				plan.next().future().cancel(false);
			}
		}
	}

	/**
	 * Stops, as a start that fails stops nothing that it has not started.
	 */
	@Override
	public void destroy() {
		stop();
	}

	@Override
	public synchronized boolean isRunning() {
		return this.state.phase() == Phase.RUNNING;
	}

	private void plan(Plan plan) {
		this.state = new State(this.state.phase(), plan);
	}

	private Plan plan() {
		Plan plan = this.state.plan();
		if (plan == null) {
			plan = new Plan(new RefreshThreads(this.work.thread("ecs-secrets-refresh"),
					this.work.thread("ecs-secrets-listeners")), null, null, null);
			plan(plan);
		}
		return plan;
	}

	private void planNext(Plan plan) {
		RefreshThreads threads = plan.threads();
		Request next = Objects.requireNonNull(plan.next());
		Duration least = this.work.timeToNextLoad();
		// All tasks of a service lose their logins at the same moment.
		long delay = nanos((next.names() != null) ? between(1, 1 + 2 * SPREAD, least) : least);
		threads.load(delay, () -> load(threads));
		plan(new Plan(threads, next, this.work.nanoTime() + delay, plan.intervalAt()));
	}

	private void load(RefreshThreads threads) {
		Request next;
		synchronized (this) {
			Plan plan = this.state.plan();
			if (plan == null || plan.threads() != threads || plan.next() == null) {
				return;
			}
			next = plan.next();
			if (!this.work.timeToNextLoad().isZero()) {
				// There was another load, perhaps before this one was requested.
				planNext(plan);
				return;
			}
			CompletableFuture<Outcome> inProgress = this.work.begin(next.future());
			if (inProgress != next.future()) {
				// It may have read what was there before this one was requested.
				inProgress.whenComplete((outcome, cancelled) -> threads.in(Duration.ZERO, () -> load(threads)));
				return;
			}
			plan(new Plan(threads, null, null, plan.intervalAt()));
		}
		this.work.load(next.future(), next.names());
	}

	private void planInterval(Plan plan, Duration delay, int failures) {
		RefreshThreads threads = plan.threads();
		threads.load(nanos(delay), () -> loadByInterval(threads, failures));
		plan(new Plan(threads, plan.next(), plan.nextAt(), this.work.nanoTime() + nanos(delay)));
	}

	private void loadByInterval(RefreshThreads threads, int failures) {
		if (this.work.isPaused()) {
			planNextInterval(threads, 0);
		}
		else {
			next().whenComplete((outcome, cancelled) -> planNextInterval(threads,
					(outcome == null || outcome.failure() != null) ? failures + 1 : 0));
		}
	}

	private synchronized void planNextInterval(RefreshThreads threads, int failures) {
		Plan plan = this.state.plan();
		if (plan != null && plan.threads() == threads && this.interval != null) {
			planInterval(plan, delay(this.interval, failures), failures);
		}
	}

	/**
	 * Returns about the interval, and less after failures.
	 */
	private Duration delay(Duration interval, int failures) {
		if (failures == 0) {
			return between(1 - SPREAD, 1 + SPREAD, interval);
		}
		Duration backOff = FIRST_BACK_OFF.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
		return between(0.5, 1, (backOff.compareTo(interval) < 0) ? backOff : interval);
	}

	private Duration between(double least, double most, Duration duration) {
		return Duration.ofNanos((long) (nanos(duration) * (least + (most - least) * this.work.random())));
	}

	/**
	 * Returns at most as many as a {@code long} holds.
	 */
	private static long nanos(Duration duration) {
		return TimeUnit.NANOSECONDS.convert(duration);
	}

	/**
	 * What is done by schedule, and the time and threads for it. While a lock is held,
	 * only methods are called that run no foreign code.
	 */
	interface Work {

		/**
		 * Prepares for listeners to be called.
		 */
		void start();

		/**
		 * Returns how long until another load may begin.
		 */
		Duration timeToNextLoad();

		/**
		 * Begins a load, unless there is one in progress.
		 * @return the future of the load in progress
		 */
		CompletableFuture<Outcome> begin(CompletableFuture<Outcome> load);

		/**
		 * Does a load that has begun, and completes its future.
		 * @param names the names of the secrets to load, or {@code null} for all
		 */
		void load(CompletableFuture<Outcome> load, @Nullable Set<String> names);

		/**
		 * Returns whether listeners know the current state.
		 */
		boolean isPublished();

		/**
		 * Calls listeners.
		 */
		void publish(RefreshThreads threads);

		/**
		 * Cancels a load in progress: what it brings is not wanted any more.
		 */
		void cancel();

		/**
		 * Returns whether the process was restored from an image that was taken before
		 * the first start.
		 */
		boolean isOfImage();

		/**
		 * Forgets the answers that applications share, which may be of the time before
		 * the stop.
		 */
		void forgetShared();

		/**
		 * Returns whether the application is paused.
		 */
		boolean isPaused();

		/**
		 * Waits for a refresh, which may fail.
		 */
		void await(CompletableFuture<Outcome> refresh);

		/**
		 * Returns the time of a clock that only goes forward.
		 */
		default long nanoTime() {
			return System.nanoTime();
		}

		/**
		 * Returns a number from zero to one.
		 */
		default double random() {
			return ThreadLocalRandom.current().nextDouble();
		}

		/**
		 * Creates an executor with one thread.
		 */
		default ScheduledExecutorService thread(String name) {
			return RefreshThreads.singleThread(name);
		}

	}

	private enum Phase {

		CREATED, OPEN, RUNNING, STOPPED

	}

	/**
	 * Opens a schedule before anything else, such as a pool, starts. It has nothing to
	 * stop.
	 *
	 * @param schedule the schedule
	 */
	record Opening(RefreshSchedule schedule) implements SmartLifecycle {

		@Override
		public void start() {
			this.schedule.open();
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return this.schedule.isOpen();
		}

		@Override
		public boolean isPauseable() {
			return false;
		}

		@Override
		public int getPhase() {
			return Integer.MIN_VALUE;
		}

	}

	/**
	 * State of the schedule.
	 *
	 * @param phase the phase of the application
	 * @param plan the plan, from the first request, which may come before the start, to
	 * the stop
	 */
	private record State(Phase phase, @Nullable Plan plan) {

	}

	/**
	 * Requested refresh.
	 *
	 * @param future completed when it is done
	 * @param names the names of the secrets, or {@code null} for all
	 */
	private record Request(CompletableFuture<Outcome> future, @Nullable Set<String> names) {

		Request {
			names = (names != null) ? Set.copyOf(names) : null;
		}

		Request with(@Nullable Set<String> others) {
			if (this.names == null || others == null) {
				return new Request(this.future, null);
			}
			Set<String> all = new HashSet<>(this.names);
			all.addAll(others);
			return new Request(this.future, all);
		}

	}

	/**
	 * What is planned.
	 *
	 * @param threads the threads that it is done on
	 * @param next the requested refresh, until it begins
	 * @param nextAt when the requested refresh begins
	 * @param intervalAt when a refresh is requested by the interval
	 */
	private record Plan(RefreshThreads threads, @Nullable Request next, @Nullable Long nextAt,
			@Nullable Long intervalAt) {

	}

}
