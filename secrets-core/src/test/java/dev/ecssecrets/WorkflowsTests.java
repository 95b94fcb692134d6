// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

/**
 * What the workflows of GitHub use is pinned and exists, and they may do no more than
 * they need. Whether they are valid is checked by actionlint, see {@code .ci/run}.
 */
class WorkflowsTests {

	private static final Path PROJECT = Path.of("..");

	@Test
	void actionsArePinnedToOneCommit() {
		List<String> actions = find("(?m)\\buses:(.*)$");
		assertThat(actions).hasSizeGreaterThan(10)
			.allSatisfy(
					(action) -> assertThat(action).matches(" [\\w-]+(?:/[\\w-]+)+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
		Map<String, List<String>> versions = actions.stream()
			.distinct()
			.collect(Collectors.groupingBy((action) -> action.replaceFirst("@.*", "")));
		assertThat(versions).allSatisfy((action, pins) -> assertThat(pins).hasSize(1));
	}

	@Test
	void permissionsAreTheLeast() {
		Map<String, List<String>> writes = new TreeMap<>();
		workflows().forEach((name, workflow) -> {
			assertThat(workflow).as(name).contains("\npermissions:\n  contents: read\n").doesNotContain("write-all");
			List<String> written = find(workflow, "(?m)^ +([\\w-]+): write$");
			if (!written.isEmpty()) {
				writes.put(name, written);
			}
		});
		assertThat(writes).containsOnly(entry("codeql.yml", List.of("security-events")),
				entry("release.yml", List.of("id-token", "attestations")));
	}

	@Test
	void checkoutsKeepNoCredentials() {
		assertThat(find("(uses: actions/checkout@.*\n +with:\n +persist-credentials: false\n)"))
			.hasSameSizeAs(find("(uses: actions/checkout@)"));
	}

	@Test
	void commandsExist() {
		assertThat(find("(?m)(?:^| )(\\./mvnw|\\.ci/\\S+)(?:$| )")).contains("./mvnw", ".ci/run")
			.allSatisfy((command) -> assertThat(PROJECT.resolve(command)).isExecutable());
	}

	@Test
	void profilesExist() {
		assertThat(lists("-P")).contains("fuzz", "spring-boot-4.0")
			.isSubsetOf(find(read(PROJECT.resolve("pom.xml")), "<profile>(?:\\s|<!--.*?-->)*<id>(.+?)</id>"));
	}

	@Test
	void modulesExist() {
		assertThat(lists("-pl")).contains("secrets-core")
			.isSubsetOf(find(read(PROJECT.resolve("pom.xml")), "<module>(.+?)</module>"));
	}

	/**
	 * {@return the elements of the values of a Maven option, in all workflows}
	 */
	private static List<String> lists(String option) {
		return find(" " + option + " (\\S+)").stream().flatMap((list) -> Stream.of(list.split(",", -1))).toList();
	}

	private static List<String> find(String pattern) {
		return workflows().values().stream().flatMap((workflow) -> find(workflow, pattern).stream()).toList();
	}

	private static List<String> find(String text, String pattern) {
		return Pattern.compile(pattern).matcher(text).results().map((match) -> match.group(1)).toList();
	}

	private static Map<String, String> workflows() {
		try (Stream<Path> files = Files.list(PROJECT.resolve(".github/workflows"))) {
			return files.collect(Collectors.toMap((file) -> file.getFileName().toString(), WorkflowsTests::read));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
