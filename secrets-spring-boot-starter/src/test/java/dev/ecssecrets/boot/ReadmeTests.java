package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the README shows is what the project does.
 */
class ReadmeTests {

	private static final Path PROJECT = Path.of("..");

	@TempDir
	private Path folder;

	@Test
	void declarationsAreResolved() throws IOException {
		LocalStack aws = LocalStack.get();
		aws.putParameter("hamako-favorite-word", "wassyoi");
		aws.putSecret("db", "{\"password\":\"secret\"}");
		Path configuration = Files.writeString(this.folder.resolve("application.yml"), block("yaml").get(0));
		ChildProcess started = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH, aws.environment(),
				List.of("--spring.config.location=file:" + configuration));
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>", "SPRING_DATASOURCE_PASSWORD=<secret>",
				"FEATURE_TOKEN=<null>", "Secrets: 0 injected, 2 fetched", "1 optional and absent");
	}

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
	void commandsAreThoseOfContinuousIntegration() throws IOException {
		List<String> ci = Files.readAllLines(PROJECT.resolve(".ci/run"))
			.stream()
			.map((line) -> line.replaceFirst("^SERVER_PORT=\\$port ", "")
				.replace(" --batch-mode", "")
				.replaceFirst(" &$", ""))
			.toList();
		assertThat(block("shell").stream().map(String::strip)).hasSize(2).isSubsetOf(ci);
	}

	@Test
	void versionIsThatOfTheProject() throws IOException {
		assertThat(Files.readString(PROJECT.resolve("pom.xml"))).contains(find("<version>(.+)</version>").get(0));
	}

	private static List<String> block(String language) throws IOException {
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
