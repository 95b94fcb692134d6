// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Set;

import org.springframework.context.ApplicationEvent;

/**
 * Event that secrets have changed, published when the {@code Environment} of the
 * application context and of its child contexts has the new values. It comes on a thread
 * of its own, on which the next event has to wait for all listeners of this one. As every
 * event it reaches the listeners of a parent context too, whose secrets change by its own
 * refreshes. Immutable.
 *
 * @since 0.1.0
 */
public final class SecretsRefreshedEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1L;

	private final transient Set<String> names;

	SecretsRefreshedEvent(Object source, Set<String> names) {
		super(source);
		this.names = names;
	}

	/**
	 * Returns which secrets have changed, appeared or vanished.
	 * @return their names as they are declared, in alphabetical order, at least one;
	 * never a value
	 */
	public Set<String> names() {
		return this.names;
	}

}
