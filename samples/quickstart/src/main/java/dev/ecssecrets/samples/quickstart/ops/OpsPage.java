// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

import dev.ecssecrets.SecretSource;
import dev.ecssecrets.boot.SecretStatus;
import dev.ecssecrets.boot.SecretStatus.Failure;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.jspecify.annotations.Nullable;

/**
 * Model of {@code ops.mustache}: the current state of the secrets, with its times in
 * words.
 */
record OpsPage(List<Row> rows, String calls, long milliseconds, @Nullable Time loaded, @Nullable Time nextRefresh) {

	static OpsPage of(SecretsSnapshot snapshot, @Nullable Duration timeToNextRefresh, Instant now) {
		Load load = snapshot.lastLoad();
		return new OpsPage(snapshot.secrets().stream().map((secret) -> Row.of(secret, now)).toList(),
				count((load != null) ? load.calls().size() : 0, "call"), (load != null) ? load.elapsed().toMillis() : 0,
				Time.of((load != null) ? load.end() : null, now),
				Time.of((timeToNextRefresh != null) ? now.plus(timeToNextRefresh) : null, now));
	}

	private static String count(long number, String thing) {
		return number + " " + thing + ((number == 1) ? "" : "s");
	}

	record Row(SecretStatus secret, boolean injected, @Nullable Time fetched, @Nullable Time changed,
			@Nullable Time failed) {

		static Row of(SecretStatus secret, Instant now) {
			SecretSource source = secret.source();
			Failure failure = secret.lastFailure();
			return new Row(secret, secret.state() == State.INJECTED,
					Time.of((source != null) ? source.fetched() : null, now), Time.of(secret.changed(), now),
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
					String words = count(count, plural.substring(0, plural.length() - 1));
					return age.isNegative() ? "in " + words : words + " ago";
				}
			}
			return "now";
		}

	}

}
