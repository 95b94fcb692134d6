package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.boot.SecretsHistory.Load;
import dev.ecssecrets.boot.SecretsHistory.Secret;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters of what {@link SecretsHistory} knows, from the first load on, which was before
 * there were any.
 */
final class SecretsMetrics implements MeterBinder {

	private static final String SUCCESS = "success";

	private static final String FAILURE = "failure";

	private final SecretsHistory history;

	SecretsMetrics(SecretsHistory history) {
		this.history = history;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		TimeGauge.builder("ecs.secrets.age", this.history, TimeUnit.SECONDS, SecretsMetrics::age)
			.description("Age of the oldest fetched value")
			.register(registry);
		// So that there is a first one that others are more than.
		refreshes(registry, SUCCESS);
		refreshes(registry, FAILURE);
		this.history.listen((load) -> {
			if (load.refresh()) {
				refreshes(registry, load.successful() ? SUCCESS : FAILURE).increment();
			}
			else {
				start(registry, load.elapsed());
			}
			measure(registry, load);
		});
	}

	private static double age(SecretsHistory history) {
		Secret oldest = history.oldest();
		return (oldest != null) ? oldest.age(Instant.now()).toMillis() / 1000.0 : Double.NaN;
	}

	private static Counter refreshes(MeterRegistry registry, String outcome) {
		return Counter.builder("ecs.secrets.refreshes")
			.description("Refreshes of all secrets, however they were asked for")
			.tag("outcome", outcome)
			.register(registry);
	}

	private static void start(MeterRegistry registry, Duration elapsed) {
		TimeGauge.builder("ecs.secrets.start.time", elapsed::toNanos, TimeUnit.NANOSECONDS)
			.description("Time that it took to resolve all secrets at the start")
			.register(registry);
	}

	private static void measure(MeterRegistry registry, Load load) {
		for (Call call : load.calls()) {
			Timer.builder("ecs.secrets.calls")
				.description("Calls of stores, each with its retries")
				.tags("store", call.store(), "outcome", (call.failure() != null) ? call.failure().anchor() : SUCCESS)
				.register(registry)
				.record(call.elapsed());
		}
		for (SecretFailure failure : load.failures()) {
			Counter.builder("ecs.secrets.failures")
				.description("Secrets that could not be fetched")
				.tag("reason", failure.reason().anchor())
				.register(registry)
				.increment();
		}
	}

}
