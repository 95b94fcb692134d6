// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Requests to refresh that wait, each on a thread of a web server or of JMX. Only a few
 * may, so that they leave threads to other requests, and none while the application
 * stops.
 */
final class RefreshRequests implements SmartLifecycle {

	/**
	 * How many requests may wait at the same time.
	 */
	static final int MOST = 4;

	// Never changed but replaced, and null while the application stops.
	private @Nullable Set<Thread> waiting = Set.of();

	/**
	 * Lets the calling thread wait, if there is room. If so, it must {@link #leave()}.
	 */
	synchronized Entry enter() {
		if (this.waiting == null) {
			return Entry.STOPPED;
		}
		if (this.waiting.size() == MOST) {
			return Entry.FULL;
		}
		Set<Thread> more = new HashSet<>(this.waiting);
		more.add(Thread.currentThread());
		this.waiting = more;
		return Entry.ENTERED;
	}

	/**
	 * Makes room for another request. An interruption of the calling thread has done what
	 * it is for, and is cleared: it is not meant for what the thread does next, such as
	 * writing the answer.
	 */
	synchronized void leave() {
		if (this.waiting != null) {
			Set<Thread> fewer = new HashSet<>(this.waiting);
			fewer.remove(Thread.currentThread());
			this.waiting = fewer;
		}
		Thread.interrupted();
	}

	@Override
	public synchronized void start() {
		this.waiting = Set.of();
	}

	/**
	 * Lets go all that wait.
	 */
	@Override
	public synchronized void stop() {
		if (this.waiting != null) {
			this.waiting.forEach(Thread::interrupt);
			this.waiting = null;
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.waiting != null;
	}

	/**
	 * Stops before the web server, which waits for its requests or breaks their
	 * connections.
	 */
	@Override
	public int getPhase() {
		return DEFAULT_PHASE;
	}

	/**
	 * Whether a request may wait.
	 */
	enum Entry {

		ENTERED, FULL, STOPPED

	}

}
