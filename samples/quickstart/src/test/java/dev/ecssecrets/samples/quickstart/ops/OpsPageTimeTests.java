// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.time.Duration;
import java.time.Instant;

import dev.ecssecrets.samples.quickstart.ops.OpsPage.Time;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class OpsPageTimeTests {

	private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.123456Z");

	@ParameterizedTest
	@CsvSource({ "PT0S, now", "PT0.999S, now", "PT1S, 1 second ago", "PT59S, 59 seconds ago", "PT60S, 1 minute ago",
			"PT3M59S, 3 minutes ago", "PT1H, 1 hour ago", "PT47H, 1 day ago", "P400D, 400 days ago", "PT-0.5S, now",
			"PT-25S, in 25 seconds", "PT-1M, in 1 minute" })
	void ofHasAgeInWords(Duration age, String words) {
		assertThat(Time.of(NOW.minus(age), NOW)).extracting(Time::words).isEqualTo(words);
	}

	@Test
	void ofKeepsSeconds() {
		assertThat(Time.of(NOW, NOW)).extracting(Time::instant).hasToString("2026-11-24T12:00:00Z");
	}

	@Test
	void ofWhenThereIsNoTimeIsNull() {
		assertThat(Time.of(null, NOW)).isNull();
	}

}
