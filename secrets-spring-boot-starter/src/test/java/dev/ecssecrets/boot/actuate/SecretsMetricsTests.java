// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore.Call;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SecretsMetrics}.
 */
class SecretsMetricsTests {

	private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

	private static final Call SUCCESSFUL = new Call("test", Duration.ofMillis(7), null);

	private static final Call THROTTLED = new Call("test", Duration.ofMillis(9), Reason.THROTTLED);

	private final LoadedSecrets loaded = new LoadedSecrets(new InMemorySecretStore().put("word", "wassyoi"), NOON);

	private long nanoTime = System.nanoTime() - Duration.ofDays(9).toNanos();

	private final SecretsMetrics metrics = new SecretsMetrics(this.loaded.secrets(),
			InstantSource.fixed(NOON.plusSeconds(60)), () -> this.nanoTime);

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	@AfterEach
	void close() {
		this.loaded.close();
	}

	@Test
	void loadsBeforeAndAfterTheRegistryIsBoundAreCountedOnce() {
		this.loaded.fetching(NOON, SUCCESSFUL);
		this.loaded.secrets().refresh();
		failRefresh();
		this.metrics.bindTo(this.registry);
		assertRefreshes(this.registry, 1, 1);
		assertThat(this.registry.get("ecs.secrets.start.time").timeGauge().value()).isPositive();
		failRefresh();
		this.loaded.store.put("token", "any");
		this.loaded.secrets().refresh();
		this.loaded.secrets().refresh();
		awaitRefreshes(this.registry, 3, 2);
		assertThat(this.registry.get("ecs.secrets.failures").tag("reason", "throttled").counter().count()).isEqualTo(2);
	}

	@Test
	void everyRegistryCountsEveryLoad() {
		this.metrics.bindTo(this.registry);
		this.loaded.secrets().refresh();
		awaitRefreshes(this.registry, 1, 0);
		SimpleMeterRegistry late = new SimpleMeterRegistry();
		this.metrics.bindTo(late);
		this.loaded.secrets().refresh();
		awaitRefreshes(this.registry, 2, 0);
		awaitRefreshes(late, 2, 0);
	}

	@Test
	void registryWhenClosedIsNotKept() {
		WeakReference<?> closed = new WeakReference<>(bindToClosedRegistry());
		this.loaded.secrets().refresh();
		await().until(() -> {
			System.gc();
			return closed.get() == null;
		});
	}

	private SimpleMeterRegistry bindToClosedRegistry() {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		this.metrics.bindTo(registry);
		registry.close();
		return registry;
	}

	@Test
	void loadsWhileListenerBlocksAreCountedWhenItReturns() throws InterruptedException {
		CountDownLatch blocking = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.loaded.secrets().addListener((before, after) -> {
			blocking.countDown();
			await().until(() -> release.getCount() == 0);
		});
		this.metrics.bindTo(this.registry);
		this.loaded.secrets().refresh();
		assertThat(blocking.await(30, TimeUnit.SECONDS)).isTrue();
		this.loaded.secrets().refresh();
		failRefresh();
		assertRefreshes(this.registry, 0, 0);
		release.countDown();
		awaitRefreshes(this.registry, 2, 1);
	}

	@Test
	void callsHaveTimesAndOutcomes() {
		this.loaded.fetching(NOON, SUCCESSFUL, THROTTLED);
		this.metrics.bindTo(this.registry);
		this.loaded.secrets().refresh();
		awaitRefreshes(this.registry, 1, 0);
		assertThat(calls("success").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(7);
		assertThat(calls("throttled").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(9);
	}

	@Test
	void ageIsThatOfTheOldestValueAndNeverNegative() {
		this.metrics.bindTo(this.registry);
		assertThat(age()).isEqualTo(60);
		this.nanoTime += Duration.ofDays(10).toNanos();
		assertThat(age()).isGreaterThanOrEqualTo(86_400);
		this.nanoTime -= Duration.ofDays(10).toNanos();
		this.loaded.fetching(NOON.plusSeconds(3600)).secrets().refresh();
		assertThat(age()).isZero();
		this.loaded.store.remove("word");
		this.loaded.secrets().refresh();
		assertThat(age()).isNaN();
	}

	private void failRefresh() {
		this.loaded.store.fail("token", Reason.THROTTLED);
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(this.loaded.secrets()::refresh);
		this.loaded.store.remove("token");
	}

	private Timer calls(String outcome) {
		return this.registry.get("ecs.secrets.calls").tag("outcome", outcome).timer();
	}

	private double age() {
		return this.registry.get("ecs.secrets.age").timeGauge().value(TimeUnit.SECONDS);
	}

	private static void awaitRefreshes(SimpleMeterRegistry registry, int successful, int failed) {
		await().untilAsserted(() -> assertRefreshes(registry, successful, failed));
	}

	private static void assertRefreshes(SimpleMeterRegistry registry, int successful, int failed) {
		assertThat(registry.get("ecs.secrets.refreshes").tag("outcome", "success").counter().count())
			.isEqualTo(successful);
		assertThat(registry.get("ecs.secrets.refreshes").tag("outcome", "failure").counter().count()).isEqualTo(failed);
	}

}
