// SPDX-License-Identifier: Apache-2.0

package com.example;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;

/**
 * A listener of an application, which is in a package of its own.
 */
public final class ExampleListener implements ApplicationListener<ApplicationEvent> {

	private final Runnable action;

	/**
	 * Creates a listener.
	 * @param action what it does with each event
	 */
	public ExampleListener(Runnable action) {
		this.action = action;
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		this.action.run();
	}

}
