// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.ecssecrets.localstack.LocalStack;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Runs the instructions of the {@code Dockerfile} on a JDK 25, without Docker, and the
 * commands of {@code docs/fast-starts.md}.
 */
class FastStartsIT {

	/**
	 * Injected while the cache is made.
	 */
	private static final String CANARY = "canary-a5c1e0f7";

	@TempDir
	private static Path root;

	private static Image image;

	@BeforeAll
	static void build() throws Exception {
		Path java = jdk25();
		assumeThat(java).as("a JDK 25 in JAVA_HOME_25 or /usr/lib/jvm").isNotNull();
		image = new Image(Objects.requireNonNull(java));
		image.build(Path.of("Dockerfile"));
	}

	@Test
	void trainingRunHasPlaceholdersForWhatIsNotInjected() {
		assertThat(image.output).contains("TRAINING RUN").contains("AOTCache creation is complete");
	}

	@Test
	void cacheHasNoValue() throws IOException {
		assertThat(valuesIn("application.aot")).isEmpty();
	}

	@Test
	void startWithTheCacheFetchesWithoutLoadingFromJars() throws Exception {
		Path classes = image.folder.resolve("classes.log");
		String output = image.start(aws(), "-Xlog:class+load:file=" + classes);
		assertThat(output).contains("Secrets: 0 injected, 2 fetched");
		List<String> ours = Files.readAllLines(classes)
			.stream()
			.filter((line) -> line.contains(" dev.ecssecrets.aws."))
			.toList();
		assertThat(ours).hasSizeGreaterThan(20)
			.filteredOn((line) -> !line.contains("shared objects file") && !line.contains("Lambda"))
			.isEmpty();
	}

	@Test
	void commandsOfTheDocumentTrainAsTheDockerfileDoes() throws IOException {
		String training = "-Dspring.context.exit=onRefresh -Decs-secrets.store=placeholder -jar application.jar";
		assertThat(Path.of("Dockerfile")).content().contains(training);
		assertThat(commands("-XX:AOTCacheOutput")).singleElement().asString().endsWith(training);
		assertThat(commands("-XX:AOTCache=")).singleElement().isEqualTo(String.join(" ", image.entrypoint));
	}

	@Test
	void commandsOfTheDocumentMakeAnArchiveOfClasses() throws Exception {
		String jdk = Path.of(System.getProperty("java.home"), "bin").toString();
		Map<String, String> variables = new HashMap<>(Map.of("PATH", jdk + File.pathSeparator + System.getenv("PATH")));
		variables.put("HAMADA_SECRETS", CANARY);
		image.run(List.of("sh", "-c", commands("-XX:ArchiveClassesAtExit").get(0)), variables);
		assertThat(valuesIn("application.jsa")).isEmpty();
		Path classes = image.folder.resolve("classes-of-archive.log");
		variables.remove("HAMADA_SECRETS");
		variables.putAll(aws());
		variables.put("JAVA_TOOL_OPTIONS", "-Dspring.context.exit=onRefresh -Xlog:class+load:file=" + classes);
		image.run(List.of("sh", "-c", commands("-XX:SharedArchiveFile").get(0)), variables);
		assertThat(Files.readAllLines(classes)).filteredOn((line) -> line.contains(" dev.ecssecrets.aws.SignatureV4 "))
			.singleElement()
			.asString()
			.contains("shared objects file (top)");
	}

	private static Map<String, String> aws() {
		LocalStack localStack = LocalStack.get();
		localStack.putParameter("hamako-favorite-word", "from Parameter Store");
		localStack.putSecret("quickstart", "{\"signing-key\":\"from Secrets Manager\"}");
		return Map.of("AWS_ENDPOINT_URL", localStack.endpoint().toString(), "AWS_REGION", localStack.region(),
				"AWS_ACCESS_KEY_ID", localStack.accessKeyId(), "AWS_SECRET_ACCESS_KEY", localStack.secretAccessKey(),
				"AWS_CONFIG_FILE", "absent", "AWS_SHARED_CREDENTIALS_FILE", "absent");
	}

	/**
	 * Returns the values of the training run that a file contains.
	 */
	private static List<String> valuesIn(String file) throws IOException {
		String content = Files.readString(image.folder.resolve(file), StandardCharsets.ISO_8859_1);
		assertThat(content.length()).isGreaterThan(1_000_000);
		return Stream.of(CANARY, "placeholder-for-GREETING_SIGNING_KEY").filter(content::contains).toList();
	}

	private static List<String> commands(String option) throws IOException {
		return Files.readAllLines(Path.of("../../docs/fast-starts.md"))
			.stream()
			.filter((line) -> line.startsWith("java " + option))
			.toList();
	}

	private static @Nullable Path jdk25() throws IOException {
		String home = System.getenv("JAVA_HOME_25");
		if (home != null) {
			return Path.of(home);
		}
		Path jdks = Path.of("/usr/lib/jvm");
		if (!Files.isDirectory(jdks)) {
			return null;
		}
		try (Stream<Path> folders = Files.list(jdks)) {
			return folders.filter((folder) -> folder.getFileName().toString().contains("25")).findFirst().orElse(null);
		}
	}

	/**
	 * Stages of a build, each in a folder instead of the root of an image.
	 */
	private static final class Image {

		private final Map<String, Path> stages = new HashMap<>();

		private final Map<String, String> variables = new HashMap<>();

		private final String path;

		private Path stage = root;

		private Path folder = root;

		private String output = "";

		private List<String> entrypoint = List.of();

		Image(Path jdk) {
			this.path = jdk.resolve("bin") + File.pathSeparator + System.getenv("PATH");
		}

		void build(Path dockerfile) throws Exception {
			for (String line : Files.readAllLines(dockerfile)) {
				String[] words = line.split(" ", 2);
				switch (words[0]) {
					case "FROM" -> from(words[1]);
					case "WORKDIR" -> this.folder = Files.createDirectories(Path.of(this.stage + words[1]));
					case "COPY" -> copy(words[1].split(" ", -1));
					case "ENV" ->
						this.variables.put(words[1].replaceFirst("=.*", ""), words[1].replaceFirst(".*?=", ""));
					case "RUN" -> this.output += run(List.of("sh", "-c", words[1]), Map.of("HAMADA_SECRETS", CANARY));
					case "ENTRYPOINT" -> this.entrypoint = Pattern.compile("\"([^\"]+)\"")
						.matcher(words[1])
						.results()
						.map((match) -> match.group(1))
						.toList();
					default -> assertThat(line).matches("#.*|");
				}
			}
		}

		private void from(String image) throws IOException {
			this.stage = Files.createDirectory(root.resolve("stage-" + this.stages.size()));
			this.stages.put(image.replaceFirst(".* AS ", ""), this.stage);
		}

		private void copy(String[] words) throws IOException {
			boolean fromStage = words[0].startsWith("--from=");
			String from = fromStage ? this.stages.get(words[0].substring("--from=".length())) + words[1] : words[0];
			FileSystemUtils.copyRecursively(Path.of(from), this.folder.resolve(words[words.length - 1]).normalize());
		}

		String start(Map<String, String> variables, String option) throws Exception {
			Map<String, String> all = new HashMap<>(variables);
			all.putAll(Map.of("SERVER_PORT", "0", "JAVA_TOOL_OPTIONS", option + " -Dspring.context.exit=onRefresh"));
			return run(this.entrypoint, all);
		}

		private String run(List<String> command, Map<String, String> variables) throws Exception {
			Path file = this.folder.resolve("output.log");
			// It looks for the command on the PATH of the image.
			List<String> all = new ArrayList<>(List.of("env"));
			all.addAll(command);
			ProcessBuilder builder = new ProcessBuilder(all).directory(this.folder.toFile())
				.redirectErrorStream(true)
				.redirectOutput(file.toFile());
			builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
			builder.environment().putAll(this.variables);
			builder.environment().put("PATH", this.path);
			builder.environment().putAll(variables);
			int status = builder.start().waitFor();
			String output = Files.readString(file);
			assertThat(status).as(output).isZero();
			return output;
		}

	}

}
