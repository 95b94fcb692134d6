// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the README shows is what the project does.
 */
class ReadmeTests {

	private static final Path PROJECT = Path.of("..");

	@Test
	void keysAreThoseOfTheMetadata() throws IOException {
		JsonNode metadata = new JsonMapper()
			.readTree(Path.of("target/classes/META-INF/spring-configuration-metadata.json"));
		assertThat(find("(?m)^\\| `([a-z.-]+)` \\|")).containsExactlyInAnyOrderElementsOf(metadata.get("properties")
			.valueStream()
			.map((property) -> property.get("name").stringValue())
			.filter((name) -> name.startsWith("ecs-secrets."))
			.map((name) -> name.substring("ecs-secrets.".length()))
			.filter((name) -> !name.equals("secrets"))
			.toList());
	}

	@Test
	void localFileIsThatOfTheQuickstart() throws IOException {
		assertThat(block("json"))
			.containsExactly(Files.readString(PROJECT.resolve("samples/quickstart/secrets.local.json")));
	}

	@Test
	void versionIsThatOfTheProject() throws IOException {
		assertThat(Files.readString(PROJECT.resolve("pom.xml"))).contains(find("<version>(.+)</version>").get(0));
	}

	static List<String> block(String language) throws IOException {
		return find("(?s)```" + language + "\n(.*?)```");
	}

	private static List<String> find(String pattern) throws IOException {
		return Pattern.compile(pattern)
			.matcher(Files.readString(PROJECT.resolve("README.md")))
			.results()
			.map((MatchResult result) -> result.group(1))
			.toList();
	}

}
