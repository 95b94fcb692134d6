// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.cloud;

import java.util.concurrent.atomic.AtomicReference;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * A post-processor that comes after ours, and takes as long as a test wants.
 */
class LatePostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final AtomicReference<Runnable> ACTION = new AtomicReference<>();

	/**
	 * Makes the next environment wait for an action.
	 */
	static void doOnce(Runnable action) {
		ACTION.set(action);
	}

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		Runnable action = ACTION.getAndSet(null);
		if (action != null) {
			action.run();
		}
	}

}
