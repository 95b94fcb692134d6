// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;

import org.apache.commons.logging.Log;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.OrderUtils;

/**
 * Listeners of an application, and the snapshot that they were last called with. The log
 * names each listener that fails or blocks.
 */
final class SecretsListeners {

	private static final Duration SLOW = Duration.ofSeconds(30);

	private static final List<String> FRAMEWORKS = List.of("java.", "jdk.", "org.springframework.", "dev.ecssecrets.");

	private final CopyOnWriteArrayList<SecretsListener> listeners = new CopyOnWriteArrayList<>();

	private final Log logger;

	private volatile SecretsSnapshot published;

	/**
	 * Creates an empty list of listeners.
	 * @param published the snapshot that new listeners already know
	 * @param logger the logger for failures and blocked listeners
	 */
	SecretsListeners(SecretsSnapshot published, Log logger) {
		this.published = published;
		this.logger = logger;
	}

	/**
	 * Adds a listener, unless it has been added before.
	 */
	synchronized void add(SecretsListener listener) {
		if (!this.listeners.contains(listener)) {
			int index = this.listeners.size();
			while (index > 0 && order(this.listeners.get(index - 1)) > order(listener)) {
				index--;
			}
			this.listeners.add(index, listener);
		}
	}

	synchronized void remove(SecretsListener listener) {
		this.listeners.remove(listener);
	}

	private static int order(SecretsListener listener) {
		return (listener instanceof Ordered ordered) ? ordered.getOrder() : OrderUtils.getOrder(listener.getClass(), 0);
	}

	boolean know(SecretsSnapshot snapshot) {
		return this.published == snapshot;
	}

	/**
	 * Calls all listeners, unless they know the snapshot or the application stops.
	 * @param current the current snapshot
	 * @param threads the threads of the application
	 */
	void publish(SecretsSnapshot current, RefreshThreads threads) {
		SecretsSnapshot before = this.published;
		if (before == current) {
			return;
		}
		for (SecretsListener listener : this.listeners) {
			if (threads.isStopped()) {
				return;
			}
			call(listener, before, current, threads);
		}
		this.published = current;
	}

	private void call(SecretsListener listener, SecretsSnapshot before, SecretsSnapshot current,
			RefreshThreads threads) {
		Thread thread = Thread.currentThread();
		Future<?> warning = threads.in(SLOW, () -> warn(listener, thread.getStackTrace()));
		try {
			listener.onLoad(before, current);
		}
		catch (Throwable ex) {
			// A listener may fail because the application stops.
			if (!threads.isStopped()) {
				fail(listener, ex);
			}
		}
		finally {
			warning.cancel(false);
			// The next listener must not see an interruption of this one.
			if (!threads.isStopped()) {
				Thread.interrupted();
			}
		}
	}

	/**
	 * Logs a failure without its message, which may quote a value.
	 */
	private void fail(SecretsListener listener, Throwable failure) {
		this.logger.error("Secrets were loaded, but a listener failed: " + describe(listener, failure.getStackTrace())
				+ " threw " + failure.getClass().getName() + cause(failure));
	}

	private static String cause(Throwable failure) {
		try {
			Throwable cause = failure.getCause();
			return (cause != null) ? " because of " + cause.getClass().getName() : "";
		}
		catch (RuntimeException ex) {
			// Exceptions of other libraries may override the method.
			return "";
		}
	}

	private void warn(SecretsListener listener, StackTraceElement[] stackTrace) {
		this.logger.warn("A listener has not returned for " + SLOW.toSeconds()
				+ " s after secrets were loaded, so other listeners have to wait: " + describe(listener, stackTrace));
	}

	/**
	 * Names a listener and the class of the application that it has called, such as a
	 * listener for an event.
	 */
	private static String describe(SecretsListener listener, StackTraceElement[] stackTrace) {
		String name = listener.getClass().getName();
		for (StackTraceElement element : stackTrace) {
			String type = element.getClassName();
			if (FRAMEWORKS.stream().noneMatch(type::startsWith)) {
				return type.equals(name) ? name : name + " (in " + type + ")";
			}
		}
		return name;
	}

}
