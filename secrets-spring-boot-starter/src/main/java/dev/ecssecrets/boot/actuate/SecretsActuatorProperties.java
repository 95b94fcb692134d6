// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

/**
 * The keys under {@code ecs-secrets.actuator}.
 *
 * @param mask Whether endpoints that show values mask the values of declared secrets.
 * @param maximumAge Maximum age of a fetched value. If any value is older, the health
 * status is OUT_OF_SERVICE. By default, there is no maximum. If a duration suffix is not
 * specified, seconds will be used.
 */
@ConfigurationProperties("ecs-secrets.actuator")
record SecretsActuatorProperties(@DefaultValue("true") boolean mask,
		@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration maximumAge) {

	SecretsActuatorProperties {
		if (maximumAge != null && (maximumAge.isZero() || maximumAge.isNegative())) {
			throw new IllegalArgumentException("maximum-age must be positive; for no maximum, leave it out");
		}
		if (maximumAge != null && maximumAge.compareTo(Duration.ofDays(290 * 365)) >= 0) {
			throw new IllegalArgumentException("maximum-age must be less than 290 years; for no maximum, leave it out");
		}
	}

}
