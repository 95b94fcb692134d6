// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import dev.ecssecrets.boot.actuate.RefreshRequests.Entry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RefreshRequests}. What they do in a web server is in
 * {@link RefreshRequestsIT}.
 */
class RefreshRequestsTests {

	private final RefreshRequests requests = new RefreshRequests();

	@AfterEach
	void clearInterruption() {
		Thread.interrupted();
	}

	@Test
	void stopWhenThreadWaitsInterruptsItUntilItLeaves() {
		assertThat(this.requests.enter()).isEqualTo(Entry.ENTERED);
		this.requests.stop();
		assertThat(Thread.currentThread().isInterrupted()).isTrue();
		this.requests.leave();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void stopWhenThreadHasLeftDoesNotInterruptIt() {
		assertThat(this.requests.enter()).isEqualTo(Entry.ENTERED);
		this.requests.leave();
		this.requests.stop();
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void enterWhenStoppedIsRefusedUntilTheNextStart() {
		this.requests.stop();
		assertThat(this.requests.enter()).isEqualTo(Entry.STOPPED);
		this.requests.start();
		assertThat(this.requests.enter()).isEqualTo(Entry.ENTERED);
	}

}
