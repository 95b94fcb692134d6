package dev.ecssecrets.boot.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The snippets of {@code docs/testing.md} are from tests that run.
 */
class TestingDocumentTests {

	private static final Path DOCS = Path.of("../docs");

	@Test
	void snippetsAreInTheTestsThatTheyLinkTo() throws IOException {
		List<MatchResult> snippets = find("(?s)\\]\\(([^)]+\\.java)\\)\\s+```java\n(.*?)```");
		assertThat(snippets).hasSameSizeAs(find("```java")).hasSizeGreaterThan(5).allSatisfy((snippet) -> {
			String test = Files.readString(DOCS.resolve(snippet.group(1)));
			assertThat(withoutIndent(test)).contains(withoutIndent(snippet.group(2)));
		});
	}

	@Test
	void versionIsThatOfTheProject() throws IOException {
		assertThat(find("<version>.+</version>")).singleElement()
			.satisfies((version) -> assertThat(Files.readString(Path.of("pom.xml"))).contains(version.group()));
	}

	private static List<MatchResult> find(String pattern) throws IOException {
		return Pattern.compile(pattern).matcher(Files.readString(DOCS.resolve("testing.md"))).results().toList();
	}

	private static String withoutIndent(String code) {
		return code.replaceAll("(?m)^\\s+", "");
	}

}
