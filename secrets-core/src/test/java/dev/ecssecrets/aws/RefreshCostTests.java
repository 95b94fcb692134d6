// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the calls of refreshes in {@code docs/rotation.md} are those that are
 * planned.
 */
class RefreshCostTests {

	private static final Duration MONTH = Duration.ofDays(30);

	private static final int SECRETS = 20;

	private static final String SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

	private static final int PARAMETERS = calls((i) -> "/app/" + i);

	private static final int KEYS = calls((i) -> SECRET + "app:key" + i + "::");

	private static final int SECRETS_OF_ONE_VALUE = calls((i) -> SECRET + "app/" + i);

	// Tasks, minutes or hours, and calls, each followed by what they cost.
	private static final Pattern ROW = Pattern.compile(
			"(?m)^\\| ([0-9,]+) \\| (\\d+) ([mh]) \\| (.+?) \\| \\$.+? \\| (.+?) \\| \\$.+? \\| (.+?) \\| \\$.+? \\|$");

	@Test
	void callsInTableOfTheDocumentAreThoseOfTheCallPlan() throws IOException {
		List<MatchResult> rows = ROW.matcher(Files.readString(Path.of("../docs/rotation.md"))).results().toList();
		assertThat(rows).isNotEmpty().allSatisfy((row) -> {
			long tasks = Long.parseLong(row.group(1).replace(",", ""));
			int number = Integer.parseInt(row.group(2));
			Duration interval = row.group(3).equals("m") ? Duration.ofMinutes(number) : Duration.ofHours(number);
			long refreshes = tasks * MONTH.dividedBy(interval);
			assertThat(row.group(4)).isEqualTo(text(refreshes * PARAMETERS));
			assertThat(row.group(5)).isEqualTo(text(refreshes * KEYS));
			assertThat(row.group(6)).isEqualTo(text(refreshes * SECRETS_OF_ONE_VALUE));
		});
	}

	private static int calls(IntFunction<String> valueFrom) {
		List<SecretLocation> locations = IntStream.range(0, SECRETS)
			.mapToObj((i) -> SecretReference.parse(valueFrom.apply(i)).location())
			.distinct()
			.toList();
		return CallPlan.of(locations, "us-east-1").size();
	}

	private static String text(long calls) {
		BigDecimal perSecond = new BigDecimal(calls).divide(new BigDecimal(MONTH.toSeconds()), new MathContext(3));
		return String.format(Locale.ROOT, "%,d (%s/s)", calls, perSecond.stripTrailingZeros().toPlainString());
	}

}
