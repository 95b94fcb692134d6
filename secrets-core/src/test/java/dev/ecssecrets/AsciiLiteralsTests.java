// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Reports and log lines of this library are ASCII, as a console may not be UTF-8.
 * Comments need not be. Escapes are for characters in the text of others, which
 * {@link PrintableText} prints.
 */
class AsciiLiteralsTests {

	/**
	 * A comment, which ends the search for quotes in it, or a literal.
	 */
	private static final Pattern TOKEN = Pattern.compile(
			"(?s)//[^\n]*|/\\*.*?\\*/|\"\"\"(?:[^\\\\]|\\\\.)*?\"\"\"|\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)*'");

	@Test
	void literalsOfPublishedModulesAreAscii() throws IOException {
		List<Path> sources = sources();
		assertThat(sources).hasSizeGreaterThan(100)
			.anyMatch((source) -> source.endsWith("TestSecrets.java"))
			.allSatisfy((source) -> assertThat(literals(Files.readString(source))).as("literals of %s", source)
				.allMatch((literal) -> literal.chars().allMatch((character) -> character < 0x80)));
	}

	@Test
	void literalsAreFoundAmongComments() {
		assertThat(literals("""
				/** "…" */ String a = "\\"–"; // “a”
				char c = '"'; String b = \"""
				“b"
				\""";""")).containsExactly("\"\\\"–\"", "'\"'", "\"\"\"\n“b\"\n\"\"\"");
	}

	private static List<Path> sources() throws IOException {
		try (Stream<Path> modules = Files.list(Path.of(".."))) {
			return modules.map((module) -> module.resolve("src/main/java"))
				.filter((folder) -> folder.getParent()
					.getParent()
					.getParent()
					.getFileName()
					.toString()
					.startsWith("secrets-"))
				.filter(Files::isDirectory)
				.flatMap(AsciiLiteralsTests::files)
				.toList();
		}
	}

	private static Stream<Path> files(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			return files.filter((file) -> file.toString().endsWith(".java")).toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> literals(String source) {
		return TOKEN.matcher(source)
			.results()
			.map(MatchResult::group)
			.filter((token) -> !token.startsWith("/"))
			.toList();
	}

}
