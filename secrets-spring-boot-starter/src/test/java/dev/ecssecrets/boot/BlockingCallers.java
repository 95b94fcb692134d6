// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * As many callers that block as Reactor's bounded elastic scheduler has threads.
 */
public final class BlockingCallers {

	private BlockingCallers() {
	}

	/**
	 * Returns whether all of them are served within a time.
	 */
	public static boolean areServed(Runnable call, int seconds) throws InterruptedException {
		int callers = Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE;
		CountDownLatch started = new CountDownLatch(callers);
		CountDownLatch done = new CountDownLatch(callers);
		Disposable all = Flux.range(0, callers).flatMap((i) -> Mono.fromRunnable(() -> {
			started.countDown();
			try {
				started.await();
			}
			catch (InterruptedException ex) {
				return;
			}
			call.run();
			done.countDown();
		}).onErrorComplete().subscribeOn(Schedulers.boundedElastic()), callers).subscribe();
		try {
			return done.await(seconds, TimeUnit.SECONDS);
		}
		finally {
			all.dispose();
		}
	}

}
