// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.boot.Canaries.Find;
import org.h2.tools.Server;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that do not start, log all there is to log, and print the stack trace of
 * what the start throws. Each byte that they write is searched for the values of their
 * secrets.
 */
@TestInstance(Lifecycle.PER_CLASS)
class CanaryStartIT {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	@RegisterExtension
	static final WireMockExtension stub = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	private final Map<String, String> values = values();

	private final Map<String, byte[]> written = new LinkedHashMap<>();

	private final Map<String, List<Find>> finds = new TreeMap<>();

	private static Map<String, String> values() {
		Map<String, UnaryOperator<String>> shapes = new LinkedHashMap<>();
		shapes.put("TOKEN", (letters) -> letters);
		shapes.put("INJECTED_TOKEN", (letters) -> letters);
		shapes.put("NUMBER", Canaries::digits);
		shapes.put("PLACEHOLDER", (letters) -> "before " + letters + "${absent.property} after");
		shapes.put("EXPRESSION", (letters) -> letters + "#{" + letters + "}");
		shapes.put("CIPHER", (letters) -> "{cipher}" + letters);
		shapes.put("BROKEN", (letters) -> letters);
		shapes.put("NUL", (letters) -> letters + "\u0000" + letters);
		shapes.put("JSON", (letters) -> "{\"key\":\"" + letters + "\"}");
		Map<String, String> values = new LinkedHashMap<>();
		shapes.forEach((name, shape) -> values.put(name, shape.apply(Canaries.letters("start" + name))));
		return values;
	}

	@BeforeAll
	void start(@TempDir Path folder) throws SQLException {
		try (Database database = new Database()) {
			Server server = Server.createTcpServer("-tcpPort", "0").start();
			try {
				start(folder, database.url()
					.replace("jdbc:h2:mem:", "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:"));
			}
			finally {
				server.stop();
			}
		}
		Canaries canaries = new Canaries();
		this.values.forEach(canaries::add);
		this.written.forEach(
				(where, text) -> this.finds.computeIfAbsent(where.replaceAll(".*, ", ""), (start) -> new ArrayList<>())
					.addAll(canaries.find(where, text)));
	}

	private void start(Path folder, String url) {
		write(folder.resolve("secrets.json"), new JsonMapper().writeValueAsString(Map.of("parameters", this.values)));
		write(folder.resolve("broken.json"), "{ \"parameters\": { \"TOKEN\": " + this.values.get("BROKEN"));
		write(folder.resolve("task.json"), "{ \"containerDefinitions\": \"" + this.values.get("BROKEN") + "\"");
		write(folder.resolve("logback.xml"), """
				<configuration>
				  <contextListener class="ch.qos.logback.classic.jul.LevelChangePropagator"/>
				  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
				    <encoder><pattern>%level %logger : %msg%n</pattern></encoder>
				  </appender>
				  <root level="TRACE"><appender-ref ref="console"/></root>
				</configuration>
				""");
		for (Start start : Start.values()) {
			store(folder.resolve(start + ".properties"), properties(start, folder, url));
		}
		try (CanaryProcess process = new CanaryProcess(folder, CanaryFailures.class,
				Map.of("INJECTED_TOKEN", this.values.get("INJECTED_TOKEN"), "AWS_ACCESS_KEY_ID", "id",
						CanarySecrets.ACCESS_KEY, "key", "AWS_EC2_METADATA_DISABLED", "true", "AWS_CONFIG_FILE",
						"absent", "AWS_SHARED_CREDENTIALS_FILE", "absent"),
				List.of("-Dorg.springframework.boot.logging.LoggingSystem=none",
						"-Dlogback.configurationFile=" + folder.resolve("logback.xml"), "-Dh2.delayWrongPasswordMin=0",
						"-Dh2.delayWrongPasswordMax=0"),
				List.of(folder.toString()))) {
			process.awaitEnd();
			process.written().forEach((where, text) -> this.written.putAll(Canaries.parts(where, text)));
		}
	}

	static Stream<Arguments> logs() {
		return Stream.of(Start.values())
			.flatMap((start) -> Stream.of(
					Arguments.of(start, "stdout.log", "the log of the start " + start + " at TRACE"),
					Arguments.of(start, "stderr.log", "the exception that the start " + start + " throws")));
	}

	@ParameterizedTest(name = "value in {2}")
	@MethodSource("logs")
	void startPrintsNoValueButWhereItIsKnown(Start start, String log, String place) {
		assertThat(this.finds.get(start.toString())).filteredOn((find) -> find.where().startsWith(log))
			.filteredOn((find) -> start.leaks.stream().noneMatch((leak) -> leak.is(find)))
			.as("value in %s", place)
			.isEmpty();
	}

	static Stream<Arguments> leaks() {
		return Stream.of(Start.values())
			.flatMap((start) -> start.leaks.stream().map((leak) -> Arguments.of(start, leak)));
	}

	/**
	 * What is closed one day has to be taken out, here and in {@code SECURITY.md}.
	 */
	@ParameterizedTest(name = "{1} of the start {0}")
	@MethodSource("leaks")
	void startStillPrintsWhatIsKnown(Start start, Leak leak) {
		assertThat(this.finds.get(start.toString())).anyMatch(leak::is);
	}

	@ParameterizedTest
	@EnumSource
	void startWhenSpringDoesNotTakeTheValueAsItIsFails(Start start) {
		assertThat(isWritten("stdout.log, " + start,
				"=== " + start + ((start == Start.RECORD_PLACEHOLDER) ? " has started" : " has failed")))
			.isTrue();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NO_SDK")
	void everyReasonIsReported(Reason reason) {
		assertThat(Stream.of(Start.REASONS_DIRECT, Start.FILE_BROKEN, Start.TASK_DEFINITION_BROKEN, Start.ENDPOINT)
			.anyMatch((start) -> isWritten("stdout.log, " + start,
					"\n" + reason.toString().toUpperCase(Locale.ROOT) + "\n")))
			.isTrue();
	}

	@Test
	void outputOutsideOfStartsHasNoValue() {
		assertThat(this.finds.keySet()).containsAll(Stream.of(Start.values()).map(Start::toString).toList());
		assertThat(this.finds.get("stdout.log")).isEmpty();
		assertThat(this.finds.get("stderr.log")).isEmpty();
	}

	/**
	 * Of an assertion on the text itself the message would be as long.
	 */
	private boolean isWritten(String where, String text) {
		return new String(this.written.get(where), StandardCharsets.UTF_8).contains(text);
	}

	private static void write(Path file, String text) {
		try {
			Files.writeString(file, text);
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

	private Map<String, String> properties(Start start, Path folder, String url) {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put(CanaryFailures.APPLICATION, start.application.getName());
		if (start == Start.REASONS_DIRECT || start == Start.REASONS_SDK) {
			reasons(properties);
		}
		else {
			for (String name : List.of("TOKEN", "INJECTED_TOKEN", "NUMBER", "PLACEHOLDER", "EXPRESSION")) {
				declare(properties, name, name);
			}
			properties.put("ecs-secrets.store", "file");
			properties.put("ecs-secrets.file.location", folder.resolve("secrets.json").toString());
			properties.put("ecs-secrets.refresh.interval", "1h");
		}
		switch (start) {
			case REASONS_SDK -> properties.put(CanaryFailures.SDK, "true");
			case FILE_BROKEN -> properties.put("ecs-secrets.file.location", folder.resolve("broken.json").toString());
			case TASK_DEFINITION_BROKEN ->
				properties.put("ecs-secrets.task-definition", folder.resolve("task.json").toString());
			case CIPHER -> declare(properties, "CIPHER", "CIPHER");
			case POOL -> properties.put("spring.datasource.url", url);
			default -> {
			}
		}
		properties.putAll(start.properties);
		return properties;
	}

	private static void declare(Map<String, String> properties, String name, String valueFrom) {
		long index = properties.keySet().stream().filter((key) -> key.endsWith("].name")).count();
		properties.put("ecs-secrets.secrets[" + index + "].name", name);
		properties.put("ecs-secrets.secrets[" + index + "].value-from", valueFrom);
	}

	private void reasons(Map<String, String> properties) {
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
	}

	private ResponseDefinitionBuilder secret(String name) {
		return jsonResponse(new JsonMapper().writeValueAsString(Map.of("SecretString", this.values.get(name))), 200);
	}

	/**
	 * What prints values all the same.
	 */
	private enum Leak {

		/**
		 * Spring logs a failure before it throws it.
		 */
		WARNING((find) -> find.line().startsWith("WARN ")
				&& find.line().contains("Exception encountered during context initialization")),

		/**
		 * A caller prints the exception of the start.
		 */
		THROWN((find) -> find.where().startsWith("stderr.log")),

		/**
		 * Spring logs at TRACE that it looks for another factory method than one whose
		 * parameters have failed.
		 */
		IGNORED_FACTORY_METHOD(
				(find) -> find.line().startsWith("TRACE ") && find.line().contains("Ignoring factory method")),

		/**
		 * HikariCP logs the user name at DEBUG, as part of its configuration.
		 */
		USER_NAME_OF_POOL((find) -> find.line().startsWith("DEBUG com.zaxxer.hikari.HikariConfig : username")),

		/**
		 * Spring tries at TRACE whether a text is a constant of the type.
		 */
		TRIED_AS_CONSTANT((find) -> find.line().contains("TypeConverterDelegate")
				|| find.line().contains("NoSuchFieldException")),

		/**
		 * Spring Boot binds to itself, and reports that it cannot, before there are
		 * beans.
		 */
		ANALYSIS_BEFORE_BEANS((find) -> find.where().startsWith("stdout.log"));

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
	 * A start, and what prints its secrets.
	 */
	private enum Start {

		REASONS_DIRECT(CanaryFailures.Nothing.class, Map.of()),

		REASONS_SDK(CanaryFailures.Nothing.class, Map.of()),

		FILE_BROKEN(CanaryFailures.Nothing.class, Map.of()),

		TASK_DEFINITION_BROKEN(CanaryFailures.Nothing.class, Map.of()),

		ENDPOINT(CanaryFailures.Nothing.class,
				Map.of("ecs-secrets.store", "aws", "ecs-secrets.aws.region", "eu-west-1", "ecs-secrets.aws.endpoint",
						"localhost:1")),

		CIPHER(CanaryFailures.Nothing.class, Map.of()),

		RECORD_NUMBER("number", "${TOKEN}"),

		RECORD_DURATION("duration", "${TOKEN}"),

		RECORD_SIZE("size", "${TOKEN}"),

		RECORD_CONSTANT("constant", "${TOKEN}"),

		RECORD_LIST("list", "${TOKEN}"),

		RECORD_MAP("map.key", "${TOKEN}"),

		RECORD_TYPE("type", "${TOKEN}"),

		RECORD_ADDRESS("address", "${TOKEN}"),

		RECORD_INNER("inner.number", "${TOKEN}"),

		RECORD_DIGITS("number", "${NUMBER}"),

		RECORD_INJECTED("number", "${INJECTED_TOKEN}"),

		RECORD_TEXT("number", "no ${TOKEN}"),

		RECORD_PLACEHOLDER("text", "${PLACEHOLDER}"),

		RECORD_NAMED(CanaryFailures.Bound.class, Map.of("ecs-secrets.secrets[0].name", "CANARY_TYPES_NUMBER")),

		BEAN(CanaryFailures.MutableBound.class, Map.of("canary.mutable.number", "${TOKEN}")),

		BEAN_POOL_SIZE(CanaryFailures.Pool.class, Map.of("spring.datasource.hikari.maximum-pool-size", "${TOKEN}")),

		BEAN_DRIVER(CanaryFailures.Pool.class, Map.of("spring.datasource.driver-class-name", "${TOKEN}"), Leak.WARNING,
				Leak.THROWN, Leak.IGNORED_FACTORY_METHOD),

		BEAN_URL(CanaryFailures.Pool.class, Map.of("spring.datasource.url", "${TOKEN}")),

		BEAN_PORT(CanaryFailures.Web.class, Map.of("server.port", "${TOKEN}"), Leak.THROWN),

		POOL(CanaryFailures.Pool.class,
				Map.of("spring.datasource.username", "${NUMBER}", "spring.datasource.password", "${TOKEN}",
						"spring.datasource.hikari.connection-timeout", "500"),
				Leak.USER_NAME_OF_POOL),

		APPLICATION_BANNER(CanaryFailures.Nothing.class, Map.of("spring.main.banner-mode", "${TOKEN}"), Leak.THROWN,
				Leak.ANALYSIS_BEFORE_BEANS),

		VALUE_INT(CanaryFailures.IntValue.class, Map.of(), Leak.WARNING, Leak.THROWN, Leak.IGNORED_FACTORY_METHOD),

		VALUE_FIELD(CanaryFailures.IntField.class, Map.of(), Leak.WARNING, Leak.THROWN),

		VALUE_DURATION(CanaryFailures.DurationValue.class, Map.of(), Leak.WARNING, Leak.THROWN,
				Leak.IGNORED_FACTORY_METHOD, Leak.TRIED_AS_CONSTANT),

		VALUE_LIST(CanaryFailures.ListValue.class, Map.of(), Leak.WARNING, Leak.THROWN, Leak.IGNORED_FACTORY_METHOD),

		VALUE_PLACEHOLDER(CanaryFailures.PlaceholderValue.class, Map.of(), Leak.THROWN),

		VALUE_EXPRESSION(CanaryFailures.ExpressionValue.class, Map.of(), Leak.THROWN),

		VALUE_IN_EXPRESSION(CanaryFailures.ValueInExpression.class, Map.of(), Leak.THROWN),

		LOOK_UP(CanaryFailures.LookUp.class, Map.of(), Leak.WARNING, Leak.THROWN),

		LOOK_UP_PLACEHOLDER(CanaryFailures.PlaceholderLookUp.class, Map.of(), Leak.WARNING, Leak.THROWN),

		THROWING(CanaryFailures.Throwing.class, Map.of());

		private final Class<?> application;

		@SuppressWarnings("ImmutableEnumChecker")
		private final Map<String, String> properties;

		@SuppressWarnings("ImmutableEnumChecker")
		private final Set<Leak> leaks = EnumSet.noneOf(Leak.class);

		Start(String property, String value, Leak... leaks) {
			this(CanaryFailures.Bound.class, Map.of("canary.types." + property, value), leaks);
		}

		Start(Class<?> application, Map<String, String> properties, Leak... leaks) {
			this.application = application;
			this.properties = properties;
			this.leaks.addAll(List.of(leaks));
		}

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

}
