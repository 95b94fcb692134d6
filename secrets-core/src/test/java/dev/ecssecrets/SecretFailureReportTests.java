// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

import dev.ecssecrets.SecretFailure.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretFailureReport}: the expected reports are files.
 */
class SecretFailureReportTests {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	@Test
	void reportGroupsByReasonWithPlaceAndFix() throws IOException {
		assertThat(report(9, List.of(
				failure("WORD", "hamako-favorite-word", Reason.NOT_FOUND,
						"Parameter Store in eu-west-1 has no such parameter"),
				failure("DB_PASSWORD", SECRET + "db:password::", Reason.ACCESS_DENIED,
						"Secrets Manager in eu-west-1 returned AccessDeniedException: User:"
								+ " arn:aws:sts::123456789012:assumed-role/task/1 is not authorized to perform:"
								+ " secretsmanager:GetSecretValue on resource: " + SECRET
								+ "db because no identity-based policy allows the action (HTTP 400, request 1-2-3)"),
				new SecretFailure(new SecretDeclaration("", "/app/token"), Reason.INVALID_DECLARATION,
						"it has no name"),
				failure("OTHER", "other", Reason.NOT_FOUND, "Parameter Store in eu-west-1 has no such parameter"),
				failure("API_KEY", "/app/api-key", Reason.KMS_DENIED, "Parameter Store in eu-west-1 says no"))))
			.isEqualTo(expected("five"));
	}

	@Test
	void reportAddsFixesReasonsAndWarningsOfTheApplication() throws IOException {
		assertThat(SecretFailureReport.of(1,
				List.of(new SecretFailure("app.regoin", "app.conf:3", new UnknownKey(), "did you mean 'app.region'?"),
						failure("WORD", "word", Reason.NO_REGION, "the valueFrom names none"),
						failure("OTHER", "other", Reason.NOT_FOUND, "there is no such parameter")),
				List.of("'app.colour' is not a key of this application",
						"app.endpoint is http://example.org, which has no TLS. Anyone on the way can read what is sent, so use"
								+ " an https:// endpoint.\nSecond line"),
				(reason) -> (reason == Reason.NO_REGION) ? "Or set app.region." : ""))
			.isEqualTo(expected("fixes"));
	}

	@Test
	void reportRefersToTheDocumentationByAFullAddress() {
		assertThat(report(1, List.of(failure("WORD", "word", Reason.NOT_FOUND, "no")))).containsPattern(
				"(?m)^See https://[a-z0-9.-]+/([\\w.-]+/)*troubleshooting\\.md#" + Reason.NOT_FOUND.code() + "$");
	}

	@ParameterizedTest
	@EnumSource
	void reasonIsDescribedWithoutSettingsOfAnApplication(Reason reason) {
		assertThat(reason.description()).endsWith(".")
			.doesNotContainIgnoringCase("ecs-secrets")
			.doesNotContainIgnoringCase("starter")
			.doesNotContainIgnoringCase("spring")
			.doesNotContain("application.yml");
		assertThat(reason.code()).matches("[a-z-]+");
	}

	@Test
	void reportWhenFailuresAreManyListsTwentyOfEachReason() throws IOException {
		List<SecretFailure> failures = new ArrayList<>();
		IntStream.range(0, 120)
			.forEach((i) -> failures.add(failure("DENIED_" + i, "/app/denied/" + i, Reason.ACCESS_DENIED, "no")));
		IntStream.range(0, 80)
			.forEach((i) -> failures.add(failure("ABSENT_" + i, "/app/absent/" + i, Reason.NOT_FOUND, "no")));
		String report = report(200, failures);
		assertThat(report).isEqualTo(expected("two-hundred"));
		assertThat(report.lines()).allSatisfy((line) -> assertThat(line).hasSizeLessThanOrEqualTo(120));
	}

	@ParameterizedTest
	@EnumSource
	void everyReasonHasAnEntryInTheDocumentation(Reason reason) throws IOException {
		assertThat(Files.readString(Path.of("../docs/troubleshooting.md")))
			.contains("\n## " + capitalized(reason.title()) + "\n");
	}

	private static String capitalized(String title) {
		return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
	}

	private static SecretFailure failure(String name, String valueFrom, Reason reason, String detail) {
		return new SecretFailure(new SecretDeclaration(name, valueFrom, false, "application.yml - 3:7"), reason,
				detail);
	}

	private static String report(int declared, List<SecretFailure> failures) {
		return new SecretResolutionException(declared, failures).getMessage();
	}

	private static String expected(String name) throws IOException {
		return Files.readString(Path.of("src/test/resources/reports", name + ".txt"))
			.replace("${documentation.url}", SecretFailureReport.documentation())
			.stripTrailing();
	}

	/**
	 * Reason of an application.
	 */
	private static final class UnknownKey implements FailureReason {

		@Override
		public String title() {
			return "unknown key";
		}

		@Override
		public String description() {
			return "Correct the key, or remove it.";
		}

	}

}
