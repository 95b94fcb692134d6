package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.boot.SecretsHistory.Load;
import dev.ecssecrets.boot.SecretsHistory.Secret;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of secrets is the age of their values: as long as they are not too old, the
 * application can work with them, whatever becomes of refreshes.
 */
final class SecretsHealthIndicator extends AbstractHealthIndicator {

	private final SecretsHistory history;

	private final @Nullable Duration maximumAge;

	private final InstantSource clock;

	SecretsHealthIndicator(SecretsHistory history, @Nullable Duration maximumAge, InstantSource clock) {
		this.history = history;
		this.maximumAge = maximumAge;
		this.clock = clock;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		builder.up();
		Secret oldest = this.history.oldest();
		if (oldest != null) {
			Duration age = oldest.age(this.clock.instant());
			builder.withDetail("oldest", PrintableText.of(oldest.declaration().name()))
				.withDetail("ageInSeconds", age.toSeconds());
			if (this.maximumAge != null) {
				builder.withDetail("maximumAgeInSeconds", this.maximumAge.toSeconds());
				if (age.compareTo(this.maximumAge) > 0) {
					builder.outOfService();
				}
			}
		}
		Load last = this.history.lastLoad();
		if (last != null && !last.successful()) {
			Map<String, String> failing = new LinkedHashMap<>();
			last.failures()
				.forEach((failure) -> failing.put(PrintableText.of(failure.declaration().name()),
						failure.reason().toString()));
			builder.withDetail("failing", failing);
		}
	}

}
