// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.ecssecrets.aws.Retries.Time;

/**
 * Clock that skips pauses.
 */
final class SkippedTime implements Time {

	private final AtomicLong skipped = new AtomicLong();

	private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

	List<Duration> pauses() {
		return this.pauses;
	}

	@Override
	public long nanoTime() {
		return System.nanoTime() + this.skipped.get();
	}

	@Override
	public void sleep(long nanos) {
		this.pauses.add(Duration.ofNanos(nanos));
		this.skipped.addAndGet(nanos);
	}

}
