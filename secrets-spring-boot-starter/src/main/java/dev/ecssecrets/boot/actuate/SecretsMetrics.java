// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters of the loads of {@link Secrets}. They count each load, including those before
 * there was a registry.
 */
final class SecretsMetrics implements MeterBinder {

	private static final String SUCCESS = "success";

	private static final String FAILURE = "failure";

	private final Secrets secrets;

	private final InstantSource clock;

	private final LongSupplier nanoTime;

	SecretsMetrics(Secrets secrets, InstantSource clock, LongSupplier nanoTime) {
		this.secrets = secrets;
		this.clock = clock;
		this.nanoTime = nanoTime;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		TimeGauge.builder("ecs.secrets.age", this, TimeUnit.SECONDS, SecretsMetrics::age)
			.description("Age of the oldest fetched value")
			.register(registry);
		// So that the first refresh is an increase.
		refreshes(registry, SUCCESS);
		refreshes(registry, FAILURE);
		SecretsSnapshot current = this.secrets.current();
		this.secrets.addListener(new LoadMeters(this.secrets, registry, current.number()));
		measure(registry, current, 0);
	}

	private double age() {
		Duration age = this.secrets.current().age(this.clock.instant(), this.nanoTime.getAsLong());
		return (age != null) ? age.toMillis() / 1000.0 : Double.NaN;
	}

	private static void measure(MeterRegistry registry, SecretsSnapshot snapshot, long measured) {
		snapshot.loads().stream().filter((load) -> load.number() > measured).forEach((load) -> measure(registry, load));
	}

	private static Counter refreshes(MeterRegistry registry, String outcome) {
		return Counter.builder("ecs.secrets.refreshes")
			.description("Refreshes of all secrets, no matter what triggered them")
			.tag("outcome", outcome)
			.register(registry);
	}

	private static void startTime(MeterRegistry registry, Duration elapsed) {
		TimeGauge.builder("ecs.secrets.start.time", elapsed::toNanos, TimeUnit.NANOSECONDS)
			.description("Time taken to resolve all secrets at startup")
			.register(registry);
	}

	private static void measure(MeterRegistry registry, Load load) {
		if (load.isRefresh()) {
			refreshes(registry, load.successful() ? SUCCESS : FAILURE).increment();
		}
		else {
			startTime(registry, load.elapsed());
		}
		for (Call call : load.calls()) {
			Timer.builder("ecs.secrets.calls")
				.description("Calls to stores, each including its retries")
				.tags("store", call.store(), "outcome", (call.failure() != null) ? call.failure().code() : SUCCESS)
				.register(registry)
				.record(call.elapsed());
		}
		for (SecretFailure failure : load.failures()) {
			Counter.builder("ecs.secrets.failures")
				.description("Secrets that could not be fetched")
				.tag("reason", failure.reason().code())
				.register(registry)
				.increment();
		}
	}

	/**
	 * Meters of loads in one registry, which may be that of a child context and be closed
	 * with it.
	 *
	 * @param secrets the secrets
	 * @param registry the registry
	 * @param measured the number of the last load that was measured when it was bound
	 */
	private record LoadMeters(Secrets secrets, MeterRegistry registry, long measured) implements SecretsListener {

		@Override
		public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
			if (this.registry.isClosed()) {
				this.secrets.removeListener(this);
			}
			else {
				measure(this.registry, after, Math.max(before.number(), this.measured));
			}
		}

	}

}
