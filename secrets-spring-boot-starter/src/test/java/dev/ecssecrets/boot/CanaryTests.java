package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.boot.Canaries.Find;
import dev.ecssecrets.localstack.LocalStack;
import org.h2.tools.Server;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications that log all there is to log, live, fail and are asked everything, and
 * whose every byte is searched for the values of their secrets.
 */
class CanaryTests {

	private static final String PLANTED_NAME = "PLANTED";

	private static final String ACCESS_KEY = "AWS_SECRET_ACCESS_KEY";

	private static final String SESSION_TOKEN = "AWS_SESSION_TOKEN";

	private static final Pattern PART = Pattern.compile("=== (\\S+) begins\\R");

	private static final String USER = "DB_USER";

	@RegisterExtension
	static final WireMockExtension stub = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	private static final Canaries canaries = new Canaries();

	private static final List<Find> finds = new ArrayList<>();

	private static final Map<String, byte[]> written = new LinkedHashMap<>();

	@BeforeAll
	static void liveAndFail(@TempDir Path folder, TestReporter reporter) throws SQLException {
		LocalStack localStack = LocalStack.get();
		Life direct = new Life("direct", localStack, List.of());
		Life sdk = new Life("sdk", localStack, List.of("-Daws.region=" + localStack.region()));
		Failures failures = new Failures();
		ExecutorService executor = Executors.newFixedThreadPool(3);
		try {
			List<CompletableFuture<Map<String, byte[]>>> all = List.of(
					CompletableFuture.supplyAsync(() -> direct.live(folder.resolve("direct")), executor),
					CompletableFuture.supplyAsync(() -> sdk.live(folder.resolve("sdk")), executor),
					CompletableFuture.supplyAsync(() -> failures.start(folder.resolve("failures")), executor));
			all.forEach((one) -> written.putAll(one.join()));
		}
		finally {
			executor.shutdownNow();
		}
		canaries.add(PLANTED_NAME, CanaryApplication.PLANTED);
		Stream.of(direct.values, sdk.values, failures.values).forEach((values) -> values.forEach(canaries::add));
		written.forEach((where, text) -> parts(where, text)
			.forEach((part, partOfText) -> finds.addAll(canaries.find(part, partOfText))));
		reporter.publishEntry(
				Map.of("values", String.valueOf(canaries.size()), "outputs and answers", String.valueOf(written.size()),
						"bytes", String.valueOf(written.values().stream().mapToLong((text) -> text.length).sum())));
	}

	/**
	 * Splits a log where it says that another start, or something else, begins.
	 */
	private static Map<String, byte[]> parts(String where, byte[] text) {
		Map<String, byte[]> parts = new LinkedHashMap<>();
		Matcher matcher = PART.matcher(new String(text, StandardCharsets.ISO_8859_1));
		String name = where;
		int start = 0;
		while (matcher.find()) {
			parts.put(name, Arrays.copyOfRange(text, start, matcher.start()));
			name = where + ", " + matcher.group(1) + " at " + matcher.start();
			start = matcher.end();
		}
		parts.put(name, Arrays.copyOfRange(text, start, text.length));
		return parts;
	}

	static Stream<String> encodings() {
		return Canaries.ENCODINGS.keySet().stream();
	}

	@ParameterizedTest
	@MethodSource("encodings")
	void plantedValueIsFoundInEveryEncoding(String encoding) {
		assertThat(finds).filteredOn((find) -> find.name().equals(PLANTED_NAME) && find.encoding().equals(encoding))
			.extracting((find) -> find.where().replaceAll(" \\d+ |,.*", " ").strip())
			.contains("direct stdout.log", "direct application.log", "direct GET /actuator/logfile", "sdk stdout.log",
					"sdk application.log", "sdk GET /actuator/logfile");
	}

	@Test
	void nothingIsPrintedButWhatIsKnown() {
		Map<String, Find> unknown = new LinkedHashMap<>();
		for (Find find : finds) {
			if (!find.name().equals(PLANTED_NAME) && Stream.of(Leak.values()).noneMatch((leak) -> leak.is(find))) {
				unknown.putIfAbsent(find.name() + " in " + find.where(), find);
			}
		}
		assertThat(unknown.values()).isEmpty();
	}

	/**
	 * What is closed one day has to be taken out, here and in {@code SECURITY.md}.
	 */
	@ParameterizedTest
	@EnumSource
	void othersStillPrint(Leak leak) {
		assertThat(finds).anyMatch(leak::is);
	}

	@ParameterizedTest
	@ValueSource(strings = { "direct", "sdk" })
	void everythingIsLoggedAndAsked(String life) {
		for (String logged : List.of("Secrets are bound: true", " TRACE ", "s.n.www.protocol.http.HttpURLConnection",
				"com.zaxxer.hikari", "o.s.c.e.PropertySourcesPropertyResolver", "Secrets have changed",
				"Secrets can be refreshed again", "Heard of ")) {
			assertThat(isIn(life + " stdout.log", logged)).as(logged).isTrue();
		}
		assertThat(isIn(life + " stdout.log", "software.amazon.awssdk.request")).isEqualTo(life.equals("sdk"));
		assertThat(isIn(life + " jcmd.log", "Full thread dump")).isTrue();
		assertThat(written.keySet()).filteredOn((where) -> where.startsWith(life))
			.extracting((where) -> where.replaceAll("^\\w+ \\d+ ", ""))
			.contains("GET /actuator/env", "GET /actuator/configprops", "GET /actuator/beans",
					"GET /actuator/conditions", "GET /actuator/httpexchanges", "GET /actuator/loggers",
					"GET /actuator/mappings", "GET /actuator/startup", "GET /actuator/threaddump",
					"GET /actuator/ecssecrets", "GET /actuator/ecssecrets/policy", "POST /actuator/ecssecrets",
					"GET /actuator/health/ecsSecrets", "GET /actuator/metrics/ecs.secrets.calls",
					"GET /actuator/health/db", "GET /actuator/scheduledtasks", "GET /actuator/metrics/jvm.memory.used");
	}

	@Test
	void everyStartFailsButOne() {
		String text = text("failures stdout.log");
		assertThat(text.lines().filter((line) -> line.matches("=== \\S+ has failed"))).hasSizeGreaterThan(35);
		assertThat(text.lines().filter((line) -> line.matches("=== \\S+ has started")))
			.containsExactly("=== record-placeholder has started");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NO_SDK")
	void everyReasonIsReported(Reason reason) {
		assertThat(isIn("failures stdout.log", "\n" + reason.toString().toUpperCase(Locale.ROOT) + "\n")).isTrue();
	}

	/**
	 * Of an assertion on the text itself the message would be as long.
	 */
	private static boolean isIn(String where, String text) {
		return text(where).contains(text);
	}

	private static String text(String where) {
		return new String(written.get(where), StandardCharsets.UTF_8);
	}

	private static Path make(Path folder) {
		try {
			return Files.createDirectories(folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void store(Path file, Map<String, String> properties) {
		Properties all = new Properties();
		all.putAll(properties);
		try (Writer writer = Files.newBufferedWriter(file)) {
			all.store(writer, null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String url(Database database, Server server) {
		return database.url().replace("jdbc:h2:mem:", "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:");
	}

	/**
	 * Who prints values all the same.
	 */
	private enum Leak {

		/**
		 * HikariCP logs the user name, at DEBUG as part of its configuration, and H2's
		 * connections with theirs.
		 */
		USER_NAME_OF_POOL((find) -> find.line().contains("com.zaxxer.hikari")
				&& (find.name().startsWith(USER) || find.where().contains("pool"))),

		/**
		 * The Actuator shows the credentials of AWS where they are environment variables,
		 * unless they are declared.
		 */
		CREDENTIALS_OF_AWS((find) -> find.where().contains("/actuator/env")
				&& (find.name().equals(ACCESS_KEY) || find.name().equals(SESSION_TOKEN))),

		/**
		 * The JDK logs the headers of requests, at DEBUG as SLF4J has it.
		 */
		SESSION_TOKEN_IN_HEADER(
				(find) -> find.name().equals(SESSION_TOKEN) && find.line().contains("http.HttpURLConnection")),

		/**
		 * The clients of the AWS SDK log what they sign, at DEBUG.
		 */
		SESSION_TOKEN_SIGNED_BY_SDK((find) -> find.name().equals(SESSION_TOKEN) && find.where().startsWith("sdk")
				&& find.line().startsWith("x-amz-security-token:")),

		/**
		 * Spring tries whether a text is a constant of the type that it shall be, at
		 * TRACE.
		 */
		TRIED_AS_CONSTANT((find) -> find.where().contains("value-DurationValue")
				&& (find.line().contains("TypeConverterDelegate") || find.line().contains("NoSuchFieldException"))),

		/**
		 * The Actuator shows a text with a copy of a value that the secret had before.
		 */
		COPY_OF_EARLIER_VALUE((find) -> find.where().contains("/actuator/env") && find.name().equals("API_KEY 1")
				&& find.line().contains("Bearer ")),

		/**
		 * Spring's sources of properties print all of them, where their logger is at
		 * DEBUG.
		 */
		PRINTED_SOURCE_OF_PROPERTIES(
				(find) -> find.where().contains(", sources at") && (find.name().startsWith("INJECTED")
						|| find.name().contains("_INJECTED") || find.name().equals(ACCESS_KEY)
						|| find.name().equals(SESSION_TOKEN) || find.name().equals("API_KEY 1"))),

		/**
		 * Spring Boot reports what it cannot bind to itself, before there are beans.
		 */
		BOUND_TO_SPRING_APPLICATION((find) -> find.where().contains("application-banner")),

		/**
		 * The environment fails with what it cannot convert.
		 */
		CONVERTED_BY_ENVIRONMENT((find) -> find.where().contains("value-LookUp") || find.where().contains("bean-port")),

		/**
		 * The environment fails with a value that has a placeholder without a value.
		 */
		UNRESOLVABLE_IN_ENVIRONMENT((find) -> find.where().contains("value-PlaceholderLookUp")),

		/**
		 * Who gets a secret as a text can fail with it: as the name of a driver, of a
		 * host, of a file.
		 */
		USED_AS_NAME((find) -> find.where().contains("bean-driver"));

		@SuppressWarnings("ImmutableEnumChecker")
		private final Predicate<Find> finds;

		Leak(Predicate<Find> finds) {
			this.finds = finds;
		}

		boolean is(Find find) {
			return this.finds.test(find);
		}

	}

	/**
	 * An application's life, with a store and a database that it uses.
	 */
	private static final class Life {

		private static final Map<String, UnaryOperator<String>> SHAPES = shapes();

		private static final List<String> MEMBERS = List.of("USERNAME", "ENGINE", "HOST", "TOKEN", "NOTE");

		private static final List<String> INJECTED = List.of("INJECTED", "INJECTED_LINES", "INJECTED_QUOTED",
				"INJECTED_NUMBER", "INJECTED_JSON", "CANARY_FIXED_MAP_INJECTED");

		private final String name;

		private final String id = UUID.randomUUID().toString();

		private final LocalStack aws;

		private final List<String> options;

		// With those that were.
		private final Map<String, String> values = new LinkedHashMap<>();

		private final Map<String, String> current = new LinkedHashMap<>();

		private final Map<String, String> valueFroms = new LinkedHashMap<>();

		Life(String name, LocalStack aws, List<String> options) {
			this.name = name;
			this.aws = aws;
			this.options = options;
		}

		private static Map<String, UnaryOperator<String>> shapes() {
			Map<String, UnaryOperator<String>> shapes = new LinkedHashMap<>();
			shapes.put("PLAIN", (letters) -> letters);
			shapes.put("LETTERS", (letters) -> letters.replaceAll("[0-9]", "x"));
			shapes.put("LONG", (letters) -> (letters + "-").repeat(180));
			shapes.put("QUOTED", (letters) -> "\"quoted\" '" + letters + "'");
			shapes.put("BACKSLASHES", (letters) -> "C:\\" + letters + "\\\\n");
			shapes.put("UNICODE", (letters) -> "ü\u00a0\uD83C\uDFEE" + letters + "浜");
			shapes.put("KANJI",
					(letters) -> letters.chars()
						.mapToObj((letter) -> String.valueOf((char) (0x4e00 + letter)))
						.reduce("", String::concat));
			shapes.put("PERCENT", (letters) -> "%" + letters + "%41%");
			shapes.put("QUERY", (letters) -> "a=" + letters + "&b=+ ?#");
			shapes.put("LINES", (letters) -> "-----BEGIN KEY-----\n" + letters + "\n" + letters.substring(1)
					+ "\r\n-----END KEY-----\n");
			shapes.put("NUMBER", Canaries::digits);
			shapes.put("FRACTION", (letters) -> "0." + Canaries.digits(letters));
			shapes.put("BLANKS", (letters) -> " " + letters + "\t ");
			shapes.put("URL", (letters) -> "https://user:" + letters + "@example.com/?q=" + letters);
			shapes.put("DOLLARS", (letters) -> "$" + letters + "$1");
			shapes.put("PAIRS", (letters) -> "user=app;password=" + letters);
			shapes.put("DOCUMENT", (letters) -> "{\"password\": \"" + letters + "\"}");
			shapes.put("MARKUP", (letters) -> "<b>" + letters + "&amp;</b>");
			shapes.put("COMMAS", (letters) -> letters + ",2" + letters);
			shapes.put("COLONS", (letters) -> "key:" + letters + ":x");
			shapes.put("HASH", (letters) -> "# " + letters + " ! =");
			shapes.put("UNRESOLVABLE", (letters) -> letters + "${absent.property}");
			shapes.put("CANARY_FIXED_MAP_FETCHED", (letters) -> letters);
			shapes.put("API_KEY", (letters) -> "sk_live_" + letters);
			shapes.put("UPPER", (letters) -> letters.toUpperCase(Locale.ROOT));
			shapes.put("DB_PASSWORD", (letters) -> letters + "'%");
			return shapes;
		}

		Map<String, byte[]> live(Path folder) {
			Path configuration = make(folder).resolve("application.properties");
			try (Database database = new Database()) {
				Server server = Server.createTcpServer("-tcpPort", "0").start();
				try {
					return live(folder, configuration, database, server);
				}
				finally {
					server.stop();
				}
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private Map<String, byte[]> live(Path folder, Path configuration, Database database, Server server)
				throws SQLException {
			rotate(1);
			database.createUser(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			store(configuration, properties(url(database, server)));
			Map<String, String> variables = new LinkedHashMap<>(this.aws.environment());
			// The file that LocalStack names exists, and would have the SDK asked.
			variables.put("AWS_CONFIG_FILE", folder.resolve("absent").toString());
			variables.put("AWS_SHARED_CREDENTIALS_FILE", folder.resolve("absent").toString());
			variables.put(ACCESS_KEY, Canaries.letters(this.id + ACCESS_KEY));
			variables.put(SESSION_TOKEN, Canaries.letters(this.id + SESSION_TOKEN));
			this.values.put(ACCESS_KEY, variables.get(ACCESS_KEY));
			this.values.put(SESSION_TOKEN, variables.get(SESSION_TOKEN));
			for (String injected : INJECTED) {
				variables.put(injected, this.current.get(injected));
			}
			try (CanaryProcess application = new CanaryProcess(folder, CanaryApplication.class, variables, this.options,
					List.of("--spring.config.location=file:" + configuration))) {
				application.awaitOutput("Tomcat started on port", 0);
				live(application, database);
				application.awaitEnd();
				Map<String, byte[]> written = new LinkedHashMap<>();
				application.written().forEach((where, text) -> written.put(this.name + " " + where, text));
				return written;
			}
		}

		private void live(CanaryProcess application, Database database) throws SQLException {
			for (String encoding : Canaries.ENCODINGS.keySet()) {
				application.ask("POST", "/plant?encoding=" + URLEncoder.encode(encoding, StandardCharsets.UTF_8));
			}
			for (String name : this.valueFroms.keySet()) {
				application.ask("GET", "/look-up?name=" + name);
			}
			assertThat(application.ask("GET", "/user")).isEqualTo("logged in true");
			askAll(application, false);
			refreshByInterval(application, database);
			refreshByRequest(application, database);
			failToRefresh(application);
			refreshContext(application, database);
			rotatePassword(application, database);
			application.ask("GET", "/fail");
			application.ask("POST", "/print-sources");
			application.dumpThreads();
			askAll(application, true);
			application.ask("POST", "/actuator/shutdown");
		}

		private void refreshByInterval(CanaryProcess application, Database database) throws SQLException {
			int before = application.count("Secrets have changed");
			rotate(2);
			database.changePassword(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			application.awaitOutput("Secrets have changed", before);
		}

		private void refreshByRequest(CanaryProcess application, Database database) throws SQLException {
			rotate(3);
			database.changePassword(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			assertThat(application.ask("POST", "/refresh")).startsWith("[");
		}

		private void failToRefresh(CanaryProcess application) {
			int before = application.count("Secrets keep the values that they have");
			this.aws.ssm().deleteParameter((request) -> request.name(this.valueFroms.get("PLAIN")));
			assertThat(application.ask("POST", "/refresh")).startsWith("failed: ");
			application.awaitOutput("Secrets keep the values that they have", before);
			assertThat(application.ask("POST", "/actuator/refresh")).contains("\"status\":500");
			assertThat(application.ask("POST", "/actuator/ecssecrets")).contains("\"reason\":\"not found\"");
			assertThat(application.ask("GET", "/actuator/ecssecrets")).contains("\"successful\":false");
			application.ask("GET", "/actuator/health/ecsSecrets");
			this.aws.putParameter(this.valueFroms.get("PLAIN"), this.current.get("PLAIN"));
			application.awaitOutput("Secrets can be refreshed again", 0);
		}

		private void refreshContext(CanaryProcess application, Database database) throws SQLException {
			rotate(4);
			database.changePassword(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			application.ask("POST", "/actuator/refresh");
		}

		/**
		 * The second log-in is refused first, the third one as often as it is tried.
		 */
		private void rotatePassword(CanaryProcess application, Database database) throws SQLException {
			rotate(5);
			database.changePassword(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			application.ask("POST", "/evict");
			awaitLogIn(application);
			database.changePassword(this.current.get(USER), "another");
			// A log-in that was under way may join the pool after the eviction.
			await().atMost(Duration.ofSeconds(30)).until(() -> {
				application.ask("POST", "/evict");
				return application.ask("GET", "/user").startsWith("failed: ");
			});
			database.changePassword(this.current.get(USER), sql(this.current.get("DB_PASSWORD")));
			awaitLogIn(application);
		}

		/**
		 * A pool that was refused tries again later and later.
		 */
		private static void awaitLogIn(CanaryProcess application) {
			await().atMost(Duration.ofSeconds(30))
				.until(() -> application.ask("GET", "/user").equals("logged in true"));
		}

		private static String sql(String text) {
			return text.replace("'", "''");
		}

		/**
		 * Asks every endpoint but that for the heap.
		 */
		private void askAll(CanaryProcess application, boolean change) {
			JsonNode links = new JsonMapper().readTree(application.ask("GET", "/actuator")).path("_links");
			for (Map.Entry<String, JsonNode> link : links.properties()) {
				String path = link.getValue().path("href").stringValue().replaceAll("http://[^/]*", "");
				switch (link.getKey()) {
					case "heapdump" -> {
					}
					case "env-toMatch" -> {
						for (String name : this.values.keySet()) {
							application.ask("GET", "/actuator/env/" + name.replaceAll(" .*", ""));
						}
						for (String name : List.of("canary.text", "canary.again", "canary.mutable.url",
								"canary.fixed.list", "spring.datasource.password", "canary.beside")) {
							application.ask("GET", "/actuator/env/" + name);
						}
					}
					case "configprops-prefix" -> {
						application.ask("GET", "/actuator/configprops/canary");
						application.ask("GET", "/actuator/configprops/spring.datasource");
					}
					case "metrics-requiredMetricName" -> {
						JsonNode names = new JsonMapper().readTree(application.ask("GET", "/actuator/metrics"));
						names.path("names")
							.forEach((name) -> application.ask("GET", "/actuator/metrics/" + name.stringValue()));
					}
					case "loggers-name" -> {
						application.ask("GET", "/actuator/loggers/dev.ecssecrets");
						application.ask("POST", "/actuator/loggers/dev.ecssecrets", "{\"configuredLevel\":\"TRACE\"}");
					}
					case "ecssecrets-document" -> List.of("policy", "policy?decrypt=true", "PLAIN")
						.forEach((document) -> application.ask("GET", "/actuator/ecssecrets/" + document));
					case "health-path" -> List.of("db", "ping", "refreshScope", "ecsSecrets")
						.forEach((name) -> application.ask("GET", "/actuator/health/" + name));
					default -> {
						if (!path.contains("{")) {
							application.ask("GET", path);
						}
					}
				}
			}
			if (change) {
				application.ask("POST", "/actuator/env", "{\"name\":\"canary.set\",\"value\":\"${PLAIN}\"}");
				application.ask("GET", "/actuator/env/canary.set");
				application.ask("DELETE", "/actuator/env");
				application.ask("DELETE", "/actuator/caches");
				application.ask("POST", "/actuator/startup");
				application.ask("POST", "/actuator/ecssecrets");
			}
		}

		/**
		 * Gives each fetched secret another value, which no other one has had.
		 */
		private void rotate(int generation) {
			SHAPES.forEach((secret, shape) -> {
				put(secret, generation, shape);
				String name = "/" + this.id + "/" + secret;
				this.aws.putParameter(name, this.current.get(secret));
				this.valueFroms.put(secret, name);
			});
			Map<String, String> members = new LinkedHashMap<>();
			for (String member : MEMBERS) {
				put(member, generation, (letters) -> "\\" + letters + "\"");
				members.put(member, this.current.get(member));
			}
			String json = new JsonMapper().writeValueAsString(members);
			String arn = this.aws.putSecret(this.id, json);
			MEMBERS.forEach((member) -> this.valueFroms.put(member, arn + ":" + member + "::"));
			this.valueFroms.put("WHOLE", arn);
			put("TEXT", generation, (letters) -> letters);
			this.valueFroms.put("TEXT", this.aws.putSecret(this.id + "-text", this.current.get("TEXT")));
			if (generation == 1) {
				put(USER, generation, (letters) -> letters.toUpperCase(Locale.ROOT));
				this.valueFroms.put(USER, this.aws.putSecret(this.id + "-user", this.current.get(USER)));
				put("INJECTED", generation, (letters) -> letters);
				put("INJECTED_LINES", generation, SHAPES.get("LINES"));
				put("INJECTED_QUOTED", generation, SHAPES.get("QUOTED"));
				put("INJECTED_NUMBER", generation, SHAPES.get("NUMBER"));
				put("INJECTED_JSON", generation, SHAPES.get("DOCUMENT"));
				put("CANARY_FIXED_MAP_INJECTED", generation, SHAPES.get("QUERY"));
				INJECTED.forEach((injected) -> this.valueFroms.put(injected, "/" + this.id + "/absent"));
			}
		}

		private void put(String secret, int generation, UnaryOperator<String> shape) {
			String value = shape.apply(Canaries.letters(this.id + secret + generation));
			this.values.put(secret + " " + generation, value);
			this.current.put(secret, value);
		}

		private Map<String, String> properties(String url) {
			Map<String, String> properties = new LinkedHashMap<>();
			this.valueFroms.forEach((name, valueFrom) -> {
				String key = "ecs-secrets.secrets[" + properties.size() / 2 + "].";
				properties.put(key + "name", name);
				properties.put(key + "value-from", valueFrom);
			});
			properties.putAll(Map.of("ecs-secrets.refresh.interval", "1s", "ecs-secrets.refresh.min-interval", "0",
					"ecs-secrets.refresh.refresh-scope", "true"));
			properties.putAll(Map.of("logging.level.root", "TRACE", "logging.file.name", "application.log",
					"logging.logback.rollingpolicy.max-file-size", "1GB", "server.port", "0", "spring.jmx.enabled",
					"true"));
			properties.putAll(Map.of("server.error.include-message", "always", "server.error.include-stacktrace",
					"always", "server.error.include-binding-errors", "always", "spring.web.error.include-message",
					"always", "spring.web.error.include-stacktrace", "always",
					"spring.web.error.include-binding-errors", "always", "spring.mvc.log-request-details", "true"));
			properties.putAll(Map.of("management.endpoints.web.exposure.include", "*",
					"management.endpoints.jmx.exposure.include", "*", "management.endpoints.access.default",
					"unrestricted", "management.endpoint.env.show-values", "always",
					"management.endpoint.configprops.show-values", "always", "management.endpoint.quartz.show-values",
					"always", "management.endpoint.health.show-details", "always",
					"management.endpoint.health.show-components", "always", "management.endpoint.env.post.enabled",
					"true", "management.info.env.enabled", "true"));
			properties.putAll(Map.of("spring.datasource.url", url, "spring.datasource.username", "${DB_USER}",
					"spring.datasource.password", "${DB_PASSWORD}", "spring.datasource.hikari.maximum-pool-size", "2",
					"spring.datasource.hikari.register-mbeans", "true", "spring.datasource.hikari.connection-timeout",
					"2000"));
			properties.putAll(Map.of("canary.fixed.token", "${PLAIN}", "canary.fixed.list", "${COMMAS}",
					"canary.mutable.token", "${PLAIN}", "canary.mutable.url", "jdbc:x://app:${DB_PASSWORD}@db/x",
					"canary.text", "user ${USERNAME} and ${INJECTED}", "canary.again", "again ${canary.text}",
					"canary.beside", "Bearer " + this.current.get("API_KEY"), "info.app.note", "none"));
			return properties;
		}

	}

	/**
	 * Starts that fail.
	 */
	private static final class Failures {

		private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

		private final Map<String, String> values = new LinkedHashMap<>();

		Map<String, byte[]> start(Path folder) {
			make(folder);
			try (Database database = new Database()) {
				Server server = Server.createTcpServer("-tcpPort", "0").start();
				try {
					return start(folder, url(database, server));
				}
				finally {
					server.stop();
				}
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private Map<String, byte[]> start(Path folder, String url) {
			put("TOKEN", (letters) -> letters);
			put("INJECTED_TOKEN", (letters) -> letters);
			put("NUMBER", Canaries::digits);
			put("PLACEHOLDER", (letters) -> "before " + letters + "${absent.property} after");
			put("EXPRESSION", (letters) -> letters + "#{" + letters + "}");
			put("CIPHER", (letters) -> "{cipher}" + letters);
			put("BROKEN", (letters) -> letters);
			put("NUL", (letters) -> letters + "\u0000" + letters);
			put("JSON", (letters) -> "{\"key\":\"" + letters + "\"}");
			Map<String, Map<String, String>> starts = new LinkedHashMap<>();
			reasons(starts);
			conversions(folder, url, starts);
			starts.forEach((name, properties) -> store(folder.resolve(name + ".properties"), properties));
			write(folder.resolve("logback.xml"), """
					<configuration>
					  <contextListener class="ch.qos.logback.classic.jul.LevelChangePropagator"/>
					  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
					    <encoder><pattern>%level %logger : %msg%n</pattern></encoder>
					  </appender>
					  <root level="TRACE"><appender-ref ref="console"/></root>
					</configuration>
					""");
			try (CanaryProcess process = new CanaryProcess(folder, CanaryFailures.class,
					Map.of("INJECTED_TOKEN", this.values.get("INJECTED_TOKEN"), "AWS_ACCESS_KEY_ID", "id", ACCESS_KEY,
							"key", "AWS_EC2_METADATA_DISABLED", "true", "AWS_CONFIG_FILE", "absent",
							"AWS_SHARED_CREDENTIALS_FILE", "absent"),
					List.of("-Dorg.springframework.boot.logging.LoggingSystem=none",
							"-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
							"-Dh2.delayWrongPasswordMin=0", "-Dh2.delayWrongPasswordMax=0"),
					List.of(folder.toString()))) {
				process.awaitEnd();
				Map<String, byte[]> written = new LinkedHashMap<>();
				process.written().forEach((where, text) -> written.put("failures " + where, text));
				return written;
			}
		}

		private void put(String name, UnaryOperator<String> shape) {
			this.values.put(name, shape.apply(Canaries.letters("failures" + name)));
		}

		private static void write(Path file, String text) {
			try {
				Files.writeString(file, text);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private void reasons(Map<String, Map<String, String>> starts) {
			Map<String, ResponseDefinitionBuilder> answers = new LinkedHashMap<>();
			for (String code : List.of("AccessDeniedException", "DecryptionFailure", "ResourceNotFoundException",
					"ThrottlingException", "InvalidSignatureException", "UnrecognizedClientException",
					"InvalidRequestException")) {
				answers.put(code, jsonResponse("{\"__type\":\"" + code + "\",\"message\":\"no\"}", 400));
			}
			answers.put("version",
					jsonResponse("{\"__type\":\"ResourceNotFoundException\",\"message\":\"staging label\"}", 400));
			answers.put("deleted",
					jsonResponse("{\"__type\":\"InvalidRequestException\",\"message\":\"marked for deletion\"}", 400));
			answers.put("broken", aResponse().withBody("{\"SecretString\":\"" + this.values.get("BROKEN")));
			answers.put("garbage", aResponse().withBody(this.values.get("BROKEN")));
			answers.put("array", aResponse().withBody("[\"" + this.values.get("BROKEN") + "\"]"));
			answers.put("object", aResponse().withBody("{\"SecretString\":{\"" + this.values.get("BROKEN") + "\":1}}"));
			answers.put("failing", aResponse().withStatus(503).withBody(this.values.get("BROKEN")));
			answers.put("late", aResponse().withFixedDelay(5_000).withBody(this.values.get("BROKEN")));
			answers.put("reset", aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE));
			answers.put("nul", secret("NUL"));
			answers.put("text:key::", secret("TOKEN"));
			answers.put("json:absent::", secret("JSON"));
			Map<String, String> properties = new LinkedHashMap<>();
			answers.forEach((id, answer) -> {
				stub.stubFor(post(anyUrl()).withRequestBody(containing(":secret:" + id.replaceAll(":.*", "") + "\""))
					.willReturn(answer));
				declare(properties, "S" + properties.size(), SECRET + id);
			});
			declare(properties, "NOWHERE", "parameter");
			declare(properties, "UNPARSABLE", SECRET + "x:y");
			declare(properties, "NO_VALUE_FROM", "");
			declare(properties, "SPRING_PROFILES_ACTIVE", SECRET + "json");
			properties.put("ecs-secrets.aws.endpoint", stub.baseUrl());
			properties.put("ecs-secrets.aws.regoin", "misspelt");
			properties.put("ecs-secrets.timeout", "2s");
			properties.put(CanaryFailures.APPLICATION, CanaryFailures.Nothing.class.getName());
			starts.put("reasons-direct", properties);
			Map<String, String> bySdk = new LinkedHashMap<>(properties);
			bySdk.put(CanaryFailures.SDK, "true");
			starts.put("reasons-sdk", bySdk);
		}

		private ResponseDefinitionBuilder secret(String name) {
			return jsonResponse(new JsonMapper().writeValueAsString(Map.of("SecretString", this.values.get(name))),
					200);
		}

		private static void declare(Map<String, String> properties, String name, String valueFrom) {
			long index = properties.keySet().stream().filter((key) -> key.endsWith("].name")).count();
			properties.put("ecs-secrets.secrets[" + index + "].name", name);
			properties.put("ecs-secrets.secrets[" + index + "].value-from", valueFrom);
		}

		private void conversions(Path folder, String url, Map<String, Map<String, String>> starts) {
			Path file = folder.resolve("secrets.json");
			write(file, new JsonMapper().writeValueAsString(Map.of("parameters", this.values)));
			write(folder.resolve("broken.json"), "{ \"parameters\": { \"TOKEN\": " + this.values.get("BROKEN"));
			write(folder.resolve("task.json"), "{ \"containerDefinitions\": \"" + this.values.get("BROKEN") + "\"");
			for (String type : List.of("number", "duration", "size", "constant", "list", "map.key", "type", "address",
					"inner.number")) {
				starts.put("record-" + type, of(file, CanaryFailures.Bound.class, "canary.types." + type, "${TOKEN}"));
			}
			starts.put("record-digits", of(file, CanaryFailures.Bound.class, "canary.types.number", "${NUMBER}"));
			starts.put("record-injected",
					of(file, CanaryFailures.Bound.class, "canary.types.number", "${INJECTED_TOKEN}"));
			starts.put("record-text", of(file, CanaryFailures.Bound.class, "canary.types.number", "no ${TOKEN}"));
			starts.put("record-placeholder",
					of(file, CanaryFailures.Bound.class, "canary.types.text", "${PLACEHOLDER}"));
			Map<String, String> named = of(file, CanaryFailures.Bound.class, "ecs-secrets.secrets[0].name",
					"CANARY_TYPES_NUMBER");
			starts.put("record-named", named);
			starts.put("bean", of(file, CanaryFailures.MutableBound.class, "canary.mutable.number", "${TOKEN}"));
			starts.put("bean-pool-size",
					of(file, CanaryFailures.Pool.class, "spring.datasource.hikari.maximum-pool-size", "${TOKEN}"));
			starts.put("bean-driver",
					of(file, CanaryFailures.Pool.class, "spring.datasource.driver-class-name", "${TOKEN}"));
			starts.put("bean-url", of(file, CanaryFailures.Pool.class, "spring.datasource.url", "${TOKEN}"));
			starts.put("bean-port", of(file, CanaryFailures.Web.class, "server.port", "${TOKEN}"));
			starts.put("application-banner",
					of(file, CanaryFailures.Nothing.class, "spring.main.banner-mode", "${TOKEN}"));
			for (Class<?> application : List.of(CanaryFailures.IntValue.class, CanaryFailures.IntField.class,
					CanaryFailures.DurationValue.class, CanaryFailures.ListValue.class, CanaryFailures.LookUp.class,
					CanaryFailures.PlaceholderValue.class, CanaryFailures.PlaceholderLookUp.class,
					CanaryFailures.ExpressionValue.class, CanaryFailures.ValueInExpression.class,
					CanaryFailures.Throwing.class)) {
				starts.put("value-" + application.getSimpleName(), of(file, application, "canary.nothing", "x"));
			}
			Map<String, String> cipher = of(file, CanaryFailures.Nothing.class, "canary.nothing", "x");
			declare(cipher, "CIPHER", "CIPHER");
			starts.put("cipher", cipher);
			Map<String, String> pool = of(file, CanaryFailures.Pool.class, "spring.datasource.url", url);
			pool.put("spring.datasource.username", "${NUMBER}");
			pool.put("spring.datasource.password", "${TOKEN}");
			pool.put("spring.datasource.hikari.connection-timeout", "500");
			starts.put("pool", pool);
			starts.put("file-broken",
					of(folder.resolve("broken.json"), CanaryFailures.Nothing.class, "canary.nothing", "x"));
			starts.put("task-definition-broken", of(file, CanaryFailures.Nothing.class, "ecs-secrets.task-definition",
					folder.resolve("task.json").toString()));
			Map<String, String> endpoint = of(file, CanaryFailures.Nothing.class, "ecs-secrets.store", "aws");
			endpoint.put("ecs-secrets.aws.region", "eu-west-1");
			endpoint.put("ecs-secrets.aws.endpoint", "localhost:1");
			starts.put("endpoint", endpoint);
		}

		private static Map<String, String> of(Path file, Class<?> application, String key, String value) {
			Map<String, String> properties = new LinkedHashMap<>();
			for (String name : List.of("TOKEN", "INJECTED_TOKEN", "NUMBER", "PLACEHOLDER", "EXPRESSION")) {
				declare(properties, name, name);
			}
			properties.put("ecs-secrets.store", "file");
			properties.put("ecs-secrets.file.location", file.toString());
			properties.put("ecs-secrets.refresh.interval", "1h");
			properties.put(CanaryFailures.APPLICATION, application.getName());
			properties.put(key, value);
			return properties;
		}

	}

}
