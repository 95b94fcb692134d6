// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

/**
 * Thread of a fetch.
 */
final class FetchThread extends Thread {

	FetchThread(Runnable task) {
		super(task, "ecs-secrets-fetch");
		setDaemon(true);
	}

}
