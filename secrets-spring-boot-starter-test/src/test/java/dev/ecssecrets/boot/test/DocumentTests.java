// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The snippets of documents are from tests that run.
 */
class DocumentTests {

	private static final Path DOCS = Path.of("../docs");

	private static final String SNIPPET = "(?s)\\]\\(([^)]+\\.(?:java|kt))\\)\\s+```(?:java|kotlin)\n(.*?)```";

	@ParameterizedTest
	@CsvSource({ "testing.md, 6", "rotation.md, 5", "extending.md, 3", "../samples/live-secret/README.md, 4",
			"../samples/other-clients/README.md, 6" })
	void snippetsAreInTheTestsThatTheyLinkTo(String document, int least) throws IOException {
		List<MatchResult> snippets = find(document, SNIPPET);
		assertThat(snippets).hasSameSizeAs(find(document, "```(?:java|kotlin)\n"))
			.hasSizeGreaterThanOrEqualTo(least)
			.allSatisfy((snippet) -> {
				String test = Files.readString(DOCS.resolve(document).resolveSibling(snippet.group(1)));
				assertThat(withoutIndent(test)).contains(withoutIndent(withoutImports(snippet.group(2))));
				assertThat(test.lines()).containsAll(imports(snippet.group(2)));
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "testing.md", "extending.md" })
	void snippetsHaveTheirImports(String document) throws IOException {
		assertThat(find(document, SNIPPET)).isNotEmpty().allSatisfy((snippet) -> {
			Set<String> words = new HashSet<>(List.of(withoutImports(snippet.group(2)).split("\\W+", -1)));
			assertThat(imports(Files.readString(DOCS.resolve(snippet.group(1)))))
				.filteredOn((line) -> words.contains(line.replaceAll(".*\\.|;", "")))
				.isSubsetOf(imports(snippet.group(2)));
		});
	}

	@Test
	void versionIsThatOfTheProject() throws IOException {
		assertThat(find("testing.md", "<version>.+</version>")).hasSize(2)
			.allSatisfy((version) -> assertThat(Files.readString(Path.of("pom.xml"))).contains(version.group()));
	}

	@Test
	void coordinatesForGradleAreThoseOfTheBom() throws IOException {
		String bom = Files.readString(Path.of("../secrets-bom/pom.xml"));
		assertThat(find("../README.md", "\\(\"dev\\.ecssecrets:([\\w-]+)\"\\)")).hasSize(2)
			.allSatisfy((module) -> assertThat(bom).contains("<artifactId>" + module.group(1) + "</artifactId>"));
		assertThat(find("../README.md", "dev\\.ecssecrets:secrets-bom:([\\w.-]+)")).singleElement()
			.satisfies((version) -> assertThat(bom).contains("<version>" + version.group(1) + "</version>"));
	}

	private static List<MatchResult> find(String document, String pattern) throws IOException {
		return Pattern.compile(pattern).matcher(Files.readString(DOCS.resolve(document))).results().toList();
	}

	private static List<String> imports(String code) {
		return code.lines().filter((line) -> line.startsWith("import ")).toList();
	}

	private static String withoutImports(String code) {
		return code.replaceAll("(?m)^import .*\n", "");
	}

	private static String withoutIndent(String code) {
		return code.replaceAll("(?m)^\\s+", "");
	}

}
