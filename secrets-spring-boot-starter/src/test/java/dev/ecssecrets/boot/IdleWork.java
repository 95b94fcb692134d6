// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.concurrent.CompletableFuture;

import dev.ecssecrets.boot.RefreshSchedule.Work;
import dev.ecssecrets.boot.SecretsLoader.Outcome;

/**
 * Work that has nothing to do but what a test adds.
 */
interface IdleWork extends Work {

	@Override
	default void start() {
	}

	@Override
	default CompletableFuture<Outcome> begin(CompletableFuture<Outcome> load) {
		return load;
	}

	@Override
	default boolean isPublished() {
		return true;
	}

	@Override
	default void publish(RefreshThreads threads) {
	}

	@Override
	default void cancel() {
	}

	@Override
	default boolean isOfImage() {
		return false;
	}

	@Override
	default void forgetShared() {
	}

	@Override
	default boolean isPaused() {
		return false;
	}

	@Override
	default void await(CompletableFuture<Outcome> refresh) {
	}

}
