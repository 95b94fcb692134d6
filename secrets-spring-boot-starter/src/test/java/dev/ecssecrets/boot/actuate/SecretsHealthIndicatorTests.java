// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;

/**
 * Tests for {@link SecretsHealthIndicator}.
 */
class SecretsHealthIndicatorTests {

	private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

	private static final Duration HOUR = Duration.ofHours(1);

	private final LoadedSecrets loaded = new LoadedSecrets(new InMemorySecretStore().put("word", "wassyoi"), NOON);

	@AfterEach
	void close() {
		this.loaded.close();
	}

	@Test
	void healthWhenPastTheMaximumAgeIsOutOfService() {
		assertThat(health(HOUR, NOON.plus(HOUR)).getStatus()).isEqualTo(Status.UP);
		Health old = health(HOUR, NOON.plus(HOUR).plusNanos(1));
		assertThat(old.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(old.getDetails()).containsEntry("oldest", "WORD")
			.containsEntry("ageInSeconds", 3600L)
			.containsEntry("maximumAgeInSeconds", 3600L);
	}

	@Test
	void healthWhenNoMaximumAgeIsSetIsUp() {
		assertThat(health(null, NOON.plus(Duration.ofDays(9))).getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void healthWhenClockWasSetBackHasNoNegativeAge() {
		Health health = health(HOUR, NOON.minusSeconds(30));
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("ageInSeconds", 0L);
	}

	@Test
	void healthWhenMonotonicClockWentFurtherHasItsAge() {
		long nanos = Duration.ofHours(2).toNanos();
		Health health = health(HOUR, NOON.minus(HOUR), System.nanoTime() + nanos);
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(health.getDetails()).extractingByKey("ageInSeconds", LONG).isGreaterThanOrEqualTo(7200L);
	}

	@Test
	void healthWhenMonotonicClockBeganAgainHasAgeOfWallClock() {
		Health health = health(HOUR, NOON.plusSeconds(7200), System.nanoTime() - Duration.ofDays(9).toNanos());
		assertThat(health.getDetails()).containsEntry("ageInSeconds", 7200L);
	}

	@Test
	void healthWhenBothClocksWentBackHasNoNegativeAge() {
		Health health = health(HOUR, NOON.minus(HOUR), System.nanoTime() - Duration.ofDays(9).toNanos());
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("ageInSeconds", 0L);
	}

	@Test
	void healthWhenRefreshFailsHasTimeOfMonotonicClockSinceTheLastValues() {
		this.loaded.store.fail("token", Reason.THROTTLED);
		long before = System.nanoTime();
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(this.loaded.secrets()::refresh);
		Health health = health(HOUR, NOON, before + HOUR.toNanos());
		assertThat(health.getDetails()).extractingByKey("ageInSeconds", LONG).isGreaterThanOrEqualTo(3600L);
	}

	@Test
	void healthWhenNothingIsFetchedIsUpWithoutAge() {
		this.loaded.store.remove("word");
		this.loaded.secrets().refresh();
		Health health = health(Duration.ofNanos(1), NOON.plus(HOUR));
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).isEmpty();
	}

	@Test
	void healthWhenRefreshFailsIsUpWithReasonsUntilOneSucceeds() {
		this.loaded.store.fail("token", Reason.THROTTLED);
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(this.loaded.secrets()::refresh);
		Health failing = health(HOUR, NOON);
		assertThat(failing.getStatus()).isEqualTo(Status.UP);
		assertThat(failing.getDetails()).extractingByKey("failing").hasToString("{TOKEN=throttled}");
		this.loaded.store.put("token", "any");
		this.loaded.secrets().refresh();
		assertThat(health(HOUR, NOON).getDetails()).doesNotContainKey("failing");
	}

	private Health health(@Nullable Duration maximumAge, Instant now) {
		return health(maximumAge, now, System.nanoTime() - HOUR.toNanos());
	}

	private Health health(@Nullable Duration maximumAge, Instant now, long nanoTime) {
		return new SecretsHealthIndicator(this.loaded.secrets(), maximumAge, InstantSource.fixed(now), () -> nanoTime)
			.health();
	}

}
