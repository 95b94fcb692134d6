// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Gate between swaps of values and reads of several values that belong together, such as
 * binds. A swap waits until no other thread reads, and a read until nothing is being
 * swapped. Reads run code of the application, so no wait is unlimited: a read that takes
 * too long, or never says that it has ended, is no longer waited for. Interruption ends
 * no wait, but stays set. Thread-safe.
 */
final class SwapGate {

	static final Duration LONGEST_READ = Duration.ofSeconds(5);

	private static final Duration LONGEST_HOLD = Duration.ofMillis(100);

	private final long longestRead;

	private final long longestHold;

	private State state = new State(List.of(), 0, 0);

	SwapGate() {
		this(LONGEST_READ, LONGEST_HOLD);
	}

	/**
	 * Creates a gate.
	 * @param longestRead how long a swap waits at most, and from when on nothing waits
	 * for a read
	 * @param longestHold how long a read lets a waiting swap go first: without that,
	 * reads that overlap would keep it waiting
	 */
	SwapGate(Duration longestRead, Duration longestHold) {
		this.longestRead = longestRead.toNanos();
		this.longestHold = longestHold.toNanos();
	}

	/**
	 * Begins a read. One within another read of the same thread does not wait.
	 * @param key what identifies the read, and no other
	 */
	synchronized void enter(Object key) {
		long since = System.nanoTime();
		if (!isReading()) {
			boolean interrupted = false;
			for (long left = timeToEnter(since); left > 0; left = timeToEnter(since)) {
				interrupted |= await(left);
			}
			keep(interrupted);
		}
		resume(List.of(new Read(key, Thread.currentThread(), System.nanoTime())));
	}

	private long timeToEnter(long since) {
		return left((this.state.swaps() > 0) ? this.longestRead : (this.state.waiting() > 0) ? this.longestHold : 0,
				since);
	}

	private boolean isReading() {
		for (Read read : this.state.reads()) {
			if (read.isOwn() && timeLeft(read.since()) > 0) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ends a read, unless it has ended.
	 */
	synchronized void leave(Object key) {
		List<Read> others = new ArrayList<>();
		for (Read read : this.state.reads()) {
			if (read.key() != key) {
				others.add(read);
			}
		}
		reads(others);
	}

	/**
	 * Ends the reads of this thread for as long as it waits for a swap.
	 * @return these reads
	 */
	synchronized List<Read> suspend() {
		List<Read> own = new ArrayList<>();
		List<Read> others = new ArrayList<>();
		for (Read read : this.state.reads()) {
			(read.isOwn() ? own : others).add(read);
		}
		reads(others);
		return own;
	}

	/**
	 * Continues reads, and forgets all that nothing waits for any more.
	 */
	synchronized void resume(List<Read> reads) {
		List<Read> all = new ArrayList<>(this.state.reads());
		all.addAll(reads);
		List<Read> awaited = new ArrayList<>();
		for (Read read : all) {
			if (timeLeft(read.since()) > 0) {
				awaited.add(read);
			}
		}
		reads(awaited);
	}

	/**
	 * Begins a swap as soon as no other thread reads, or at once if nobody wants it.
	 * @param unwanted whether the swap is not wanted any more, which {@link #wake()}
	 * makes it look at again
	 */
	synchronized void close(BooleanSupplier unwanted) {
		long since = System.nanoTime();
		this.state = new State(this.state.reads(), this.state.waiting() + 1, this.state.swaps());
		boolean interrupted = false;
		while (!unwanted.getAsBoolean()) {
			long left = Math.min(timeLeft(since), timeToEndOfOthers(since));
			if (left <= 0) {
				break;
			}
			interrupted |= await(left);
		}
		keep(interrupted);
		this.state = new State(this.state.reads(), this.state.waiting() - 1, this.state.swaps() + 1);
	}

	private long timeToEndOfOthers(long since) {
		long time = (this.state.swaps() > 0) ? timeLeft(since) : 0;
		for (Read read : this.state.reads()) {
			time = read.isOwn() ? time : Math.max(time, timeLeft(read.since()));
		}
		return time;
	}

	/**
	 * Ends a swap.
	 */
	synchronized void open() {
		this.state = new State(this.state.reads(), this.state.waiting(), this.state.swaps() - 1);
		notifyAll();
	}

	synchronized void wake() {
		notifyAll();
	}

	private void reads(List<Read> reads) {
		this.state = new State(List.copyOf(reads), this.state.waiting(), this.state.swaps());
		notifyAll();
	}

	private long timeLeft(long since) {
		return left(this.longestRead, since);
	}

	private static long left(long atMost, long since) {
		return atMost - (System.nanoTime() - since);
	}

	/**
	 * Waits, and returns whether the thread was interrupted meanwhile.
	 */
	private boolean await(long nanos) {
		try {
			TimeUnit.NANOSECONDS.timedWait(this, nanos);
			return false;
		}
		catch (InterruptedException ex) {
			return true;
		}
	}

	private static void keep(boolean interrupted) {
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A read in progress.
	 *
	 * @param key what identifies it
	 * @param thread the thread that reads
	 * @param since when it began, in nanoseconds
	 */
	record Read(Object key, Thread thread, long since) {

		boolean isOwn() {
			return this.thread == Thread.currentThread();
		}

	}

	/**
	 * State of the gate.
	 *
	 * @param reads the reads in progress
	 * @param waiting how many swaps wait
	 * @param swaps how many swaps are in progress: one, unless others no longer waited
	 */
	private record State(List<Read> reads, int waiting, int swaps) {

	}

}
