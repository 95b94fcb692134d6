// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ecssecrets.JsonSyntax.SyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Property tests for {@link GoJson} with any text.
 */
class GoJsonPropertyTests {

	private static final String PLACE = "line [1-9]\\d*, column [1-9]\\d*";

	private static final String PROBLEM = "is empty|is a JSON (array|string|number|boolean), not an object"
			+ "|(has a number out of range|is nested more than 10000 levels deep) at " + PLACE
			+ "|has a syntax error at " + PLACE + ": expected .+, but (found .+|the text ends.*)";

	@Test
	void printWhenSpelledDifferentlyIsTheSame() {
		Tries.forEach((random) -> {
			Map<String, Object> object = object(random, 4);
			assertThat(printed(json(random, object))).isEqualTo(printed(json(random, object)));
		});
	}

	@Test
	void printWhenNumberReadsBackAndHasNoMoreDigitsThanInJava() {
		Tries.forEach((random) -> {
			double number = Double
				.longBitsToDouble(random.nextLong() >>> Tries.pick(random, 0, 0, 12, random.nextInt(64)));
			if (Double.isFinite(number)) {
				String printed = printed("{\"k\":" + number + "}").get("k");
				assertThat(Double.parseDouble(printed)).isEqualTo(number);
				assertThat(digits(printed)).hasSizeLessThanOrEqualTo(digits(Double.toString(number)).length());
			}
		});
	}

	@Test
	void membersWhenChangedAreValuesOrSyntaxException() {
		Tries.forEach((random) -> membersAreValuesOrSyntaxException(Tries.change(random,
				json(random, object(random, 4)), "{}[]:,\"\"\\\\u0123456789.+-eEtruefalsn \t\n\u0000ä\udc00\ud800")));
	}

	static Stream<byte[]> documents() {
		return Stream.of("null", "{}", " { \"k\" : \"v\" , \"l\" : [ true , false , null , { } , [ ] ] } ",
				"{\"k\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83c\\udfee\\ud83c \u00e4\ud83c\udfee\"}",
				"{\"k\":[0,-0,1.5,100000,1e6,1E-5,2.5e+7,5e-324,1.7976931348623157e308,12345678901234567890]}",
				"{\"k\":1e999999999}", "{\"k\":0." + "0".repeat(500) + "1e500}", "{\"k\":1,\"k\":{\"k\":2,\"k\":3}}",
				"{\"k\":" + "[{\"k\":".repeat(100) + "0" + "}]".repeat(100) + "}", "[".repeat(1000))
			.map((document) -> document.getBytes(StandardCharsets.UTF_8));
	}

	@MethodSource("documents")
	@FuzzTest(maxDuration = "10s")
	void membersWhenFuzzedAreValuesOrSyntaxException(byte[] json) {
		membersAreValuesOrSyntaxException(new String(json, StandardCharsets.UTF_8));
	}

	private static void membersAreValuesOrSyntaxException(String json) {
		Map<String, GoJson> members;
		try {
			members = GoJson.members(json);
		}
		catch (SyntaxException ex) {
			assertThat(ex).hasNoCause().message().matches(PROBLEM);
			return;
		}
		// The text of a member in the document is complete.
		members.forEach(
				(name, value) -> assertThat(value.print()).isEqualTo(printed("{\"k\":" + value.json() + "}").get("k")));
	}

	private static Map<String, String> printed(String json) {
		return GoJson.members(json)
			.entrySet()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, (member) -> member.getValue().print()));
	}

	private static String digits(String number) {
		return number.replaceFirst("[eE].*", "").replaceAll("[^0-9]", "").replaceAll("^0+|0+$", "");
	}

	private static Map<String, Object> object(RandomGenerator random, int depth) {
		Map<String, Object> object = new LinkedHashMap<>();
		for (int i = random.nextInt(5); i > 0; i--) {
			object.put(string(random), value(random, depth - 1));
		}
		return object;
	}

	private static Object value(RandomGenerator random, int depth) {
		return switch (random.nextInt((depth > 0) ? 5 : 3)) {
			case 0 -> string(random);
			case 1 -> random.nextInt(-2_000_000, 2_000_000);
			case 2 -> random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-300, 300));
			case 3 -> Stream.generate(() -> value(random, depth - 1)).limit(random.nextInt(5)).toList();
			default -> object(random, depth);
		};
	}

	private static String string(RandomGenerator random) {
		return Tries.text(random, "abc/ \"\\\u0000\n\u007fä\uffff\ud83c\udfee", 0, 5);
	}

	/**
	 * Writes a value in one of several spellings.
	 */
	private static String json(RandomGenerator random, Object value) {
		String space = Tries.text(random, " \t\r\n", 0, random.nextInt(2));
		if (value instanceof Map<?, ?> map) {
			List<String> members = new ArrayList<>();
			map.forEach((name, member) -> members.add(space + json(random, name) + space + ":" + json(random, member)));
			Collections.shuffle(members, new Random(random.nextLong()));
			return space + members.stream().collect(Collectors.joining(",", "{", space + "}")) + space;
		}
		if (value instanceof List<?> list) {
			return list.stream()
				.map((member) -> json(random, member))
				.collect(Collectors.joining("," + space, "[", "]")) + space;
		}
		return space + ((value instanceof String string) ? quote(random, string) : value) + space;
	}

	private static String quote(RandomGenerator random, String string) {
		StringBuilder quoted = new StringBuilder("\"");
		string.chars().forEach((unit) -> {
			if (unit < ' ' || unit == '"' || unit == '\\'
					|| (random.nextInt(4) == 0 && !Character.isSurrogate((char) unit))) {
				quoted.append(Tries.pick(random, "\\u%04x", "\\u%04X").formatted(unit));
			}
			else {
				quoted.append((char) unit);
			}
		});
		return quoted.append('"').toString();
	}

}
