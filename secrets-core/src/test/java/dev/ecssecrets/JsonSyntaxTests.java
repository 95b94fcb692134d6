// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.stream.Stream;

import dev.ecssecrets.JsonSyntax.SyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link JsonSyntax}. The word {@code canary} stands for a text that must not
 * be quoted.
 */
class JsonSyntaxTests {

	static Stream<Arguments> errors() {
		return Stream.of(
				// Commas and colons
				arguments("{\n  \"k\": [1, 2],\n}", 2, 14, "the end of the object, but found a trailing comma"),
				arguments("[1, 2,\n\n]", 1, 6, "the end of the array, but found a trailing comma"),
				arguments("[1,,2]", 1, 4, "a value, but found a comma"),
				arguments("[,1]", 1, 2, "a value or the end of the array, but found a comma"),
				arguments("{,}", 1, 2, "a name in quotation marks or the end of the object, but found a comma"),
				arguments("{\"k\": 1\n \"canary\": 2}", 2, 2, "a comma or the end of the object, but found a string"),
				arguments("[{} {}]", 1, 5, "a comma or the end of the array, but found an object"),
				arguments("[true false]", 1, 7, "a comma or the end of the array, but found the word false"),
				arguments("{\"k\" \"canary\"}", 1, 6, "a colon after the name, but found a string"),
				arguments("{\"k\" = 1}", 1, 6, "a colon after the name, but found an equals sign"),
				arguments("{\"k\":: 1}", 1, 6, "a value, but found a colon"),
				arguments("{\"k\": 1; \"l\": 2}", 1, 8, "a comma or the end of the object, but found a semicolon"),
				arguments("{\"k\"}", 1, 5, "a colon after the name, but found a closing brace"),
				arguments("{\"k\":}", 1, 6, "a value, but found a closing brace"),
				// Braces and brackets
				arguments("[{\"k\": 1]", 1, 9, "a comma or the end of the object, but found a closing bracket"),
				arguments("{\"k\": [1}", 1, 9, "a comma or the end of the array, but found a closing brace"),
				arguments("{} }", 1, 4, "the end of the text, but found a closing brace"),
				arguments("{}\n{\"k\": 1}", 2, 1, "the end of the text, but found an object"),
				arguments("{} canary", 1, 4, "the end of the text, but found an unquoted word"),
				// Comments
				arguments("{\n  // canary\n  \"k\": 1\n}", 2, 3,
						"a name in quotation marks or the end of the object,"
								+ " but found a comment, which JSON does not allow"),
				arguments("{\"k\": /* canary */ 1}", 1, 7, "a value, but found a comment, which JSON does not allow"),
				arguments("# canary\n{}", 1, 1, "a value, but found a comment, which JSON does not allow"),
				arguments("{} // canary", 1, 4, "the end of the text, but found a comment, which JSON does not allow"),
				// Words, placeholders and quotation marks
				arguments("canary", 1, 1, "a value, but found an unquoted word"),
				arguments("{canary: 1}", 1, 2,
						"a name in quotation marks or the end of the object, but found an unquoted word"),
				arguments("{\"k\": 1, canary: 1}", 1, 10, "a name in quotation marks, but found an unquoted word"),
				arguments("{\"k\": True}", 1, 7, "a value, but found an unquoted word"),
				arguments("{\"k\": nullable}", 1, 7, "a value, but found an unquoted word"),
				arguments("[NaN]", 1, 2, "a value or the end of the array, but found an unquoted word"),
				arguments("{\"k\": -Infinity}", 1, 7, "a value, but found an unquoted word"),
				arguments("{\"memory\": ${canary}}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": $canary}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": #{canary}}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": {{ .canary }}}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": {% canary %}}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": <canary>}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": <%= canary %>}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": %canary%}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\"memory\": @canary@}", 1, 12, "a value, but found an unresolved placeholder"),
				arguments("{\n<<<<<<< canary\n}", 2, 1,
						"a name in quotation marks or the end of the object, but found a merge conflict marker"),
				arguments("<html>canary</html>", 1, 1, "a value, but found an XML or HTML tag"),
				arguments("{'k': 1}", 1, 2,
						"a name in quotation marks or the end of the object,"
								+ " but found a single quotation mark, where JSON requires double ones"),
				arguments("{\"k\": 'canary'}", 1, 7,
						"a value, but found a single quotation mark, where JSON requires double ones"),
				arguments("{\u201ck\u201d: 1}", 1, 2,
						"a name in quotation marks or the end of the object,"
								+ " but found a quotation mark other than the plain double one"),
				arguments("{\"k\": `canary`}", 1, 7,
						"a value, but found a quotation mark other than the plain double one"),
				arguments("{\"k\": \"a \"canary\" b\"}", 1, 11,
						"a comma or the end of the object, but found an unquoted word"),
				// Strings
				arguments("{\"k\": \"canary\n}", 1, 14,
						"the end of the string that begins at line 1, column 7, or \\n, but found a line break"),
				arguments("{\"k\": \"canary\r\n\"}", 1, 14,
						"the end of the string that begins at line 1, column 7, or \\n, but found a line break"),
				arguments("{\"k\": \"can\tary\"}", 1, 11,
						"an escape such as \\t, but found a control character in a string"),
				arguments("{\"k\": \"can\u0000ary\"}", 1, 11,
						"an escape such as \\t, but found a control character in a string"),
				arguments("{\"k\": \"C:\\canary\"}", 1, 10, ESCAPE), arguments("{\"k\": \"can\\'ary\"}", 1, 11, ESCAPE),
				arguments("{\"k\": \"can\\u12 ary\"}", 1, 11, ESCAPE), arguments("[\"\\u12", 1, 3, ESCAPE),
				// Numbers
				arguments("{\"k\": 0256}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": +1}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": .5}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": 1.}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": 1e}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": 192.168.0.1}", 1, 7, "a value, but " + NUMBER),
				arguments("{\"k\": 0x1F}", 1, 7, "a value, but found an unquoted word"),
				arguments("{\"k\": 512MB}", 1, 7, "a value, but found an unquoted word"),
				arguments("{\"k\": -}", 1, 7, "a value, but found an unquoted word"),
				arguments("{\"k\": 1,5}", 1, 9, "a name in quotation marks, but found a number"),
				// Invisible characters
				arguments("{\u00a0\"k\": 1}", 1, 2,
						"a name in quotation marks or the end of the object,"
								+ " but found white space that JSON does not allow, such as a no-break space"),
				arguments("{\"k\":\u200b 1}", 1, 6,
						"a value, but found white space that JSON does not allow, such as a no-break space"),
				arguments("{}\u0000", 1, 3, "the end of the text, but found a control character"),
				arguments("\ufeff{}", 1, 1, "a value, but found a byte order mark"), arguments("{\"k\": \ud83c\udfee}",
						1, 7, "a value, but found a character that JSON allows only in strings"));
	}

	private static final String ESCAPE = "\\\\ for a backslash, or one of \\\" \\/ \\b \\f \\n \\r \\t \\uXXXX,"
			+ " but found an invalid escape";

	private static final String NUMBER = "found a number in a form that JSON does not allow, such as 01, +1, .5 or 1.";

	@ParameterizedTest
	@MethodSource("errors")
	void checkWhenSyntaxIsWrongReportsPlaceAndCause(String text, int line, int column, String problem) {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> JsonSyntax.check(text))
			.withMessage("has a syntax error at line %d, column %d: expected %s", line, column, problem)
			.withMessageNotContaining("canary");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					{                    | line 1, column 2  | a name in quotation marks or the end of the object, but the text ends in the object that begins at line 1, column 1
					[1                   | line 1, column 3  | a comma or the end of the array, but the text ends in the array that begins at line 1, column 1
					[1,                  | line 1, column 4  | a value, but the text ends in the array that begins at line 1, column 1
					[ { "k": [1], "l"    | line 1, column 18 | a colon after the name, but the text ends in the object that begins at line 1, column 3
					{ "k": "canary       | line 1, column 15 | the end of the string that begins at line 1, column 8, but the text ends in the object that begins at line 1, column 1
					{ "k": [             | line 1, column 9  | a value or the end of the array, but the text ends in the array that begins at line 1, column 8
					""")
	void checkWhenTextEndsTooEarlyReportsWhatIsOpen(String text, String place, String problem) {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> JsonSyntax.check(text))
			.withMessage("has a syntax error at " + place + ": expected " + problem);
	}

	@Test
	void checkWhenStringIsWholeTextAndEndsTooEarlyNamesItsBeginning() {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> JsonSyntax.check("\"canary"))
			.withMessage("has a syntax error at line 1, column 8: expected the end of the string that begins at line 1,"
					+ " column 1, but the text ends");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\n\t\r\n" })
	void checkWhenTextIsEmptyReportsIt(String text) {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> JsonSyntax.check(text))
			.withMessage("is empty");
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", " true ", "false", "0", "-0", "1.5E+10", "1e400", "\"\"", "[]", "{}",
			"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83C \u2028\u007f // ' ${canary}\"",
			"\r\n{ \"k\" : [ 1 , { \"k\" : { } } , [ ] ] , \"k\" : null }\t" })
	void checkWhenSyntaxIsRightFindsNothing(String text) {
		assertThatCode(() -> JsonSyntax.check(text)).doesNotThrowAnyException();
	}

	@Test
	void checkWhenNestedAsDeepAsGoAcceptsFindsNothing() {
		assertThatCode(() -> JsonSyntax.check("[".repeat(10_000) + "]".repeat(10_000))).doesNotThrowAnyException();
	}

	@Test
	void checkWhenNestedDeeperThanGoAcceptsNamesPlace() {
		assertThatExceptionOfType(SyntaxException.class).isThrownBy(() -> JsonSyntax.check("[\n".repeat(10_001)))
			.withMessage("is nested more than 10000 levels deep at line 10001, column 1");
	}

	@ParameterizedTest
	@CsvSource({ "x, 1, 1", "'\nx', 2, 1", "'\r\nx', 2, 1", "'\rx', 2, 1", "'\r\r\n\n\rx', 5, 1", "'\t\tx', 1, 3",
			"'a\n\u00e4\ud83c\udfee\u6f22 x', 2, 5" })
	void positionCountsLinesAndCharactersAsEditorsDo(String text, int line, int column) {
		assertThat(TextPosition.of(text, text.indexOf('x'))).isEqualTo("line " + line + ", column " + column);
	}

}
