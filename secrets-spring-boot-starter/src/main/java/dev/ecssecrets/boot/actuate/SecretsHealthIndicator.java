// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.boot.SecretStatus;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Health of the secrets, which is the age of their values: while they are not too old,
 * the application can use them, even if refreshes fail.
 */
final class SecretsHealthIndicator extends AbstractHealthIndicator {

	private final Secrets secrets;

	private final @Nullable Duration maximumAge;

	private final InstantSource clock;

	private final LongSupplier nanoTime;

	SecretsHealthIndicator(Secrets secrets, @Nullable Duration maximumAge, InstantSource clock, LongSupplier nanoTime) {
		this.secrets = secrets;
		this.maximumAge = maximumAge;
		this.clock = clock;
		this.nanoTime = nanoTime;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		SecretsSnapshot snapshot = this.secrets.current();
		builder.up();
		addAge(snapshot, builder);
		addFailures(snapshot.lastLoad(), builder);
	}

	private void addAge(SecretsSnapshot snapshot, Health.Builder builder) {
		SecretStatus oldest = snapshot.oldest();
		Duration age = snapshot.age(this.clock.instant(), this.nanoTime.getAsLong());
		if (oldest == null || age == null) {
			return;
		}
		builder.withDetail("oldest", PrintableText.of(oldest.name())).withDetail("ageInSeconds", age.toSeconds());
		if (this.maximumAge != null) {
			builder.withDetail("maximumAgeInSeconds", this.maximumAge.toSeconds());
			if (age.compareTo(this.maximumAge) > 0) {
				builder.outOfService();
			}
		}
	}

	private void addFailures(@Nullable Load last, Health.Builder builder) {
		if (last == null || last.successful()) {
			return;
		}
		Map<String, String> failing = new LinkedHashMap<>();
		last.failures()
			.forEach((failure) -> failing.put(PrintableText.of(failure.subject()), failure.reason().toString()));
		builder.withDetail("failing", failing);
	}

}
