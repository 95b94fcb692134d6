// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.aws.HostileAnswer.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests with answers that no service gives, with both clients, with and without TLS, in a
 * JVM with a heap of 64 MB.
 */
class HostileAnswersIT {

	private static final Path FOLDER = Path.of("target/hostile-answers");

	private static final String PASSWORD = "changeit";

	private static final int MEGABYTE = 1024 * 1024;

	private static final List<Result> results = new ArrayList<>();

	private static List<String> threads;

	private static HostileEndpoint http;

	private static HostileEndpoint https;

	@BeforeAll
	static void fetchAll() throws Exception {
		Files.createDirectories(FOLDER);
		Path keys = makeKeys();
		http = new HostileEndpoint(ServerSocketFactory.getDefault());
		https = new HostileEndpoint(tls(keys).getServerSocketFactory());
		Path output = FOLDER.resolve("output.txt");
		// The default collector in a container of this size.
		ProcessBuilder fetches = new ProcessBuilder(tool("java"), "-Xmx64m", "-XX:+UseSerialGC",
				"-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1",
				// An application has one store. Here, hundreds would keep connections
				// open.
				"-Dhttp.maxConnections=1", "-Dhttp.keepAlive.time.server=1", "-Djavax.net.ssl.trustStore=" + keys,
				"-Djavax.net.ssl.trustStorePassword=" + PASSWORD, "-cp", System.getProperty("java.class.path"),
				HostileFetches.class.getName(), "http://localhost:" + http.port(), "https://localhost:" + https.port())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		// With a proxy, all calls would use the SDK's clients.
		fetches.environment().keySet().removeIf((name) -> name.toUpperCase(Locale.ROOT).endsWith("_PROXY"));
		int exitCode = fetches.start().waitFor();
		assertThat(exitCode).as("exit code, after " + lastLine(output)).isZero();
		List<List<String>> lines = new ArrayList<>();
		for (String line : Files.readAllLines(output)) {
			lines.add(Arrays.stream(line.split(" ", -1))
				.map((field) -> URLDecoder.decode(field, StandardCharsets.UTF_8))
				.toList());
		}
		lines.stream().filter((line) -> line.get(0).equals("answer")).map(Result::of).forEach(results::add);
		threads = lines.stream().filter((line) -> line.get(0).equals("thread")).map((line) -> line.get(1)).toList();
	}

	@AfterAll
	static void close() throws IOException {
		http.close();
		https.close();
	}

	static List<HostileAnswer> answers() {
		return HostileAnswer.values();
	}

	@Test
	void fetchWhenAnswersAreHostileLeavesNoThread() {
		assertThat(threads).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("answers")
	void fetchWhenAnswerIsHostileAnswersEachLocationWithReason(HostileAnswer answer) {
		for (String scheme : List.of("http", "https")) {
			for (String client : List.of("direct", "sdk")) {
				Map<String, String> outcomes = results.stream()
					.filter((result) -> result.isOf(answer, client, scheme))
					.collect(Collectors.toMap(Result::location, Result::outcome));
				assertThat(outcomes.keySet()).isEqualTo(HostileFetches.locations(answer, scheme)
					.stream()
					.map(SecretLocation::id)
					.collect(Collectors.toSet()));
				assertThat(outcomes).as(client + ", " + scheme).allSatisfy((location, outcome) -> {
					Set<Reason> reasons = location.contains(":secret:") ? answer.secrets() : answer.parameters();
					assertThat(outcome)
						.isIn(reasons.isEmpty() ? Set.of("FOUND") : reasons.stream().map(Reason::name).toList());
				});
			}
		}
	}

	@ParameterizedTest
	@MethodSource("answers")
	void fetchWhenAnswerIsHostilePrintsOnlyPrintableText(HostileAnswer answer) {
		assertThat(results).filteredOn((result) -> result.answer().equals(answer.name()))
			.extracting(Result::detail)
			.allSatisfy((detail) -> {
				assertThat(detail).isEqualTo(PrintableText.of(detail))
					.hasSizeLessThanOrEqualTo(500)
					.doesNotContain(HostileAnswer.CANARY, HostileAnswer.SESSION_TOKEN, HostileAnswer.SECRET_ACCESS_KEY,
							"null", "\"\"", "  ", "Credential=", "SignedHeaders");
				assertThat(detail).doesNotContainPattern("[0-9a-f]{64}");
			});
	}

	@ParameterizedTest
	@MethodSource("answers")
	void fetchWhenAnswerIsHostileIsTheSameWithBothClients(HostileAnswer answer) {
		for (String scheme : List.of("http", "https")) {
			if (answer.kind() != Kind.BROKEN && answer.kind() != Kind.LARGE_HEADERS) {
				assertThat(details(answer, "sdk", scheme)).isEqualTo(details(answer, "direct", scheme));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("answers")
	void fetchWhenAnswerIsHostileReadsNoMoreThanLimit(HostileAnswer answer) {
		assertThat(http.mostWritten(answer.name())).isLessThan(16 * MEGABYTE);
		// When the JDK closes a connection, it reads everything that arrives meanwhile.
		assertThat(https.mostWritten(answer.name())).isLessThan(256 * MEGABYTE);
	}

	private static String lastLine(Path file) throws IOException {
		List<String> lines = Files.readAllLines(file);
		return lines.isEmpty() ? "no output" : lines.get(lines.size() - 1);
	}

	private static Map<String, String> details(HostileAnswer answer, String client, String scheme) {
		return results.stream()
			.filter((result) -> result.isOf(answer, client, scheme))
			.collect(Collectors.toMap(Result::location, (result) -> result.outcome() + ": " + result.detail()));
	}

	private static Path makeKeys() throws Exception {
		Path keys = FOLDER.resolve("keys.p12").toAbsolutePath();
		Files.deleteIfExists(keys);
		Process keytool = new ProcessBuilder(tool("keytool"), "-genkeypair", "-alias", "localhost", "-keyalg", "EC",
				"-groupname", "secp256r1", "-dname", "CN=localhost", "-ext", "san=dns:localhost", "-storetype",
				"PKCS12", "-keystore", keys.toString(), "-storepass", PASSWORD)
			.redirectErrorStream(true)
			.redirectOutput(Redirect.to(FOLDER.resolve("keytool.txt").toFile()))
			.start();
		assertThat(keytool.waitFor()).isZero();
		return keys;
	}

	private static SSLContext tls(Path keys) throws GeneralSecurityException, IOException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream content = Files.newInputStream(keys)) {
			store.load(content, PASSWORD.toCharArray());
		}
		KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		managers.init(store, PASSWORD.toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(managers.getKeyManagers(), null, null);
		return context;
	}

	private static String tool(String name) {
		return Path.of(System.getProperty("java.home"), "bin", name).toString();
	}

	/**
	 * Result for one location.
	 */
	private record Result(String answer, String client, String scheme, String location, String outcome, String detail) {

		static Result of(List<String> line) {
			return new Result(line.get(1), line.get(2), line.get(3), line.get(4), line.get(5), line.get(6));
		}

		boolean isOf(HostileAnswer answer, String client, String scheme) {
			return this.answer.equals(answer.name()) && this.client.equals(client) && this.scheme.equals(scheme);
		}

	}

}
