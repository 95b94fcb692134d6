// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts the packaged quickstart as its README does.
 */
class QuickstartIT {

	private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

	@Test
	void greetsWithSecretsOfLocalFile() throws Exception {
		assertThat(greeting(Map.of())).isEqualTo(expected("wassyoi", "a key for laptops only"));
	}

	@Test
	void greetsWithInjectedSecret() throws Exception {
		assertThat(greeting(Map.of("HAMADA_SECRETS", "from ECS")))
			.isEqualTo(expected("from ECS", "a key for laptops only"));
	}

	@Test
	void greetsWithSecretsOfAws() throws Exception {
		assertThat(greeting(aws(), "--spring.profiles.active=aws"))
			.isEqualTo(expected("from Parameter Store", "from Secrets Manager"));
	}

	@Test
	void greetsWithSecretsOfLocalFileWhenProcessedAheadOfTime(@TempDir Path folder) throws Exception {
		Path file = Files.writeString(folder.resolve("secrets.json"),
				"{\"parameters\":{\"hamako-favorite-word\":\"after the build\"},"
						+ "\"secrets\":{\"quickstart\":{\"signing-key\":\"another key\"}}}");
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
		assertThat(greetingAheadOfTime(Map.of(), "--ecs-secrets.file.location=" + file))
			.isEqualTo(expected("after the build", "another key"));
	}

	@Test
	void greetsWithSecretsOfAwsWhenProcessedAheadOfTime() throws Exception {
		assertThat(greetingAheadOfTime(aws(), "--spring.profiles.active=aws"))
			.isEqualTo(expected("from Parameter Store", "from Secrets Manager"));
	}

	@Test
	void buildAheadOfTimeHasNoSecret() throws IOException {
		Path target = Path.of(System.getProperty("quickstart.jar")).resolveSibling("spring-aot");
		List<Path> generated;
		try (Stream<Path> files = Files.walk(target)) {
			generated = files.filter(Files::isRegularFile).toList();
		}
		assertThat(generated).anyMatch((file) -> file.endsWith("GreetingController__BeanDefinitions.java"))
			.anyMatch((file) -> file.endsWith("GreetingController__BeanDefinitions.class"))
			.anyMatch((file) -> file.endsWith("reachability-metadata.json"))
			.allSatisfy((file) -> assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
				.doesNotContain("wassyoi", "a key for laptops only"));
	}

	private static Map<String, String> aws() {
		LocalStack localStack = LocalStack.get();
		localStack.putParameter("hamako-favorite-word", "from Parameter Store");
		localStack.putSecret("quickstart", "{\"signing-key\":\"from Secrets Manager\"}");
		return localStack.environment();
	}

	private static String expected(String word, String signingKey) throws Exception {
		String text = "Hello, " + word + "!";
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(signingKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		String signature = HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
		return "{\"text\":\"" + text + "\",\"signature\":\"" + signature + "\"}";
	}

	private static String greeting(Map<String, String> variables, String... args) throws Exception {
		return greeting(List.of(), "Starting QuickstartApplication", variables, args);
	}

	private static String greetingAheadOfTime(Map<String, String> variables, String... args) throws Exception {
		return greeting(List.of("-Dspring.aot.enabled=true"), "Starting AOT-processed QuickstartApplication", variables,
				args);
	}

	private static String greeting(List<String> options, String firstLine, Map<String, String> variables,
			String... args) throws Exception {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		// Halves the start, which takes longer than all that follows.
		command.add("-XX:TieredStopAtLevel=1");
		command.addAll(options);
		command.addAll(List.of("-jar", System.getProperty("quickstart.jar"), "--server.port=0"));
		command.addAll(List.of(args));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
		builder.environment().putAll(variables);
		Process process = builder.start();
		try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
			HttpRequest request = HttpRequest
				.newBuilder(URI.create("http://localhost:" + port(output, firstLine) + "/"))
				.build();
			return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
		}
		finally {
			process.destroy();
			process.waitFor();
		}
	}

	private static String port(BufferedReader output, String firstLine) throws IOException {
		StringBuilder all = new StringBuilder();
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			all.append(line).append('\n');
			Matcher started = STARTED.matcher(line);
			if (started.find()) {
				assertThat(all).contains(firstLine).doesNotContain("WARN");
				return started.group(1);
			}
		}
		throw new IllegalStateException("The application ended:\n" + all);
	}

}
