// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * End of the time that a fetch or a call may take.
 */
final class Deadline {

	private final long nanoTime;

	private Deadline(long nanoTime) {
		this.nanoTime = nanoTime;
	}

	static Deadline after(Duration timeout) {
		return new Deadline(System.nanoTime() + timeout.toNanos());
	}

	boolean hasPassed() {
		return nanosLeft() <= 0;
	}

	/**
	 * Returns the time that is left.
	 * @return the nanoseconds, negative once the deadline has passed
	 */
	long nanosLeft() {
		return this.nanoTime - System.nanoTime();
	}

	long millisLeft() {
		return TimeUnit.NANOSECONDS.toMillis(nanosLeft());
	}

}
