// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.springframework.core.Ordered;

/**
 * Listener for loads of secrets. Listeners are called one after the other, on a thread of
 * their own, after the {@code Environment} of the application and of its children has the
 * values: first those of lower {@linkplain Ordered#getOrder() order}, where one that is
 * not {@link Ordered} has the order 0. An exception of one listener is logged without its
 * message, and does not keep the others from being called.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface SecretsListener {

	/**
	 * Handles the state after one or more loads, which may have failed.
	 * @param before the snapshot of the call before
	 * @param after the current snapshot
	 * @see SecretsSnapshot#changesSince
	 */
	void onLoad(SecretsSnapshot before, SecretsSnapshot after);

}
