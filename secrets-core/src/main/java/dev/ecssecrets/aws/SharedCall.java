// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Call that may never return. Fetches that need its result share the call in progress, so
 * that it takes one thread. A result is not kept: the next fetch calls again.
 *
 * @param <T> the type of the result
 */
final class SharedCall<T> {

	private final Supplier<T> call;

	private final AtomicReference<@Nullable CompletableFuture<T>> inProgress = new AtomicReference<>();

	SharedCall(Supplier<T> call) {
		this.call = call;
	}

	/**
	 * Starts the call, unless it is in progress.
	 * @return the result to come, which must not be cancelled
	 */
	CompletableFuture<T> result() {
		CompletableFuture<T> result = new CompletableFuture<>();
		CompletableFuture<T> shared = this.inProgress.compareAndExchange(null, result);
		if (shared != null) {
			return shared;
		}
		try {
			new FetchThread(() -> run(result)).start();
		}
		catch (Error ex) {
			// There is no memory for a thread.
			this.inProgress.set(null);
			result.completeExceptionally(ex);
		}
		return result;
	}

	private void run(CompletableFuture<T> result) {
		try {
			T value = this.call.get();
			this.inProgress.set(null);
			result.complete(value);
		}
		catch (Throwable ex) {
			this.inProgress.set(null);
			result.completeExceptionally(ex);
		}
	}

}
