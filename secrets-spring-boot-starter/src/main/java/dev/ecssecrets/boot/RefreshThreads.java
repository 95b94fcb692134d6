// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Threads of a {@link RefreshSchedule} from their first use to the stop: one for loads
 * and one for listeners. The application may start again while those of the time before
 * are still coming to an end.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class RefreshThreads {

	private final ScheduledExecutorService loads;

	private final ScheduledExecutorService listeners;

	RefreshThreads(ScheduledExecutorService loads, ScheduledExecutorService listeners) {
		this.loads = loads;
		this.listeners = listeners;
	}

	static ScheduledExecutorService singleThread(String name) {
		return Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Worker(task, name);
			thread.setDaemon(true);
			return thread;
		});
	}

	void load(long delayNanos, Runnable task) {
		this.loads.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
	}

	void publish(Runnable task) {
		this.listeners.execute(task);
	}

	/**
	 * Runs a task of this library on the thread of loads in a while, unless it is
	 * cancelled before.
	 */
	Future<?> in(Duration delay, Runnable task) {
		try {
			return this.loads.schedule(task, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			return CompletableFuture.completedFuture(null);
		}
	}

	boolean isStopped() {
		return this.listeners.isShutdown();
	}

	/**
	 * Interrupts what runs, but not a listener that itself stops the application.
	 */
	void stop() {
		this.listeners.shutdownNow();
		this.loads.shutdownNow();
		if (Thread.currentThread() instanceof Worker) {
			Thread.interrupted();
		}
	}

	private static final class Worker extends Thread {

		Worker(Runnable task, String name) {
			super(task, name);
		}

	}

}
