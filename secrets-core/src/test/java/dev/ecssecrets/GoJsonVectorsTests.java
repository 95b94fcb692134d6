// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import dev.ecssecrets.JsonSyntax.SyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GoJson} with the vectors of {@code src/test/go/vectors.go}: secrets,
 * keys, and the results in Go.
 */
class GoJsonVectorsTests {

	private static final int SHOWN = 10;

	private static final JsonMapper JSON = JsonMapper
		.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
		.build();

	private static final Map<String, List<Vector>> VECTORS = read();

	private static Map<String, List<Vector>> read() {
		// Not with GoJson, which would replace unpaired surrogates.
		try (MappingIterator<Vector> vectors = JSON.readerFor(Vector.class)
			.readValues(new GZIPInputStream(GoJsonVectorsTests.class.getResourceAsStream("/go-vectors.jsonl.gz")))) {
			return vectors.readAll().stream().collect(Collectors.groupingBy(Vector::about));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static Stream<String> areas() {
		return VECTORS.keySet().stream().sorted();
	}

	@ParameterizedTest
	@MethodSource("areas")
	void printIsWhatGoPrints(String about) {
		assertThat(VECTORS.get(about)
			.stream()
			.filter((vector) -> !vector.matches(vector.actual()))
			.limit(SHOWN)
			.map((vector) -> JSON.writeValueAsString(vector) + " was " + JSON.writeValueAsString(vector.actual())))
			.isEmpty();
	}

	@ParameterizedTest
	@MethodSource("areas")
	void problemWhenGoReportsNoneIsNotReported(String about) {
		assertThat(VECTORS.get(about)
			.stream()
			.filter((vector) -> vector.isJson() != (vector.syntaxProblem() == null))
			.limit(SHOWN)
			.map((vector) -> JSON.writeValueAsString(vector) + " was " + vector.syntaxProblem())).isEmpty();
	}

	@Test
	void vectorsAreMany() {
		assertThat(VECTORS.values().stream().mapToInt(List::size).sum()).isGreaterThan(30_000);
	}

	record Vector(String about, String secretString, String jsonKey, String value, String error) {

		String actual() {
			try {
				GoJson member = GoJson.members(this.secretString).get(this.jsonKey);
				return (member != null) ? member.print() : "missing key";
			}
			catch (SyntaxException ex) {
				return "not a JSON object";
			}
		}

		/**
		 * Returns whether Go accepts the syntax. Its error for another type than an
		 * object does not show that.
		 */
		boolean isJson() {
			if (!"not a JSON object".equals(this.error)) {
				return true;
			}
			try {
				GoJson.of(this.secretString);
				return true;
			}
			catch (SyntaxException ex) {
				// Go accepts the syntax, but cannot represent the number.
				return ex.getMessage().startsWith("has a number out of range");
			}
		}

		String syntaxProblem() {
			try {
				JsonSyntax.check(this.secretString);
				return null;
			}
			catch (SyntaxException ex) {
				return ex.getMessage();
			}
		}

		boolean matches(String actual) {
			return actual.equals((this.error != null) ? this.error : this.value);
		}

	}

}
