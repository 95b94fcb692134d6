// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.cloud;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Listener for changes that are published, by Spring Cloud or by this library.
 */
final class ContextRefreshListener implements ApplicationListener<EnvironmentChangeEvent>, Ordered {

	private final SpringCloudRefreshBridge bridge;

	ContextRefreshListener(SpringCloudRefreshBridge bridge) {
		this.bridge = bridge;
	}

	/**
	 * Before beans are bound again.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void onApplicationEvent(EnvironmentChangeEvent event) {
		this.bridge.onPublished(event);
	}

}
