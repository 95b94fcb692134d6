// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;

import dev.ecssecrets.JsonSyntax.SyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GoJson} and {@link GoFormat}.
 */
class GoJsonTests {

	/**
	 * Lines that were printed by Go, each with a secret, a key, and the value or an
	 * error.
	 */
	static Stream<Arguments> printedByGo() throws IOException {
		try (InputStream lines = GoJsonTests.class.getResourceAsStream("/go-rendering.jsonl")) {
			assertThat(lines).isNotNull();
			return new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines()
				.map(GoJson::members)
				.map((line) -> Arguments.of(line.get("secretString").print(), line.get("jsonKey").print(),
						line.get("value").print(), line.containsKey("error") ? line.get("error").print() : null))
				.toList()
				.stream();
		}
	}

	@ParameterizedTest
	@MethodSource("printedByGo")
	void printIsWhatGoPrints(String secretString, String jsonKey, String value, String error) {
		if ("not a JSON object".equals(error)) {
			assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> GoJson.members(secretString));
			return;
		}
		Map<String, GoJson> members = GoJson.members(secretString);
		if ("missing key".equals(error)) {
			assertThat(members).doesNotContainKey(jsonKey);
			return;
		}
		assertThat(error).isNull();
		assertThat(members.get(jsonKey).print()).isEqualTo(value);
	}

	@Test
	void printedByGoHasAllLines() throws IOException {
		assertThat(printedByGo()).hasSize(2032);
	}

	@ParameterizedTest
	@CsvSource({ "5e-324, 5e-324", "1e-323, 1e-323", "5.6843418860808015e-14, 5.684341886080802e-14",
			"2.2204460492503131e-16, 2.220446049250313e-16", "2e23, 2e+23",
			"1000000000000000.1875, 1.0000000000000002e+15", "9007199254740993, 9.007199254740992e+15",
			"1.7976931348623157e308, 1.7976931348623157e+308", "999999, 999999", "1000000, 1e+06", "0.0001, 0.0001",
			"0.00001, 1e-05", "-1e-400, -0" })
	void printWhenNumberHasFewestDigitsThatReadBack(String json, String printed) {
		assertThat(GoJson.members("{\"k\":" + json + "}").get("k").print()).isEqualTo(printed);
	}

	@Test
	void printWhenUnpairedSurrogateMeetsEscapedOneReplacesBoth() {
		String value = '\ud83d' + "\\ude00 \\ud83d" + '\ude00';
		assertThat(GoJson.members("{\"k\":\"" + value + "\"}").get("k").print()).isEqualTo("\ufffd\ufffd \ufffd\ufffd");
	}

	@Test
	void printWhenNestedToTheLimitOfGoDoesNotOverflowTheStack() {
		String value = "[".repeat(9_999) + "]".repeat(9_999);
		assertThat(GoJson.members("{\"k\":" + value + "}").get("k").print()).isEqualTo(value);
	}

	@Test
	void membersWhenNestedDeeperThanTheLimitOfGoThrows() {
		String value = "[".repeat(10_000) + "]".repeat(10_000);
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> GoJson.members("{\"k\":" + value + "}"));
	}

	@Test
	void membersWhenNumberIsLongIsRead() {
		String value = "0." + "1".repeat(100_000);
		assertThat(GoJson.members("{\"k\":" + value + "}").get("k").print()).isEqualTo("0.1111111111111111");
	}

	@Test
	void membersWhenSyntaxIsWrongReportsPlaceAndNotText() {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> GoJson.members("{\"k\":\n canary }"))
			.withMessageStartingWith(
					"has a syntax error at line 2, column 2: expected a value, but found an unquoted word")
			.withMessageNotContaining("canary")
			.withNoCause();
	}

	@Test
	void jsonIsTheOriginalText() {
		assertThat(GoJson.members("{ \"k\" : { \"a\" : 1.0 } , \"l\":\"x\\u0041\" }")).satisfies((members) -> {
			assertThat(members.get("k").json()).isEqualTo("{ \"a\" : 1.0 }");
			assertThat(members.get("l").json()).isEqualTo("\"x\\u0041\"");
		});
	}

}
