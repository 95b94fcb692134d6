// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Time that passes when it is told to, and executors that go by it on the thread that
 * tells it.
 */
final class VirtualTime {

	private final PriorityBlockingQueue<Task> tasks = new PriorityBlockingQueue<>(11,
			Comparator.comparingLong((Task task) -> task.at).thenComparingLong((task) -> task.number));

	private long nanos;

	private long number;

	long nanoTime() {
		return this.nanos;
	}

	Duration now() {
		return Duration.ofNanos(this.nanos);
	}

	ScheduledExecutorService executor(String name) {
		return new Executor(name);
	}

	int pending() {
		return this.tasks.size();
	}

	/**
	 * Returns how many tasks the executor of a name has.
	 */
	int pending(String name) {
		return (int) this.tasks.stream().filter((task) -> task.executor.name.equals(name)).count();
	}

	/**
	 * Lets time pass, and what is due by then happen at its moment. A task may let time
	 * pass too, as one that blocks does.
	 */
	void pass(Duration duration) {
		long end = this.nanos + duration.toNanos();
		for (Task task = this.tasks.peek(); task != null && task.at <= end; task = this.tasks.peek()) {
			this.tasks.remove(task);
			this.nanos = Math.max(this.nanos, task.at);
			task.run();
		}
		this.nanos = Math.max(this.nanos, end);
	}

	private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {

		private final Executor executor;

		private final long at;

		private final long number;

		Task(Executor executor, Runnable runnable, long delay) {
			super(runnable, null);
			this.executor = executor;
			this.at = VirtualTime.this.nanos + delay;
			this.number = VirtualTime.this.number++;
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return unit.convert(this.at - VirtualTime.this.nanos, TimeUnit.NANOSECONDS);
		}

		@Override
		public int compareTo(Delayed other) {
			return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
		}

	}

	private final class Executor extends AbstractExecutorService implements ScheduledExecutorService {

		private final String name;

		private boolean shutdown;

		Executor(String name) {
			this.name = name;
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
			if (this.shutdown) {
				throw new RejectedExecutionException();
			}
			Task task = new Task(this, command, unit.toNanos(delay));
			VirtualTime.this.tasks.add(task);
			return task;
		}

		@Override
		public List<Runnable> shutdownNow() {
			this.shutdown = true;
			List<Runnable> pending = new ArrayList<>();
			VirtualTime.this.tasks.removeIf((task) -> task.executor == this && pending.add(task));
			return pending;
		}

		@Override
		public boolean isShutdown() {
			return this.shutdown;
		}

		@Override
		public boolean isTerminated() {
			return this.shutdown;
		}

		@Override
		@SuppressWarnings("FutureReturnValueIgnored")
		public void execute(Runnable command) {
			ScheduledFuture<?> unused = schedule(command, 0, TimeUnit.NANOSECONDS);
		}

		@Override
		public void shutdown() {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

		@Override
		public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay,
				TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

	}

}
