// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.agent.RuntimeHintsAgent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Processes applications ahead of time and starts what came of it. No native image is
 * made: what one would lack is found by the agent that records reflection.
 */
@SuppressWarnings("removal")
class AheadOfTimeIT {

	private static final String SECRET = "canary-7f/3a+%";

	private static AheadOfTime processed;

	private static ChildProcess started;

	@BeforeAll
	static void processAndStart(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("secrets.json");
		write(file, "built", "THREE");
		List<String> args = new ArrayList<>(args(file));
		processed = AheadOfTime.process(folder.resolve("processed"), AheadOfTimeApplication.class,
				Map.of("INJECTED", "built canary"), args);
		write(file, "first", "ONE");
		write(folder.resolve("changed.json"), "second", "TWO");
		args.add(0, AheadOfTimeApplication.class.getName());
		started = processed.start(HintsRecording.class, agent(), Map.of("INJECTED", SECRET), args);
	}

	@Test
	void processingFetchesNothing() {
		assertThat(processed.processing().output()).contains("Starting AheadOfTimeApplication")
			.doesNotContain("fetched", "canary");
		assertThat(processed.processing().loadedClasses()).doesNotContain("dev.ecssecrets.FileSecretStore");
	}

	@Test
	void processingWritesNoValue() throws IOException {
		for (Path file : processed.files()) {
			assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).as(file.toString())
				.doesNotContain("canary", "built", "THREE");
		}
	}

	@Test
	void startFetchesSecrets() {
		assertThat(started.output()).contains("Starting AOT-processed AheadOfTimeApplication")
			.contains("Secrets: 1 injected (")
			.contains("injected <first>", "bound <first>", "live <first> <first>", "connected as ONE");
	}

	@Test
	void refreshReachesWhatItReachesOtherwise() {
		assertThat(started.output()).contains("one holder true")
			.contains("changed [DB_USER, WORD]", "read <second>", "bound <second>", "live <second> <second>",
					"connected as TWO");
	}

	@Test
	void startDoesNothingByReflectionThatIsNotHinted() {
		assertThat(started.output())
			.contains("hinted: java.lang.reflect.Constructor#newInstance of class "
					+ SecretsProperties.Refresh.class.getName())
			.doesNotContain(HintsRecording.UNKNOWN);
	}

	@Test
	void startWithAwsDoesNothingByReflectionThatIsNotHinted(@TempDir Path folder) {
		LocalStack aws = LocalStack.get();
		String parameter = UUID.randomUUID().toString();
		aws.putParameter(parameter, "fetched");
		String output = ChildProcess
			.start(folder, HintsRecording.class, ChildProcess.CLASS_PATH, with(aws.environment(), agent()),
					List.of(ChildProcess.Application.class.getName(), "--ecs-secrets.secrets[0].name=WORD",
							"--ecs-secrets.secrets[0].value-from=" + parameter, "--ecs-secrets.refresh.interval=1h",
							"--ecs-secrets.timeout=50"))
			.output();
		assertThat(output).contains("WORD=<fetched>")
			.contains("hinted: java.lang.ClassLoader#getResource", "/AwsCredentialsProvider.class")
			.doesNotContain(HintsRecording.UNKNOWN);
	}

	@Test
	void startWhenDeclaredAfterProcessingFetchesOnly(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("secrets.json");
		write(file, "first", "ONE");
		AheadOfTime application = AheadOfTime.process(folder.resolve("processed"), AheadOfTimeApplication.class,
				Map.of(), withoutDeclarations(file));
		assertThat(application.start(Map.of("INJECTED", SECRET), args(file)).output())
			.contains("Starting AOT-processed AheadOfTimeApplication")
			.contains("Secrets: 1 injected (")
			.contains("one holder true", "injected <first>", "bound <first>", "live <first> <first>",
					"connected as ONE")
			.doesNotContain("changed [", "Exception");
	}

	@Test
	void startWhenNothingIsDeclaredAnyMoreStarts() throws IOException {
		List<String> args = List.of("--WORD=set", "--DB_USER=SA", "--bound.word=${WORD}",
				"--spring.datasource.url=jdbc:h2:mem:test", "--spring.datasource.username=${DB_USER}",
				"--spring.datasource.password=same", "--spring.jmx.enabled=false");
		assertThat(processed.start(Map.of(), args).output()).contains("Starting AOT-processed AheadOfTimeApplication")
			.contains("one holder true", "injected <set>", "bound <set>", "live <set> <set>", "connected as SA")
			.doesNotContain("Secrets:", "Exception");
	}

	@Test
	void startWhenSecretsAreNotEnabledAnyMoreStarts(@TempDir Path folder) throws IOException {
		List<String> args = new ArrayList<>(args(folder.resolve("absent.json")));
		args.addAll(List.of("--ecs-secrets.enabled=false", "--WORD=set", "--DB_USER=SA", "--TOKEN=set"));
		assertThat(processed.start(Map.of(), args).output()).contains("Starting AOT-processed AheadOfTimeApplication")
			.contains("one holder true", "injected <set>", "bound <set>", "live <set> <set>", "connected as SA")
			.doesNotContain("Secrets:", "Exception");
	}

	private static List<String> withoutDeclarations(Path file) {
		return args(file).stream().filter((arg) -> !arg.startsWith("--ecs-secrets.secrets")).toList();
	}

	private static Map<String, String> with(Map<String, String> variables, String options) {
		Map<String, String> all = new HashMap<>(variables);
		all.put("JAVA_TOOL_OPTIONS", options);
		return all;
	}

	private static String agent() {
		return "-javaagent:" + RuntimeHintsAgent.class.getProtectionDomain().getCodeSource().getLocation().getPath()
				+ "=+dev.ecssecrets,+org.springframework";
	}

	private static void write(Path file, String word, String user) throws IOException {
		Files.writeString(file,
				"{\"parameters\":{\"word\":\"" + word + "\",\"user\":\"" + user + "\",\"token\":\"" + SECRET + "\"}}");
	}

	private static List<String> args(Path file) {
		return List.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word",
				"--ecs-secrets.secrets[1].name=DB_USER", "--ecs-secrets.secrets[1].value-from=user",
				"--ecs-secrets.secrets[2].name=TOKEN", "--ecs-secrets.secrets[2].value-from=token",
				"--ecs-secrets.secrets[3].name=INJECTED", "--ecs-secrets.secrets[3].value-from=injected",
				"--ecs-secrets.store=file", "--ecs-secrets.file.location=" + file, "--ecs-secrets.refresh.interval=1h",
				"--ecs-secrets.refresh.min-interval=0s", "--ecs-secrets.refresh.refresh-scope=true",
				"--bound.word=${WORD}", "--spring.datasource.url=jdbc:h2:mem:test",
				"--spring.datasource.username=${DB_USER}", "--spring.datasource.password=same");
	}

}
