// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The README has the dependencies of the POM, in the versions that are tested.
 */
class ReadmeTests {

	@Test
	void dependenciesAreThoseOfThePom() throws IOException {
		String dependencies = Files.readString(Path.of("pom.xml"))
			.replaceAll("(?s)<dependency>(?:(?!</dependency>).)*<scope>test<.*", "");
		List<String> artifacts = find(dependencies, "(?s)<dependency>.*?<artifactId>(.+?)<").stream()
			.map((artifact) -> artifact.group(1))
			.toList();
		assertThat(rows().stream().flatMap((row) -> artifacts(row).stream())).isNotEmpty()
			.containsExactlyInAnyOrderElementsOf(artifacts);
	}

	@Test
	void versionsAreThoseOfTheClassPath() throws IOException {
		String classPath = System.getProperty("java.class.path");
		for (MatchResult row : rows()) {
			for (String artifact : artifacts(row)) {
				if (artifact.equals("secrets-core")) {
					assertThat(Path.of("pom.xml")).content().contains("<version>" + row.group(2) + "</version>");
				}
				else {
					assertThat(classPath).contains(artifact + "-" + row.group(2) + ".jar");
				}
			}
		}
	}

	private static List<MatchResult> rows() throws IOException {
		return find(Files.readString(Path.of("README.md")), "(?m)^\\| (`.+`) \\| (\\d\\S+) \\|");
	}

	private static List<String> artifacts(MatchResult row) {
		return find(row.group(1), ":([^:`]+)`").stream().map((artifact) -> artifact.group(1)).toList();
	}

	private static List<MatchResult> find(String text, String pattern) {
		return Pattern.compile(pattern).matcher(text).results().toList();
	}

}
