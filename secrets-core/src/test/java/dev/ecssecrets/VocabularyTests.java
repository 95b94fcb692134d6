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
 * Comments, reports and log lines of published modules are plain English with the terms
 * of the field. The words below are correct English, but readers stumble over them: each
 * has a common term instead, such as "fix" for a "cure" and "login" for a "log-in". A
 * text with one of them usually reads better if the whole sentence is written again.
 */
class VocabularyTests {

	private static final List<String> MODULES = List.of("secrets-core", "secrets-spring-boot-starter",
			"secrets-spring-boot-starter-test");

	// White space may be a line break in a comment.
	private static final Pattern AVOIDED = Pattern
		.compile("(?i)\\b(?:cures?|log-ins?|anew|thereby|whoever|whatever|shall|in(?:\\s|\\*)+vain)\\b");

	@Test
	void sourcesOfPublishedModulesAvoidWords() {
		List<Path> sources = MODULES.stream().flatMap((module) -> sources(module).stream()).toList();
		assertThat(sources).hasSizeGreaterThan(100)
			.anyMatch((source) -> source.endsWith("TestSecrets.java"))
			.allSatisfy((source) -> assertThat(avoided(read(source))).as("words to avoid in %s", source).isEmpty());
	}

	@Test
	void avoidedWordsAreFound() {
		assertThat(avoided("""
				/* Whatever asks in
				 * vain */ "Secure the log-in"; // shallow""")).containsExactly("Whatever", "in\n * vain", "log-in");
	}

	private static List<String> avoided(String source) {
		return AVOIDED.matcher(source).results().map(MatchResult::group).toList();
	}

	private static List<Path> sources(String module) {
		try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
			return files.filter((file) -> file.toString().endsWith(".java")).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path source) {
		try {
			return Files.readString(source);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
