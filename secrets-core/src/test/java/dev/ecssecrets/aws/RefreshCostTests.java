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
import java.util.stream.IntStream;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the cost of refreshes in {@code docs/rotation.md} matches the planned calls.
 */
class RefreshCostTests {

	/**
	 * Price of 10,000 calls to Secrets Manager, and of 10,000 parameters with the higher
	 * throughput of Parameter Store, in us-east-1.
	 */
	private static final BigDecimal DOLLARS_PER_10_000 = new BigDecimal("0.05");

	/**
	 * Price of 10,000 requests to KMS in us-east-1.
	 */
	private static final BigDecimal KMS_DOLLARS_PER_10_000 = new BigDecimal("0.03");

	private static final Duration MONTH = Duration.ofDays(30);

	private static final int SECRETS = 20;

	private static final String SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

	private static final List<AwsCall> PARAMETERS = plan((i) -> "/app/" + i);

	private static final List<AwsCall> KEYS = plan((i) -> SECRET + "app:key" + i + "::");

	private static final List<AwsCall> SECRETS_OF_ONE_VALUE = plan((i) -> SECRET + "app/" + i);

	@Test
	void tableOfTheDocumentIsThatOfTheCallPlan() throws IOException {
		StringBuilder table = new StringBuilder(
				"""
						| tasks | every | 20 parameters | at higher throughput | 20 keys of one secret | cost | 20 secrets | cost |
						| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
						""");
		for (int tasks : new int[] { 10, 100, 1000 }) {
			for (int minutes : new int[] { 1, 10, 60 }) {
				long refreshes = refreshes(tasks, minutes);
				table.append(String.format(Locale.ROOT, "| %,d | %s | %s | %s | %s | %s | %s | %s |\n", tasks,
						(minutes < 60) ? minutes + " m" : minutes / 60 + " h", calls(refreshes, PARAMETERS),
						cost(refreshes, PARAMETERS), calls(refreshes, KEYS), cost(refreshes, KEYS),
						calls(refreshes, SECRETS_OF_ONE_VALUE), cost(refreshes, SECRETS_OF_ONE_VALUE)));
			}
		}
		assertThat(document()).contains(table);
	}

	@Test
	void costOfDecryptionIsThatOfTheDocument() throws IOException {
		assertThat(document()).contains("20 of them in 1,000 tasks every 10 minutes make "
				+ dollars(refreshes(1000, 10) * reads(PARAMETERS), KMS_DOLLARS_PER_10_000) + " a month");
	}

	private static List<AwsCall> plan(IntFunction<String> valueFrom) {
		List<SecretLocation> locations = IntStream.range(0, SECRETS)
			.mapToObj((i) -> SecretReference.parse(valueFrom.apply(i)).location())
			.distinct()
			.toList();
		return CallPlan.of(locations, "us-east-1");
	}

	private static long refreshes(int tasks, int minutes) {
		return tasks * MONTH.dividedBy(Duration.ofMinutes(minutes));
	}

	private static String calls(long refreshes, List<AwsCall> calls) {
		long number = refreshes * calls.size();
		BigDecimal perSecond = new BigDecimal(number).divide(new BigDecimal(MONTH.toSeconds()), new MathContext(3));
		return String.format(Locale.ROOT, "%,d (%s/s)", number, perSecond.stripTrailingZeros().toPlainString());
	}

	private static String cost(long refreshes, List<AwsCall> calls) {
		return dollars(refreshes * reads(calls), DOLLARS_PER_10_000);
	}

	/**
	 * Returns the number that AWS charges for: each parameter of a call, and each call
	 * for a secret.
	 */
	private static int reads(List<AwsCall> calls) {
		return calls.stream().mapToInt((call) -> call.locations().size()).sum();
	}

	private static String dollars(long number, BigDecimal per10000) {
		return String.format(Locale.ROOT, "$%,.2f", per10000.multiply(new BigDecimal(number)).movePointLeft(4));
	}

	private static String document() throws IOException {
		return Files.readString(Path.of("../docs/rotation.md"));
	}

}
