// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Answer;

/**
 * Retries of the calls of one fetch to one service in one region, after random pauses
 * whose limit doubles.
 * <p>
 * A call that fails because of the network or the service is tried at most four times. A
 * throttled call is retried until the time is over, one call at a time: more calls would
 * only be throttled too, and a whole fleet may be starting at the same moment.
 */
final class Retries {

	static final int MAX_ATTEMPTS = 4;

	static final Duration PAUSE_WHEN_UNREACHABLE = Duration.ofMillis(250);

	static final Duration PAUSE_WHEN_THROTTLED = Duration.ofSeconds(1);

	static final Duration MAX_PAUSE = Duration.ofSeconds(10);

	private final Time time;

	private final long deadline;

	private final ReentrantLock turn = new ReentrantLock();

	private int throttled;

	Retries(Time time, long nanosLeft) {
		this.time = time;
		this.deadline = time.nanoTime() + nanosLeft;
	}

	/**
	 * Executes a call, and retries it where that can help.
	 * @param call the call
	 * @param api the API to call
	 * @return the answers
	 * @throws AwsException if the last attempt failed
	 */
	Map<SecretLocation, Answer> execute(AwsCall call, AwsApi api) throws InterruptedException {
		try {
			return executeUntilFinal(call, api);
		}
		finally {
			if (this.turn.isHeldByCurrentThread()) {
				this.turn.unlock();
			}
		}
	}

	private Map<SecretLocation, Answer> executeUntilFinal(AwsCall call, AwsApi api) throws InterruptedException {
		int unreachable = 0;
		while (true) {
			try {
				return call.execute(api, timeout());
			}
			catch (AwsException ex) {
				boolean retry = switch (AwsFailures.of(call, ex).reason()) {
					case THROTTLED -> awaitTurn();
					case UNREACHABLE -> ++unreachable < MAX_ATTEMPTS && pause(PAUSE_WHEN_UNREACHABLE, unreachable - 1);
					default -> false;
				};
				if (!retry) {
					throw ex;
				}
			}
		}
	}

	private Duration timeout() {
		// Timeouts that are not positive are rejected.
		return Duration.ofNanos(Math.max(nanosLeft(), TimeUnit.MILLISECONDS.toNanos(1)));
	}

	/**
	 * Waits until this call may be retried after it was throttled.
	 * @return whether there is time left for a retry
	 */
	private boolean awaitTurn() throws InterruptedException {
		if (this.turn.isHeldByCurrentThread() || this.turn.tryLock()) {
			return pause(PAUSE_WHEN_THROTTLED, this.throttled++);
		}
		// The call that had the turn is no longer throttled, so this one need not pause.
		return this.turn.tryLock(nanosLeft(), TimeUnit.NANOSECONDS);
	}

	private boolean pause(Duration first, int doublings) throws InterruptedException {
		long limit = Math.min(first.toNanos() << Math.min(doublings, 10), MAX_PAUSE.toNanos());
		long pause = ThreadLocalRandom.current().nextLong(limit);
		if (pause >= nanosLeft()) {
			return false;
		}
		this.time.sleep(pause);
		return true;
	}

	private long nanosLeft() {
		return this.deadline - this.time.nanoTime();
	}

	/**
	 * Clock for pauses, and the pauses themselves.
	 */
	interface Time {

		Time SYSTEM = new Time() {

			@Override
			public long nanoTime() {
				return System.nanoTime();
			}

			@Override
			public void sleep(long nanos) throws InterruptedException {
				TimeUnit.NANOSECONDS.sleep(nanos);
			}

		};

		long nanoTime();

		void sleep(long nanos) throws InterruptedException;

	}

}
