// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PrintableText}.
 */
class PrintableTextTests {

	private static final String TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQC7+/Ab=";

	@ParameterizedTest
	@ValueSource(strings = { "", "DB_PASSWORD", "/app/x", "b\u00fcro \u5bc6\u7801 \ud83d\ude00", "C:\\secrets",
			"a\\u00a0",
			"arn:aws:secretsmanager:eu-west-1:123456789012:secret:OrdersStackClusterSecret5B3F9C2A3fdaad7efa858a3daf9490cf0a702aeb-AbCdEf" })
	void ofWhenPrintableIsSame(String text) {
		assertThat(PrintableText.of(text)).isEqualTo(text);
	}

	@ParameterizedTest
	@CsvSource({ "0, \\u0000", "7, \\u0007", "9, \\t", "10, \\n", "13, \\r", "27, \\u001b", "127, \\u007f",
			"133, \\u0085", "160, \\u00a0", "173, \\u00ad", "847, \\u034f", "4447, \\u115f", "8203, \\u200b",
			"8206, \\u200e", "8232, \\u2028", "8233, \\u2029", "8238, \\u202e", "8239, \\u202f", "8288, \\u2060",
			"8294, \\u2066", "12288, \\u3000", "55296, \\ud800", "57344, \\ue000", "65024, \\ufe00", "65279, \\ufeff",
			"65535, \\uffff", "917505, \\udb40\\udc01", "917760, \\udb40\\udd00" })
	void ofWhenCharacterIsInvisibleEscapesIt(int point, String escaped) {
		assertThat(PrintableText.of("a" + Character.toString(point) + "b")).isEqualTo("a" + escaped + "b");
	}

	@Test
	void ofWhenAnyCharacterHasNoneThatChangesLine() {
		String all = IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
			.mapToObj((point) -> PrintableText.of("a" + Character.toString(point)))
			.reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
			.toString();
		assertThat(all.codePoints().filter(PrintableText::isInvisible)).isEmpty();
		assertThat(all.lines()).hasSize(1);
	}

	@Test
	void ofWhenLongIsCut() {
		assertThat(PrintableText.of("x".repeat(500))).hasSize(500).doesNotContain("...");
		assertThat(PrintableText.of("x".repeat(501))).hasSize(500).endsWith("x...");
		assertThat(PrintableText.of("\n".repeat(501))).hasSize(499).endsWith("\\n...");
		assertThat(PrintableText.of("\ud83d\ude00".repeat(5_000_000))).hasSize(499).endsWith("\ud83d\ude00...");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\u001b[31m\u202e", "a\u0000", TOKEN })
	void ofWhenRepeatedIsSame(String part) {
		String printable = PrintableText.of((part + " ").repeat(300));
		assertThat(PrintableText.of(printable)).isEqualTo(printable);
	}

	@ParameterizedTest
	@ValueSource(strings = { "%s", "token %s.", "X-Amz-Security-Token: %s", "{\"SessionToken\":\"%s\"}",
			"x-amz-security-token:%s\nx-amz-target:x", "X-Amz-Security-Token=%s&X-Amz-Date=1" })
	void ofWhenSessionTokenIsEchoedMasksIt(String echo) {
		for (String token : new String[] { TOKEN, TOKEN.replace("/", "%2F"), TOKEN.replace("/", "\\/"),
				TOKEN.substring(0, 20), "FwoGZXIvYXdzEBYaDHqa0AP1/IBFQ",
				"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1" }) {
			assertThat(PrintableText.of(echo.formatted(token))).contains("******")
				.doesNotContain(token.substring(0, 10), token.substring(token.length() - 6));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=%s",
			"x-amz-security-token: [%s]", "\"sessionToken\" : \"%s\"", "aws_session_token = %s",
			"SecretAccessKey: %s" })
	void ofWhenNameIsThatOfCredentialMasksItsValue(String echo) {
		assertThat(PrintableText.of(echo.formatted("abcdef012345"))).contains("******").doesNotContain("abcdef012345");
	}

	@Test
	void ofWhenMessageOnlyMentionsSignatureIsSame() {
		String message = "invalid signature: differences between it and the signature=you-provided";
		assertThat(PrintableText.of(message)).isEqualTo(message);
	}

	@Test
	void ofWhenTokenHasUnknownFormMasksIt() {
		String token = "Zm9vYmFyQkFS0/+".repeat(14);
		assertThat(PrintableText.of("token " + token)).isEqualTo("token ******");
	}

}
