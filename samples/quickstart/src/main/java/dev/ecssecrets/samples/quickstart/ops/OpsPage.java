package dev.ecssecrets.samples.quickstart.ops;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

import dev.ecssecrets.boot.SecretsEndpoint.FailureDescriptor;
import dev.ecssecrets.boot.SecretsEndpoint.ResolutionDescriptor;
import dev.ecssecrets.boot.SecretsEndpoint.SecretDescriptor;
import dev.ecssecrets.boot.SecretsEndpoint.SecretsDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ops.mustache} shows: what the endpoint tells, with its times in words.
 */
record OpsPage(List<Row> rows, @Nullable ResolutionDescriptor resolution, @Nullable Time resolved,
		@Nullable Time nextRefresh) {

	static OpsPage of(SecretsDescriptor descriptor, Instant now) {
		ResolutionDescriptor resolution = descriptor.lastResolution();
		return new OpsPage(descriptor.secrets().stream().map((secret) -> Row.of(secret, now)).toList(), resolution,
				Time.of((resolution != null) ? resolution.at() : null, now), Time.of(descriptor.nextRefresh(), now));
	}

	record Row(SecretDescriptor secret, @Nullable Time fetched, @Nullable Time changed, @Nullable Time failed) {

		static Row of(SecretDescriptor secret, Instant now) {
			FailureDescriptor failure = secret.lastFailure();
			return new Row(secret, Time.of(secret.fetched(), now), Time.of(secret.changed(), now),
					Time.of((failure != null) ? failure.at() : null, now));
		}

	}

	/**
	 * A time for machines, to the second, and for people.
	 */
	record Time(Instant instant, String words) {

		private static final List<ChronoUnit> UNITS = List.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES,
				ChronoUnit.SECONDS);

		static @Nullable Time of(@Nullable Instant instant, Instant now) {
			return (instant != null)
					? new Time(instant.truncatedTo(ChronoUnit.SECONDS), words(Duration.between(instant, now))) : null;
		}

		private static String words(Duration age) {
			Duration distance = age.abs();
			for (ChronoUnit unit : UNITS) {
				long count = distance.dividedBy(unit.getDuration());
				if (count > 0) {
					String plural = unit.toString().toLowerCase(Locale.ROOT);
					String words = count + " " + ((count > 1) ? plural : plural.substring(0, plural.length() - 1));
					return age.isNegative() ? "in " + words : words + " ago";
				}
			}
			return "now";
		}

	}

}
