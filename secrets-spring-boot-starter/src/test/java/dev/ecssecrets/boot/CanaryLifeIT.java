// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.ecssecrets.boot.Canaries.Find;
import dev.ecssecrets.localstack.LocalStack;
import org.h2.tools.Server;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications that log all there is to log, use, rotate and lose secrets, and are asked
 * everything. Each byte that they write is searched for the values of their secrets.
 */
class CanaryLifeIT {

	private static final String PLANTED = "PLANTED";

	@Nested
	class Direct extends Life {

		Direct() {
			super(List.of());
		}

		@Test
		void clientsOfSdkAreNotUsed() {
			assertThat(isWritten("stdout.log", "software.amazon.awssdk.request")).isFalse();
		}

	}

	@Nested
	class Sdk extends Life {

		Sdk() {
			super(List.of("-Daws.region=" + LocalStack.get().region()));
		}

		@Test
		void clientsOfSdkAreUsed() {
			assertThat(isWritten("stdout.log", "software.amazon.awssdk.request")).isTrue();
		}

		@Test
		void sdkPrintsTokenThatItSigns() {
			assertThat(finds()).anyMatch(Leak.SESSION_TOKEN_SIGNED_BY_SDK::is);
		}

	}

	@TestInstance(Lifecycle.PER_CLASS)
	abstract static class Life {

		private final List<String> options;

		private final CanarySecrets secrets = new CanarySecrets(LocalStack.get());

		private final Map<String, byte[]> written = new LinkedHashMap<>();

		private final List<Find> finds = new ArrayList<>();

		private final Set<String> places = new HashSet<>();

		Life(List<String> options) {
			this.options = options;
		}

		@BeforeAll
		void live(@TempDir Path folder) throws SQLException, IOException {
			try (Database database = new Database()) {
				Server server = Server.createTcpServer("-tcpPort", "0").start();
				try {
					live(folder, database, server.getPort());
				}
				finally {
					server.stop();
				}
			}
			Canaries canaries = new Canaries();
			canaries.add(PLANTED, CanaryApplication.PLANTED);
			this.secrets.all().forEach(canaries::add);
			this.written.forEach((where, text) -> Canaries.parts(where, text).forEach((part, partOfText) -> {
				this.finds.addAll(canaries.find(part, partOfText));
				this.places.add(Scenario.place(part));
			}));
		}

		private void live(Path folder, Database database, int port) throws SQLException, IOException {
			database.createUser(this.secrets.value(CanarySecrets.USER), password());
			Path configuration = folder.resolve("application.properties");
			Properties properties = new Properties();
			properties.putAll(
					properties(database.url().replace("jdbc:h2:mem:", "jdbc:h2:tcp://127.0.0.1:" + port + "/mem:")));
			try (Writer writer = Files.newBufferedWriter(configuration)) {
				properties.store(writer, null);
			}
			Map<String, String> variables = this.secrets.variables();
			// The file that LocalStack names exists, and would have the SDK asked.
			variables.put("AWS_CONFIG_FILE", folder.resolve("absent").toString());
			variables.put("AWS_SHARED_CREDENTIALS_FILE", folder.resolve("absent").toString());
			try (CanaryProcess application = new CanaryProcess(folder, CanaryApplication.class, variables, this.options,
					List.of("--spring.config.location=file:" + configuration))) {
				application.awaitOutput("Tomcat started on port", 0);
				new Steps(application, database, this.secrets).walk();
				application.awaitEnd();
				this.written.putAll(application.written());
			}
		}

		private String password() {
			return Steps.sql(this.secrets.value(CanarySecrets.PASSWORD));
		}

		List<Find> finds() {
			return this.finds;
		}

		/**
		 * Of an assertion on the text itself the message would be as long.
		 */
		boolean isWritten(String where, String text) {
			return new String(this.written.get(where), StandardCharsets.UTF_8).contains(text);
		}

		static Stream<String> places() {
			return Scenario.places();
		}

		@ParameterizedTest(name = "value in {0}")
		@MethodSource("places")
		void nothingIsPrintedButWhatIsKnown(String place) {
			assertThat(this.places).contains(place);
			assertThat(unknown().filter((find) -> Scenario.place(find.where()).equals(place))).as("value in %s", place)
				.isEmpty();
		}

		@Test
		void nothingIsPrintedElsewhere() {
			assertThat(places()).containsAll(this.places);
		}

		/**
		 * Returns one find for each value and text that has it.
		 */
		private Stream<Find> unknown() {
			Map<String, Find> unknown = new LinkedHashMap<>();
			for (Find find : this.finds) {
				if (!find.name().equals(PLANTED) && Stream.of(Leak.values()).noneMatch((leak) -> leak.is(find))) {
					unknown.putIfAbsent(find.name() + " in " + find.where(), find);
				}
			}
			return unknown.values().stream();
		}

		/**
		 * What is closed one day has to be taken out, here and in {@code SECURITY.md}.
		 */
		@ParameterizedTest
		@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SESSION_TOKEN_SIGNED_BY_SDK")
		void othersStillPrint(Leak leak) {
			assertThat(this.finds).anyMatch(leak::is);
		}

		static Stream<String> encodings() {
			return Canaries.ENCODINGS.keySet().stream();
		}

		@ParameterizedTest
		@MethodSource("encodings")
		void plantedValueIsFoundInEveryEncoding(String encoding) {
			assertThat(this.finds).filteredOn((find) -> find.name().equals(PLANTED) && find.encoding().equals(encoding))
				.extracting((find) -> find.where().replaceAll("^\\d+ |,.*", ""))
				.contains("stdout.log", "application.log", "GET /actuator/logfile");
		}

		@ParameterizedTest
		@ValueSource(strings = { "Secrets are bound: true", " TRACE ", "s.n.www.protocol.http.HttpURLConnection",
				"com.zaxxer.hikari", "o.s.c.e.PropertySourcesPropertyResolver", "Secrets have changed",
				"Secrets can be refreshed again", "Heard of " })
		void everythingIsLogged(String logged) {
			assertThat(isWritten("stdout.log", logged)).isTrue();
		}

		@Test
		void everythingIsAsked() {
			assertThat(isWritten("jcmd.log", "Full thread dump")).isTrue();
			assertThat(this.written.keySet()).extracting((where) -> where.replaceAll("^\\d+ |,.*", ""))
				.contains("GET /actuator/env", "GET /actuator/configprops", "GET /actuator/beans",
						"GET /actuator/conditions", "GET /actuator/httpexchanges", "GET /actuator/loggers",
						"GET /actuator/mappings", "GET /actuator/startup", "GET /actuator/threaddump",
						"GET /actuator/ecssecrets", "GET /actuator/ecssecrets/policy", "POST /actuator/ecssecrets",
						"GET /actuator/health/ecsSecrets", "GET /actuator/metrics/ecs.secrets.calls",
						"GET /actuator/health/db", "GET /actuator/scheduledtasks",
						"GET /actuator/metrics/jvm.memory.used");
		}

		private Map<String, String> properties(String url) {
			Map<String, String> properties = new LinkedHashMap<>();
			this.secrets.valueFroms().forEach((name, valueFrom) -> {
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
					"2000", "canary.fixed.live", "${PLAIN}"));
			properties.putAll(Map.of("canary.fixed.token", "${PLAIN}", "canary.fixed.list", "${COMMAS}",
					"canary.mutable.token", "${PLAIN}", "canary.mutable.url", "jdbc:x://app:${DB_PASSWORD}@db/x",
					"canary.text", "user ${USERNAME} and ${INJECTED}", "canary.again", "again ${canary.text}",
					"canary.beside", "Bearer " + this.secrets.value("API_KEY"), "info.app.note", "none"));
			return properties;
		}

	}

	/**
	 * What happens to a running application, one after the other.
	 */
	private static final class Steps {

		private final CanaryProcess application;

		private final Database database;

		private final CanarySecrets secrets;

		Steps(CanaryProcess application, Database database, CanarySecrets secrets) {
			this.application = application;
			this.database = database;
			this.secrets = secrets;
		}

		void walk() throws SQLException {
			begin(Scenario.USE);
			plant();
			begin(Scenario.QUESTIONS);
			askAll(false);
			begin(Scenario.REFRESH_BY_INTERVAL);
			refreshByInterval();
			begin(Scenario.REQUESTED_REFRESH);
			refreshByRequest();
			begin(Scenario.FAILED_REFRESH);
			failToRefresh();
			begin(Scenario.CONTEXT_REFRESH);
			refreshContext();
			begin(Scenario.ROTATED_PASSWORD);
			rotatePassword();
			begin(Scenario.FAILED_REQUEST);
			this.application.ask("GET", "/fail");
			begin(Scenario.SOURCES);
			this.application.ask("POST", "/print-sources");
			begin(Scenario.QUESTIONS_AFTERWARDS);
			this.application.dumpThreads();
			askAll(true);
			begin(Scenario.SHUTDOWN);
			this.application.ask("POST", "/actuator/shutdown");
		}

		private void begin(Scenario scenario) {
			this.application.begin(scenario.part());
		}

		private void plant() {
			for (String encoding : Canaries.ENCODINGS.keySet()) {
				this.application.ask("POST", "/plant?encoding=" + URLEncoder.encode(encoding, StandardCharsets.UTF_8));
			}
			for (String name : this.secrets.valueFroms().keySet()) {
				this.application.ask("GET", "/look-up?name=" + name);
			}
			assertThat(this.application.ask("GET", "/user")).isEqualTo("logged in true");
		}

		private void rotate() throws SQLException {
			this.secrets.rotate();
			changePassword(this.secrets.value(CanarySecrets.PASSWORD));
		}

		private void changePassword(String password) throws SQLException {
			this.database.changePassword(this.secrets.value(CanarySecrets.USER), sql(password));
		}

		static String sql(String text) {
			return text.replace("'", "''");
		}

		private void refreshByInterval() throws SQLException {
			int before = this.application.count("Secrets have changed");
			rotate();
			this.application.awaitOutput("Secrets have changed", before);
		}

		private void refreshByRequest() throws SQLException {
			rotate();
			assertThat(this.application.ask("POST", "/refresh")).startsWith("[");
		}

		private void failToRefresh() {
			String kept = "Secrets keep their values, because they could not be refreshed";
			int before = this.application.count(kept);
			this.secrets.delete("PLAIN");
			assertThat(this.application.ask("POST", "/refresh")).startsWith("failed: ");
			this.application.awaitOutput(kept, before);
			assertThat(this.application.ask("POST", "/actuator/refresh")).contains("\"status\":500");
			assertThat(this.application.ask("POST", "/actuator/ecssecrets")).contains("\"reason\":\"not found\"");
			assertThat(this.application.ask("GET", "/actuator/ecssecrets")).contains("\"successful\":false");
			this.application.ask("GET", "/actuator/health/ecsSecrets");
			this.secrets.restore("PLAIN");
			this.application.awaitOutput("Secrets can be refreshed again", 0);
		}

		private void refreshContext() throws SQLException {
			rotate();
			this.application.ask("POST", "/actuator/refresh");
		}

		/**
		 * The second login is refused first, the third one as often as it is tried.
		 */
		private void rotatePassword() throws SQLException {
			rotate();
			this.application.ask("POST", "/evict");
			awaitLogin();
			changePassword("another");
			// A login that was under way may join the pool after the eviction.
			await().atMost(Duration.ofSeconds(60)).until(() -> {
				this.application.ask("POST", "/evict");
				return this.application.ask("GET", "/user").startsWith("failed: ");
			});
			changePassword(this.secrets.value(CanarySecrets.PASSWORD));
			awaitLogin();
		}

		/**
		 * A pool that was refused tries again later and later.
		 */
		private void awaitLogin() {
			await().atMost(Duration.ofSeconds(60))
				.until(() -> this.application.ask("GET", "/user").equals("logged in true"));
		}

		/**
		 * Asks every endpoint but that for the heap.
		 */
		private void askAll(boolean change) {
			JsonNode links = new JsonMapper().readTree(this.application.ask("GET", "/actuator")).path("_links");
			for (Map.Entry<String, JsonNode> link : links.properties()) {
				String path = link.getValue().path("href").stringValue().replaceAll("http://[^/]*", "");
				paths(link.getKey(), path).forEach((each) -> this.application.ask("GET", each));
			}
			JsonNode metrics = new JsonMapper().readTree(this.application.ask("GET", "/actuator/metrics"));
			metrics.path("names")
				.forEach((name) -> this.application.ask("GET", "/actuator/metrics/" + name.stringValue()));
			if (change) {
				this.application.ask("POST", "/actuator/loggers/dev.ecssecrets", "{\"configuredLevel\":\"TRACE\"}");
				this.application.ask("POST", "/actuator/env", "{\"name\":\"canary.set\",\"value\":\"${PLAIN}\"}");
				this.application.ask("GET", "/actuator/env/canary.set");
				this.application.ask("DELETE", "/actuator/env");
				this.application.ask("DELETE", "/actuator/caches");
				this.application.ask("POST", "/actuator/startup");
				this.application.ask("POST", "/actuator/ecssecrets");
			}
		}

		private Stream<String> paths(String endpoint, String path) {
			Stream<String> names = switch (endpoint) {
				case "heapdump" -> Stream.empty();
				case "env-toMatch" ->
					Stream.concat(this.secrets.all().keySet().stream().map((name) -> name.replaceAll(" .*", "")),
							Stream.of("canary.text", "canary.again", "canary.mutable.url", "canary.fixed.list",
									"canary.fixed.live", "spring.datasource.password", "canary.beside"));
				case "configprops-prefix" -> Stream.of("canary", "spring.datasource");
				case "loggers-name" -> Stream.of("dev.ecssecrets");
				case "ecssecrets-document" -> Stream.of("policy", "policy?decrypt=true", "PLAIN");
				case "health-path" -> Stream.of("db", "ping", "refreshScope", "ecsSecrets");
				default -> path.contains("{") ? Stream.empty() : Stream.of("");
			};
			return names.distinct().map((name) -> path.replaceAll("\\{.*", "") + name);
		}

	}

	/**
	 * Parts of the life of an application, which divide what it writes.
	 */
	private enum Scenario {

		STARTUP("startup"),

		USE("a use of secrets"),

		QUESTIONS("questions to the Actuator"),

		REFRESH_BY_INTERVAL("a refresh by the interval"),

		REQUESTED_REFRESH("a requested refresh"),

		FAILED_REFRESH("a failed refresh"),

		CONTEXT_REFRESH("a context refresh"),

		ROTATED_PASSWORD("a rotated password"),

		FAILED_REQUEST("a failed request"),

		SOURCES("printed property sources"),

		QUESTIONS_AFTERWARDS("questions and changes after all others"),

		SHUTDOWN("shutdown");

		private final String text;

		Scenario(String text) {
			this.text = text;
		}

		String part() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

		/**
		 * Returns all that {@link #place} may return.
		 */
		static Stream<String> places() {
			Stream<String> wheres = Stream.of(values())
				.flatMap((scenario) -> Stream.of("stdout.log", "application.log", "GET /")
					.filter((where) -> scenario != STARTUP || where.endsWith(".log"))
					.map((where) -> where + ", " + scenario.part()));
			return Stream.concat(wheres, Stream.of("stderr.log", "jcmd.log")).map(Scenario::place);
		}

		/**
		 * Returns the name of a place for what {@link Canaries#parts} names.
		 */
		static String place(String where) {
			String[] parts = where.split(", ", -1);
			String scenario = Stream.of(values())
				.filter((each) -> parts.length > 1 && each.part().equals(parts[1]))
				.findFirst()
				.orElse(STARTUP).text;
			return switch (parts[0]) {
				case "stdout.log" -> "the log of " + scenario + " at TRACE";
				case "application.log" -> "the log file of " + scenario + " at TRACE";
				case "stderr.log" -> "standard error";
				case "jcmd.log" -> "the thread dump";
				default -> parts[0].endsWith(".log") ? parts[0] : "the answers during " + scenario;
			};
		}

	}

	/**
	 * What prints values all the same.
	 */
	private enum Leak {

		/**
		 * HikariCP logs the user name, at DEBUG as part of its configuration, and H2's
		 * connections with theirs.
		 */
		USER_NAME_OF_POOL(
				(find) -> find.line().contains("com.zaxxer.hikari") && find.name().startsWith(CanarySecrets.USER)),

		/**
		 * The Actuator shows the credentials of AWS where they are environment variables,
		 * unless they are declared.
		 */
		CREDENTIALS_OF_AWS((find) -> find.where().contains("/actuator/env")
				&& (find.name().equals(CanarySecrets.ACCESS_KEY) || find.name().equals(CanarySecrets.SESSION_TOKEN))),

		/**
		 * The JDK logs the headers of requests, at DEBUG as SLF4J has it.
		 */
		SESSION_TOKEN_IN_HEADER((find) -> find.name().equals(CanarySecrets.SESSION_TOKEN)
				&& find.line().contains("http.HttpURLConnection")),

		/**
		 * The clients of the AWS SDK log what they sign, at DEBUG.
		 */
		SESSION_TOKEN_SIGNED_BY_SDK((find) -> find.name().equals(CanarySecrets.SESSION_TOKEN)
				&& find.line().startsWith("x-amz-security-token:")),

		/**
		 * The Actuator shows a text with a copy of a value that the secret had before.
		 */
		COPY_OF_EARLIER_VALUE((find) -> find.where().contains("/actuator/env") && find.name().equals("API_KEY 1")
				&& find.line().contains("Bearer ")),

		/**
		 * Spring's sources of properties print all of them, where their logger is at
		 * DEBUG.
		 */
		PRINTED_SOURCE_OF_PROPERTIES((find) -> find.where().contains(", sources")
				&& (find.name().contains("INJECTED") || find.name().equals(CanarySecrets.ACCESS_KEY)
						|| find.name().equals(CanarySecrets.SESSION_TOKEN) || find.name().equals("API_KEY 1"))),

		/**
		 * The Actuator shows the elements of a list that is one secret.
		 */
		ELEMENT_OF_LIST((find) -> find.where().contains("/actuator/configprops") && find.name().startsWith("COMMAS")),

		/**
		 * The Actuator shows the value that a bean or a pool had first, once the secret
		 * has another one.
		 */
		REPLACED_VALUE((find) -> find.where().contains("/actuator/configprops")
				&& (find.name().equals("PLAIN 1") || find.name().equals("DB_PASSWORD 1")));

		@SuppressWarnings("ImmutableEnumChecker")
		private final Predicate<Find> finds;

		Leak(Predicate<Find> finds) {
			this.finds = finds;
		}

		boolean is(Find find) {
			return this.finds.test(find);
		}

	}

}
