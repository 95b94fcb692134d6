package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore.Answer;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Tries the calls of one fetch to one service in one region again, after random pauses
 * whose limit doubles. What breaks is tried a few times. What is throttled is tried until
 * the time is over, one call at a time: the others would be throttled too, and a fleet
 * may start at the same moment.
 */
final class Retries {

	static final int MAX_ATTEMPTS = 4;

	static final Duration PAUSE_WHEN_BROKEN = Duration.ofMillis(250);

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
	 * Makes a call.
	 * @param call the call
	 * @param api whom it asks
	 * @return its answers
	 * @throws SdkException what the last attempt failed with
	 */
	Map<SecretLocation, Answer> ask(AwsCall call, AwsApi api) throws InterruptedException {
		try {
			for (int broken = 0;;) {
				try {
					// Positive: the SDK takes no other timeout.
					return call.execute(api, Duration.ofNanos(Math.max(nanosLeft(), TimeUnit.MILLISECONDS.toNanos(1))));
				}
				catch (SdkException ex) {
					boolean again = switch (AwsFailures.of(call, ex).reason()) {
						case THROTTLED -> awaitTurn();
						case UNREACHABLE -> ++broken < MAX_ATTEMPTS && pause(PAUSE_WHEN_BROKEN, broken - 1);
						default -> false;
					};
					if (!again) {
						throw ex;
					}
				}
			}
		}
		finally {
			if (this.turn.isHeldByCurrentThread()) {
				this.turn.unlock();
			}
		}
	}

	private boolean awaitTurn() throws InterruptedException {
		if (this.turn.isHeldByCurrentThread() || this.turn.tryLock()) {
			return pause(PAUSE_WHEN_THROTTLED, this.throttled++);
		}
		// Whoever had it was not throttled any more, so there is no need to pause.
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
	 * What pauses go by.
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
