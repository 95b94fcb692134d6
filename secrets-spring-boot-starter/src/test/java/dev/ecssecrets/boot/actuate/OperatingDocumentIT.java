// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.ecssecrets.FileSecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.test.InMemorySecretStore;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.BootstrapRegistryInitializer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.web.context.support.StandardServletEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code docs/operating.md} shows is what an application shows to which that
 * happens.
 */
@ExtendWith(OutputCaptureExtension.class)
class OperatingDocumentIT {

	private static final Path DOCUMENT = Path.of("../docs/operating.md");

	private static final JsonMapper JSON = new JsonMapper();

	private static final String START = "2026-11-24T09:00:00Z";

	private static final String ROTATION = "2026-11-24T09:10:00Z";

	private static final String FAILURE = "2026-11-24T09:20:00Z";

	private static final String NEXT = "2026-11-24T09:30:00Z";

	/**
	 * When that really was over which happens at a time of the document.
	 */
	private static final Map<String, Instant> ends = new LinkedHashMap<>();

	private static final Map<String, HttpResponse<String>> commands = new LinkedHashMap<>();

	@TempDir
	private static Path folder;

	private static @Nullable ConfigurableApplicationContext application;

	private static @Nullable HttpResponse<String> failedRefresh;

	@BeforeAll
	static void startRotateAndFail() throws IOException {
		LocalStack aws = LocalStack.get();
		// Of an earlier build, whose versions would count.
		aws.ssm().deleteParameters((request) -> request.names("/orders/feature-token"));
		aws.secretsManager().deleteSecret((request) -> request.secretId("orders-db").forceDeleteWithoutRecovery(true));
		aws.putParameter("/orders/feature-token", "on");
		aws.putSecret("orders-db", "{\"username\":\"orders\",\"password\":\"first\"}");
		Files.writeString(folder.resolve("application.yml"), blocks("yaml").get(0));
		application = run(Application.class,
				(registry) -> registry.register(AwsCredentialsProvider.class,
						InstanceSupplier.of(StaticCredentialsProvider
							.create(AwsBasicCredentials.create(aws.accessKeyId(), aws.secretAccessKey())))),
				"--ecs-secrets.aws.endpoint=" + aws.endpoint(), "--ecs-secrets.aws.region=" + aws.region());
		ends.put(START, Instant.now());
		aws.putSecret("orders-db", "{\"username\":\"orders\",\"password\":\"second\"}");
		for (MatchResult command : find("(?m)^curl (-X POST )?'?http://localhost:8080(/[^'\\s]+)'?$")) {
			commands.put(command.group(),
					send(application, (command.group(1) != null) ? "POST" : "GET", command.group(2)));
		}
		ends.put(ROTATION, Instant.now());
		aws.putSecret("orders-db", "{\"username\":\"orders\"}");
		failedRefresh = send(application, "POST", "/actuator/ecssecrets");
		ends.put(FAILURE, Instant.now());
	}

	@AfterAll
	static void close() {
		if (application != null) {
			application.close();
		}
	}

	@Test
	void answerIsThatAfterRotationAndFailure() throws IOException {
		assertThat(example(0)).isEqualTo(normalized(get("/actuator/ecssecrets")));
	}

	@Test
	void answerOfRefreshIsThatOfTheRotation() throws IOException {
		assertThat(commands.get("curl -X POST http://localhost:8080/actuator/ecssecrets").body()).isIn(codes());
	}

	@Test
	void answerWhenRefreshFailsIsThatOfTheFailure() throws IOException {
		assertThat(Objects.requireNonNull(failedRefresh).statusCode()).isEqualTo(503);
		assertThat(example(1)).isEqualTo(normalized(Objects.requireNonNull(failedRefresh).body()));
	}

	@Test
	void healthIsThatAfterTheFailure() throws IOException {
		JsonNode health = JSON.readTree(get("/actuator/health")).at("/components/ecsSecrets");
		// Both were fetched at once.
		assertThat(health.at("/details/oldest").stringValue()).isIn("DB_PASSWORD", "FEATURE_TOKEN");
		assertThat(example(2)).isEqualTo(
				normalized(health.toString()).replace("\"oldest\":\"FEATURE_TOKEN\"", "\"oldest\":\"DB_PASSWORD\""));
	}

	@Test
	void commandsAreAnswered() throws IOException {
		assertThat(commands).hasSameSizeAs(find("(?m)^curl "));
		assertThat(commands.values()).hasSize(4).allSatisfy((answer) -> assertThat(answer.statusCode()).isEqualTo(200));
		commands.forEach((command, answer) -> assertThat(answer.body().contains("kms:Decrypt"))
			.isEqualTo(command.contains("decrypt=true")));
	}

	@Test
	void endpointWhenAccessIsReadOnlyHasNoRefreshes() throws IOException {
		String key = "management.endpoint.ecssecrets.access: read-only";
		assertThat(codes()).contains(key);
		try (ConfigurableApplicationContext readOnly = runInMemory("--" + key.replace(": ", "="))) {
			assertThat(send(readOnly, "GET", "/actuator/ecssecrets").statusCode()).isEqualTo(200);
			assertThat(send(readOnly, "POST", "/actuator/ecssecrets").statusCode()).isEqualTo(405);
		}
	}

	@Test
	void healthWhenOutOfServiceIsNotThatOfProbes() throws IOException {
		try (ConfigurableApplicationContext old = runInMemory("--ecs-secrets.actuator.maximum-age=1ns")) {
			assertThat(send(old, "GET", "/actuator/health").statusCode()).isEqualTo(503);
			assertThat(codes().stream().filter((code) -> code.startsWith("/actuator/health/"))).hasSize(2)
				.allSatisfy((probe) -> assertThat(send(old, "GET", probe).statusCode()).isEqualTo(200));
		}
	}

	@Test
	void healthWhenNotEnabledIsAbsent() throws IOException {
		String key = "management.health.ecssecrets.enabled: false";
		assertThat(codes()).contains(key);
		try (ConfigurableApplicationContext without = runInMemory("--" + key.replace(": ", "="))) {
			assertThat(send(without, "GET", "/actuator/health").body()).contains("\"components\"")
				.doesNotContain("ecsSecrets");
		}
	}

	@Test
	void metersAreThoseOfTheTable() throws IOException {
		Set<List<String>> rows = find("(?m)^\\| `(ecs[a-z.]+)` \\| (\\w+) \\| ([^|]*)\\| ([^|]*)\\|").stream()
			.map((row) -> IntStream.rangeClosed(1, 4).mapToObj((cell) -> row.group(cell).strip()).toList())
			.collect(Collectors.toSet());
		assertThat(rows).isEqualTo(meters().map(OperatingDocumentIT::row).collect(Collectors.toSet()));
	}

	@Test
	void tagsOfMetersHaveTheValuesThatAreExplained() throws IOException {
		assertThat(values("store")).containsExactlyInAnyOrder("ssm", "secretsmanager");
		assertThat(values("outcome")).containsExactlyInAnyOrder("success", "failure");
		assertThat(values("reason")).containsExactly(Reason.NO_SUCH_JSON_KEY.code());
		assertThat(new FileSecretStore(DOCUMENT.toUri().toURL())
			.fetch(Set.of(SecretReference.parse("any").location()), Duration.ZERO)
			.calls()).extracting(Call::store).containsExactly("file");
		assertThat(codes()).contains("ssm", "secretsmanager", "file", "success", "failure",
				Reason.ACCESS_DENIED.code());
	}

	@Test
	void reasonsAreThoseOfFailures() throws IOException {
		Set<String> anchors = Arrays.stream(Reason.values()).map(Reason::code).collect(Collectors.toSet());
		assertThat(find("`([a-z-]+)`\\]\\(troubleshooting\\.md#([a-z-]+)\\)")).hasSize(3).allSatisfy((link) -> {
			assertThat(link.group(1)).isEqualTo(link.group(2));
			assertThat(anchors).contains(link.group(1));
		});
	}

	@Test
	void keysAreThoseOfTheMetadata() throws IOException {
		Set<String> keys = new HashSet<>();
		for (URL metadata : Collections
			.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream json = metadata.openStream()) {
				JsonNode all = JSON.readTree(json);
				Stream.of("groups", "properties")
					.flatMap((kind) -> all.path(kind).valueStream())
					.forEach((key) -> keys.add(key.get("name").stringValue()));
			}
		}
		assertThat(codes().stream()
			.map((code) -> code.replaceFirst(": .+", ""))
			.filter((code) -> code.matches("(ecs-secrets|management)\\..+"))).hasSizeGreaterThan(8).isSubsetOf(keys);
	}

	@Test
	void originIsThatOfTheEnvironment() throws IOException {
		PropertySource<?> source = context().getEnvironment().getPropertySources().get("ecsSecrets-systemEnvironment");
		assertThat(
				OriginLookup.getOrigin(source, "DB_PASSWORD").toString().replaceAll(" ([0-9a-f-]{36}|class .*)", " …"))
			.isIn(codes());
	}

	@Test
	void linesOfTheLogAreLogged(CapturedOutput output) throws IOException {
		String[] lines = { "There is nothing to refresh", "Secrets keep their values",
				"A refresh of secrets does not reach", "keeps the credentials that it starts with" };
		runInMemory("--ecs-secrets.secrets[0].name=API_KEY", "--ecs-secrets.secrets[0].value-from=/orders/api-key")
			.close();
		run(ClientsApplication.class, registering(store()), "--spring.datasource.url=jdbc:h2:mem:orders;USER=orders",
				"--spring.datasource.username=orders", "--spring.datasource.password=${DB_PASSWORD}")
			.close();
		// The failed refresh is that of the document.
		assertThat(output).contains(lines);
		assertThat(codes()).contains(lines);
	}

	private static ConfigurableApplicationContext runInMemory(String... args) throws IOException {
		return run(Application.class, registering(store()), args);
	}

	private static InMemorySecretStore store() throws IOException {
		InMemorySecretStore store = new InMemorySecretStore();
		find("(?m)value-from: \"?([^\"\n]+)").forEach((secret) -> store.put(secret.group(1), "any"));
		return store;
	}

	private static BootstrapRegistryInitializer registering(SecretStore store) {
		return (registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store));
	}

	private static ConfigurableApplicationContext run(Class<?> application, BootstrapRegistryInitializer initializer,
			String... args) throws IOException {
		ConfigurableEnvironment environment = new StandardServletEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of("API_KEY", "injected")));
		List<String> all = new ArrayList<>(
				List.of("--spring.config.location=classpath:/application.yml", "--server.port=0",
						"--management.endpoint.health.show-details=always", "--ecs-secrets.refresh.min-interval=0",
						// None of its refreshes shall come between.
						"--ecs-secrets.refresh.interval=10000d"));
		Collections.addAll(all, args);
		return new SpringApplicationBuilder(application).environment(environment)
			.resourceLoader(new DefaultResourceLoader(new URLClassLoader(new URL[] { folder.toUri().toURL() })))
			.addBootstrapRegistryInitializer(initializer)
			.run(all.toArray(String[]::new));
	}

	private static ConfigurableApplicationContext context() {
		return Objects.requireNonNull(application);
	}

	private static String get(String path) {
		return send(context(), "GET", path).body();
	}

	private static HttpResponse<String> send(ConfigurableApplicationContext context, String method, String path) {
		int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
			.method(method, BodyPublishers.noBody())
			.build();
		try {
			return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Stream<Meter> meters() {
		return context().getBean(MeterRegistry.class)
			.getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().startsWith("ecs."));
	}

	private static List<String> row(Meter meter) {
		Meter.Id id = meter.getId();
		return List.of(id.getName(), id.getType().name().toLowerCase(Locale.ROOT),
				id.getTags().stream().map((tag) -> "`" + tag.getKey() + "`").collect(Collectors.joining(", ")),
				Objects.requireNonNullElse(id.getBaseUnit(), ""));
	}

	private static Set<String> values(String tag) {
		return meters().map((meter) -> meter.getId().getTag(tag)).filter(Objects::nonNull).collect(Collectors.toSet());
	}

	/**
	 * Returns an answer as the document has it: what is another one in each run is
	 * replaced, times by those of what happened.
	 */
	private static String normalized(String answer) {
		String normalized = answer
			.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "5f0c6a3e-8f3b-4c56-9d3e-2b1f7a60c9d4")
			.replaceAll("\"milliseconds\":\\d+", "\"milliseconds\":42")
			.replaceAll("\"ageInSeconds\":\\d+", "\"ageInSeconds\":600");
		return Pattern.compile("\"([0-9-]+T[0-9:.]+Z)\"")
			.matcher(normalized)
			.replaceAll((time) -> "\"" + time(Instant.parse(time.group(1))) + "\"");
	}

	private static String time(Instant time) {
		return ends.entrySet()
			.stream()
			.filter((end) -> !time.isAfter(end.getValue()))
			.map(Map.Entry::getKey)
			.findFirst()
			.orElse(NEXT);
	}

	/**
	 * Returns JSON of the document, written as the Actuator writes it.
	 */
	private static String example(int index) throws IOException {
		return JSON.readTree(blocks("json").get(index)).toString();
	}

	private static List<String> blocks(String language) throws IOException {
		return find("(?s)```" + language + "\n(.*?)```").stream().map((block) -> block.group(1)).toList();
	}

	private static List<String> codes() throws IOException {
		return find("(?<!`)`([^`\n]+)`(?!`)").stream().map((code) -> code.group(1)).toList();
	}

	private static List<MatchResult> find(String pattern) throws IOException {
		return Pattern.compile(pattern).matcher(Files.readString(DOCUMENT)).results().toList();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(FeatureProperties.class)
	static class ClientsApplication {

	}

	@ConfigurationProperties("feature")
	record FeatureProperties(String token) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

}
