// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.ecssecrets.boot.SwapGate.Read;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SwapGate}. No wait of these gates ends by itself while a test runs.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class SwapGateTests {

	private static final Duration FOREVER = Duration.ofHours(1);

	private final SwapGate gate = new SwapGate(FOREVER, FOREVER);

	private final CountDownLatch released = new CountDownLatch(1);

	@AfterEach
	void release() {
		this.released.countDown();
	}

	@Test
	void closeWhenNothingReadsDoesNotWait() {
		this.gate.close(() -> false);
		this.gate.open();
	}

	@Test
	void closeWhenOtherThreadReadsWaitsForItsEnd() {
		this.gate.enter("read");
		Task swap = swap(this.gate);
		swap.awaitWaiting();
		this.gate.leave("read");
		swap.join();
	}

	@Test
	void closeWhenOtherThreadHasReadsInReadsWaitsForTheEndOfAll() {
		this.gate.enter("outer");
		Task swap = swap(this.gate);
		swap.awaitWaiting();
		this.gate.enter("inner");
		this.gate.leave("inner");
		this.gate.leave("inner");
		swap.awaitWaiting();
		this.gate.leave("outer");
		swap.join();
	}

	@Test
	void closeWhenOwnThreadReadsDoesNotWait() {
		this.gate.enter("read");
		this.gate.close(() -> false);
		this.gate.open();
	}

	@Test
	void closeWhenReadTakesTooLongDoesNotWaitForIt() {
		SwapGate gate = new SwapGate(Duration.ZERO, FOREVER);
		gate.enter("read that never ends");
		swap(gate).join();
	}

	@Test
	void closeWhenSwapIsNotWantedAnyMoreEndsItsWait() {
		AtomicBoolean unwanted = new AtomicBoolean();
		this.gate.enter("read");
		Task swap = new Task(() -> {
			this.gate.close(unwanted::get);
			this.gate.open();
		});
		swap.awaitWaiting();
		unwanted.set(true);
		this.gate.wake();
		swap.join();
	}

	@Test
	void closeWhenInterruptedWaitsAndStaysInterrupted() {
		this.gate.enter("read");
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		Task swap = new Task(() -> {
			Thread.currentThread().interrupt();
			this.gate.close(() -> false);
			interrupted.complete(Thread.interrupted());
			this.gate.open();
		});
		swap.awaitWaiting();
		this.gate.leave("read");
		assertThat(interrupted.join()).isTrue();
		swap.join();
	}

	@Test
	void closeWhenOtherSwapIsInProgressWaitsForItsEnd() {
		this.gate.close(() -> false);
		Task swap = swap(this.gate);
		swap.awaitWaiting();
		this.gate.open();
		swap.join();
	}

	@Test
	void enterWhileSwapIsInProgressWaitsForItsEnd() {
		this.gate.close(() -> false);
		Task read = read(this.gate);
		read.awaitWaiting();
		this.gate.open();
		read.join();
	}

	@Test
	void enterWhileSwapWaitsLetsItGoFirst() {
		this.gate.enter("read");
		Task swap = new Task(() -> {
			this.gate.close(() -> false);
			awaitReleased();
			this.gate.open();
		});
		swap.awaitWaiting();
		Task later = read(this.gate);
		later.awaitWaiting();
		this.gate.leave("read");
		later.awaitWaiting();
		this.released.countDown();
		swap.join();
		later.join();
	}

	@Test
	void enterWhileSwapWaitsDoesNotWaitForLong() {
		SwapGate gate = new SwapGate(FOREVER, Duration.ZERO);
		gate.enter("read");
		Task swap = swap(gate);
		swap.awaitWaiting();
		read(gate).join();
		gate.leave("read");
		swap.join();
	}

	@Test
	void suspendLetsSwapGoOnUntilResume() {
		this.gate.enter("read");
		Task swap = swap(this.gate);
		swap.awaitWaiting();
		List<Read> suspended = this.gate.suspend();
		swap.join();
		this.gate.resume(suspended);
		Task next = swap(this.gate);
		next.awaitWaiting();
		this.gate.leave("read");
		next.join();
	}

	@Test
	void suspendLeavesReadsOfOtherThreads() {
		this.gate.enter("read");
		new Task(() -> assertThat(this.gate.suspend()).isEmpty()).join();
		Task swap = swap(this.gate);
		swap.awaitWaiting();
		this.gate.leave("read");
		swap.join();
	}

	private static Task swap(SwapGate gate) {
		return new Task(() -> {
			gate.close(() -> false);
			gate.open();
		});
	}

	private static Task read(SwapGate gate) {
		return new Task(() -> {
			Object key = new Object();
			gate.enter(key);
			gate.leave(key);
		});
	}

	private void awaitReleased() {
		try {
			this.released.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A thread of a test.
	 */
	private static final class Task {

		private final Thread thread;

		private final CompletableFuture<Void> end = new CompletableFuture<>();

		Task(Runnable action) {
			this.thread = new Thread(() -> {
				try {
					action.run();
					this.end.complete(null);
				}
				catch (Throwable ex) {
					this.end.completeExceptionally(ex);
				}
			});
			this.thread.setDaemon(true);
			this.thread.start();
		}

		void awaitWaiting() {
			await().until(() -> this.thread.getState() == Thread.State.TIMED_WAITING);
			assertThat(this.end).isNotDone();
		}

		void join() {
			this.end.join();
		}

	}

}
