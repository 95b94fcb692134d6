// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.ecssecrets.aws.AwsSecretStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the starter adds to an application: classes that it loads at startup more than
 * without the starter, jars and their sizes. A number that is exceeded is a cost for each
 * start of each application: find out what it is, and either take it away or record it.
 */
class FootprintIT {

	private static final String SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private static final String STARTER = "/secrets-core/target/|/secrets-core-|/secrets-spring-boot-starter/target/classes|"
			+ "/secrets-spring-boot-starter-[^/]*\\.jar";

	private static final String SDK = "software/amazon/|/reactive-streams/";

	// What no scenario has, so that its auto-configurations do not count.
	private static final String OTHERS = "/org/springframework/cloud/|spring-boot-devtools|validation|hibernate";

	private static final String ACTUATOR = "spring-boot-actuator|spring-boot-health|micrometer-core|"
			+ "spring-boot-micrometer-metrics|spring-boot-starter-actuator";

	private static final String JDBC = "HikariCP|spring-boot-jdbc|/h2/|spring-jdbc|spring-tx";

	private static final String PASSWORD = "changeit";

	@TempDir
	private static Path folder;

	private static final ExecutorService threads = Executors.newCachedThreadPool();

	private static final Map<String, Map<String, Integer>> withoutStarter = new HashMap<>();

	private static HttpServer http;

	private static HttpsServer https;

	@BeforeAll
	static void startServices() throws Exception {
		http = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		https = HttpsServer.create(new InetSocketAddress("localhost", 0), 0);
		https.setHttpsConfigurator(new HttpsConfigurator(tls(makeKeys())));
		for (HttpServer server : List.of(http, https)) {
			server.setExecutor(threads);
			server.createContext("/", FootprintIT::answer);
			server.start();
		}
	}

	@AfterAll
	static void stopServices() {
		http.stop(0);
		https.stop(0);
		threads.shutdownNow();
	}

	/**
	 * The numbers are the larger ones of JDK 17 and JDK 25. The least of three starts
	 * counts, as a few classes depend on how threads run.
	 */
	@ParameterizedTest
	@CsvSource({ "none, none, 26", "injected, none, 98", "injected, refresh, 164", "injected, actuator, 134",
			"injected, jdbc, 114", "fetched, none, 418", "fetched, refresh, 502", "tls, none, 1324" })
	void startLoadsNoMoreClassesThanRecorded(String secrets, String with, int recorded) throws IOException {
		List<String> added = addedClasses(secrets, with);
		for (int i = 1; i < 3 && added.size() > recorded; i++) {
			List<String> again = addedClasses(secrets, with);
			added = (again.size() < added.size()) ? again : added;
		}
		Files.write(Path.of("target", "classes-" + secrets + "-" + with + ".txt"), added);
		assertThat(added).hasSizeLessThanOrEqualTo(recorded);
	}

	private static List<String> addedClasses(String secrets, String with) {
		Map<String, Integer> before = withoutStarter.computeIfAbsent(with,
				(key) -> loadedClasses(start("none", with, "|" + STARTER + "|" + SDK)));
		List<String> added = new ArrayList<>();
		loadedClasses(start(secrets, with, "")).forEach((name, count) -> added
			.addAll(Collections.nCopies(Math.max(count - before.getOrDefault(name, 0), 0), name)));
		Collections.sort(added);
		return added;
	}

	private static ChildProcess start(String secrets, String with, String without) {
		Map<String, String> variables = new HashMap<>(Map.of("AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY",
				"secret", "AWS_REGION", "eu-west-1", "JAVA_TOOL_OPTIONS", trustStore(), "AWS_ENDPOINT_URL",
				(secrets.equals("tls") || secrets.equals("container"))
						? "https://localhost:" + https.getAddress().getPort()
						: "http://localhost:" + http.getAddress().getPort()));
		if (secrets.equals("container")) {
			variables.keySet().removeAll(List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"));
			variables.put("AWS_CONTAINER_CREDENTIALS_FULL_URI",
					"http://localhost:" + http.getAddress().getPort() + "/credentials");
		}
		if (secrets.equals("none") || secrets.equals("injected")) {
			variables.putAll(Map.of("WORD", "wassyoi", "DB_PASSWORD", "hoi"));
		}
		List<String> args = new ArrayList<>(List.of("--spring.datasource.url=jdbc:h2:mem:footprint",
				"--spring.datasource.password=${DB_PASSWORD}"));
		if (with.equals("refresh")) {
			args.add("--ecs-secrets.refresh.interval=10m");
		}
		if (!secrets.equals("none")) {
			args.addAll(List.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word",
					"--ecs-secrets.secrets[1].name=DB_PASSWORD",
					"--ecs-secrets.secrets[1].value-from=" + SECRET_ARN + ":password::"));
		}
		ChildProcess started = ChildProcess.start(folder, Started.class, ChildProcess.classPathWithout(OTHERS
				+ (with.equals("actuator") ? "" : "|" + ACTUATOR) + (with.equals("jdbc") ? "" : "|" + JDBC) + without),
				variables, args);
		assertThat(started.output()).contains("WORD=<wassyoi>", "DB_PASSWORD=<hoi>");
		return started;
	}

	private static String trustStore() {
		return "-Djavax.net.ssl.trustStore=" + folder.resolve("keys.p12") + " -Djavax.net.ssl.trustStorePassword="
				+ PASSWORD;
	}

	/**
	 * Returns how often each class was loaded. Generated ones have no number. Forms of
	 * lambdas are left out: how many there are depends on what was generated before. The
	 * lambdas of a JDK class count once: two threads that come to the same one at the
	 * same time both generate it.
	 */
	private static Map<String, Integer> loadedClasses(ChildProcess started) {
		Map<String, Integer> loaded = new TreeMap<>();
		Matcher matcher = Pattern.compile("\\] (\\S+) source: ").matcher(started.loadedClasses());
		while (matcher.find()) {
			String name = matcher.group(1)
				.replaceAll("Lambda(/|\\$\\d).*", "Lambda")
				.replaceAll("/0x.*", "")
				.replaceAll("(Proxy|Accessor)\\d+", "$1");
			if (name.matches("(java|javax|jdk|sun|com\\.sun)\\..*\\$\\$Lambda")) {
				loaded.put(name, 1);
			}
			else if (!name.startsWith("java.lang.invoke.LambdaForm")) {
				loaded.merge(name, 1, Integer::sum);
			}
		}
		return loaded;
	}

	/**
	 * A training run loads what {@code fetch-classes.txt} lists. The names that it lacks
	 * are added to a copy in {@code target}.
	 */
	@Test
	void trainingRunLoadsTheClassesOfAFetch() throws IOException {
		NavigableSet<String> fetch = new TreeSet<>(loadedClasses(start("container", "none", "")).keySet());
		fetch.removeAll(loadedClasses(start("injected", "none", "")).keySet());
		fetch.removeIf((name) -> !name
			.matches("(dev\\.ecssecrets\\.(?!boot).*|tools\\.jackson\\..*|(java|javax|jdk|sun|com\\.sun)\\..*)")
				|| name.endsWith("Lambda"));
		NavigableSet<String> listed = new TreeSet<>();
		try (InputStream names = AwsSecretStore.class.getResourceAsStream("fetch-classes.txt")) {
			new String(names.readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(listed::add);
		}
		NavigableSet<String> missing = new TreeSet<>(fetch);
		missing.removeAll(listed);
		listed.addAll(fetch);
		Files.write(Path.of("target", "fetch-classes.txt"), listed);
		// A few depend on how threads run.
		assertThat(missing).hasSizeLessThanOrEqualTo(10);
	}

	@ParameterizedTest
	@CsvSource({ "true, 31, 11_615_000", "false, 2, 600_000" })
	void jarsAreNoMoreOrLargerThanRecorded(boolean withSdk, int jars, String bytes) throws IOException {
		List<Path> added = addedJars(withSdk);
		long size = 0;
		for (Path jar : added) {
			size += Files.size(jar);
		}
		assertThat(added).hasSizeLessThanOrEqualTo(jars);
		assertThat(size).isLessThanOrEqualTo(Long.parseLong(bytes.replace("_", "")));
	}

	/**
	 * Returns the jars of {@code dependencies.txt} that a Spring Boot application does
	 * not have, and those of this library.
	 */
	private static List<Path> addedJars(boolean withSdk) throws IOException {
		List<Path> jars = new ArrayList<>(
				Stream.concat(ours(Path.of("target")), ours(Path.of("../secrets-core/target"))).toList());
		assertThat(jars).hasSize(2);
		String dependencies = Files.readString(Path.of("dependencies.txt"));
		String listed = withSdk ? dependencies : dependencies.substring(0, dependencies.indexOf("With the AWS SDK"));
		Matcher matcher = Pattern.compile("(?m)^([\\w.]+):([\\w-]+)  ").matcher(listed);
		while (matcher.find()) {
			if (!matcher.group(1)
				.matches(
						"org\\.springframework.*|commons-logging|io\\.micrometer|org\\.(jspecify|slf4j)|tools\\.jackson.*")) {
				jars.add(jar(matcher.group(1), matcher.group(2)));
			}
		}
		return jars;
	}

	private static Stream<Path> ours(Path target) throws IOException {
		try (Stream<Path> files = Files.list(target)) {
			return files
				.filter((file) -> file.getFileName().toString().matches("secrets-[a-z-]+-\\d[^-]*(-SNAPSHOT)?\\.jar"))
				.toList()
				.stream();
		}
	}

	private static Path jar(String group, String artifact) {
		String folder = "/" + group.replace('.', '/') + "/" + artifact + "/";
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> entry.replace(File.separatorChar, '/').contains(folder))
			.map(Path::of)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(group + ":" + artifact + " is not on the class path"));
	}

	private static void answer(HttpExchange exchange) throws IOException {
		if (exchange.getRequestURI().getPath().equals("/credentials")) {
			answer(exchange, "{\"AccessKeyId\":\"key\",\"SecretAccessKey\":\"secret\",\"Token\":\"token\","
					+ "\"Expiration\":\"2099-01-01T00:00:00Z\"}");
			return;
		}
		boolean parameters = exchange.getRequestHeaders().getFirst("x-amz-target").contains("GetParameters");
		answer(exchange, parameters ? "{\"Parameters\":[{\"Name\":\"word\",\"Value\":\"wassyoi\",\"Version\":1}]}"
				: "{\"ARN\":\"" + SECRET_ARN + "\",\"SecretString\":\"{\\\"password\\\":\\\"hoi\\\"}\"}");
	}

	private static void answer(HttpExchange exchange, String json) throws IOException {
		byte[] answer = json.getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(200, answer.length);
		exchange.getResponseBody().write(answer);
		exchange.close();
	}

	private static Path makeKeys() throws Exception {
		Path keys = folder.resolve("keys.p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "localhost", "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
				"CN=localhost", "-ext", "san=dns:localhost", "-storetype", "PKCS12", "-keystore", keys.toString(),
				"-storepass", PASSWORD)
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("keytool.txt").toFile())
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

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Started {

		public static void main(String[] args) {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Started.class)
				.web(WebApplicationType.NONE)
				.run(args)) {
				for (String name : List.of("WORD", "DB_PASSWORD")) {
					System.out.println(name + "=<" + context.getEnvironment().getProperty(name) + ">");
				}
			}
		}

	}

}
