// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.awaitility.Awaitility.await;

/**
 * An application in a process of its own, which can be asked while it runs, and all that
 * it says: on its outputs, in its files and in its answers.
 */
final class CanaryProcess implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final HttpClient http = HttpClient.newHttpClient();

	private final Path folder;

	private final Process process;

	private final Map<String, byte[]> answers = new LinkedHashMap<>();

	private String part = "";

	CanaryProcess(Path folder, Class<?> application, Map<String, String> variables, List<String> options,
			List<String> args) {
		this.folder = folder;
		List<String> command = new ArrayList<>(List.of(java("java"), "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8",
				"-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8", "-Djdk.httpclient.HttpClient.log=all"));
		command.addAll(options);
		command.addAll(
				List.of("-cp", ChildProcess.classPathWithout("spring-boot-devtools|wiremock"), application.getName()));
		command.addAll(args);
		ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
			.redirectError(stderr().toFile())
			.redirectOutput(stdout().toFile());
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
		builder.environment().put("LC_ALL", "C.UTF-8");
		builder.environment().putAll(variables);
		try {
			this.process = builder.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String java(String tool) {
		return Path.of(System.getProperty("java.home"), "bin", tool).toString();
	}

	private Path stdout() {
		return this.folder.resolve("stdout.log");
	}

	private Path stderr() {
		return this.folder.resolve("stderr.log");
	}

	/**
	 * Waits until a text has been written more often than some time before.
	 */
	void awaitOutput(String text, int before) {
		await(text).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
			if (count(text) <= before && !this.process.isAlive()) {
				throw new IllegalStateException(
						"The application has ended without '" + text + "': " + end(stdout()) + end(stderr()));
			}
			return count(text) > before;
		});
	}

	/**
	 * Returns how often a text has been written.
	 */
	int count(String text) {
		return (int) Pattern.compile(text, Pattern.LITERAL).matcher(read(stdout())).results().count();
	}

	/**
	 * Begins a part of the application's life, which divides its log as
	 * {@link Canaries#parts} reads it, and names its answers.
	 */
	void begin(String part) {
		this.part = part;
		ask("POST", "/begin?part=" + part);
	}

	/**
	 * Asks the application, as soon as it can be asked.
	 */
	String ask(String method, String path) {
		return ask(method, path, "");
	}

	String ask(String method, String path, String body) {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
			.method(method, BodyPublishers.ofString(body))
			.header("Content-Type", "application/json")
			.timeout(PATIENCE)
			.build();
		try {
			HttpResponse<byte[]> response = this.http.send(request, BodyHandlers.ofByteArray());
			ByteArrayOutputStream answer = new ByteArrayOutputStream();
			answer.writeBytes((response + "\n" + response.headers() + "\n").getBytes(StandardCharsets.UTF_8));
			answer.writeBytes(response.body());
			this.answers.put(this.answers.size() + " " + method + " " + path + ", " + this.part, answer.toByteArray());
			return new String(response.body(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(path, ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private String port() {
		Matcher matcher = PORT.matcher(read(stdout()));
		if (!matcher.find()) {
			throw new IllegalStateException("The application has no port");
		}
		return matcher.group(1);
	}

	/**
	 * Has the JDK write the stacks of all threads.
	 */
	void dumpThreads() {
		try {
			Path dump = this.folder.resolve("jcmd.log");
			new ProcessBuilder(java("jcmd"), String.valueOf(this.process.pid()), "Thread.print", "-l", "-e")
				.redirectErrorStream(true)
				.redirectOutput(dump.toFile())
				.start()
				.waitFor();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	void awaitEnd() {
		try {
			if (!this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				throw new IllegalStateException("The application does not end");
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Returns what it has written so far, by where.
	 */
	Map<String, byte[]> written() {
		Map<String, byte[]> written = new LinkedHashMap<>();
		try (var files = Files.walk(this.folder)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".log")).sorted().toList()) {
				written.put(this.folder.relativize(file).toString(), Files.readAllBytes(file));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		written.putAll(this.answers);
		return written;
	}

	private static String end(Path file) {
		String text = read(file);
		return text.substring(Math.max(0, text.length() - 4000));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file, StandardCharsets.ISO_8859_1);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
