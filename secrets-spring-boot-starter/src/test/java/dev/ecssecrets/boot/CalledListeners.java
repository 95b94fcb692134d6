// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.springframework.core.Ordered;

import static org.awaitility.Awaitility.await;

/**
 * The last listener of an application: once it is called, so are all others.
 */
public final class CalledListeners implements SecretsListener, Ordered {

	private final Secrets secrets;

	private volatile SecretsSnapshot known;

	/**
	 * Creates a listener that knows the current state.
	 * @param secrets the secrets of the application
	 */
	public CalledListeners(Secrets secrets) {
		this.secrets = secrets;
		this.known = secrets.current();
		secrets.addListener(this);
	}

	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	@Override
	public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		this.known = after;
	}

	/**
	 * Waits until all listeners know the current state.
	 */
	public void awaitCurrent() {
		await().until(() -> this.known == this.secrets.current());
	}

}
