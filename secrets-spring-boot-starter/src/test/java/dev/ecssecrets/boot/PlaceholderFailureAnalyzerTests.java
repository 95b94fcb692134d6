package dev.ecssecrets.boot;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PlaceholderFailureAnalyzer}.
 */
class PlaceholderFailureAnalyzerTests {

	@ParameterizedTest
	@CsvSource({ "'For input string: \"placeholder-for-PORT\"', PORT, true", "placeholder-for-PORT, PORT, true",
			"placeholder-for-PORT_2, PORT, false", "placeholder-for-PORT_2 or placeholder-for-PORT., PORT, true",
			"placeholder-for-, PORT, false", "[placeholder-for-my.port], my.port, true" })
	void quotesPlaceholderFindsWholeNames(String text, String name, boolean quoted) {
		assertThat(PlaceholderFailureAnalyzer.quotesPlaceholder(text, name)).isEqualTo(quoted);
	}

}
