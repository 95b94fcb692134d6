// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.test.InMemorySecretStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.metrics.buffering.BufferingApplicationStartup;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.context.support.StandardServletEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the Actuator of a running application reports about its secrets.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsEndpointIT {

	private static final JsonMapper JSON = new JsonMapper();

	private static final String PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:password::";

	private static final String CANARY = "canary-51ce";

	private final HttpClient client = HttpClient.newHttpClient();

	private final InMemorySecretStore store = new InMemorySecretStore().put("word", CANARY + 1)
		.put(PASSWORD, CANARY + 2);

	private final Map<String, Object> processEnvironment = new HashMap<>(Map.of("TOKEN", CANARY + 3));

	private int version = 1;

	private boolean broken;

	private final Instant start = Instant.now();

	private ConfigurableApplicationContext context = run();

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void secretsReportsSourceOfEach() {
		JsonNode answer = get("ecssecrets");
		assertThat(names(answer)).containsExactly("WORD", "DB_PASSWORD", "TOKEN", "FLAG");
		JsonNode password = secret(answer, "DB_PASSWORD");
		assertThat(password.get("valueFrom").stringValue()).isEqualTo(PASSWORD);
		assertThat(password.get("origin").stringValue())
			.contains("\"ecs-secrets.secrets[1].name\" from property source");
		assertThat(password.get("source").stringValue()).isEqualTo("Secrets Manager in test");
		assertThat(password.get("version").stringValue()).isEqualTo("version-1");
		assertThat(password.get("versionStages").valueStream().map(JsonNode::stringValue))
			.containsExactly("AWSCURRENT");
		assertThat(time(password, "fetched")).isBetween(this.start, Instant.now());
		assertThat(password.propertyNames()).doesNotContain("changed", "lastFailure");
		assertThat(secret(answer, "TOKEN").get("source").stringValue()).isEqualTo("injected");
		assertThat(secret(answer, "TOKEN").propertyNames()).doesNotContain("version", "fetched");
		assertThat(secret(answer, "FLAG").propertyNames()).doesNotContain("source", "version", "fetched");
		JsonNode last = answer.get("lastResolution");
		assertThat(last.get("calls").intValue()).isOne();
		assertThat(last.get("milliseconds").longValue()).isBetween(0L,
				Duration.between(this.start, Instant.now()).toMillis());
		assertThat(last.get("successful").booleanValue()).isTrue();
		assertThat(time(last, "at")).isBetween(this.start, Instant.now());
		assertThat(answer.propertyNames()).doesNotContain("nextRefresh");
	}

	@Test
	void secretsReportsOneThatAPropertyOverrides() {
		restart("--DB_PASSWORD=" + CANARY);
		JsonNode password = secret(get("ecssecrets"), "DB_PASSWORD");
		assertThat(password.get("source").stringValue()).isEqualTo("overridden");
		assertThat(password.propertyNames()).doesNotContain("version", "fetched");
		assertThat(password.toString()).doesNotContain(CANARY);
	}

	@Test
	void secretsWhenIntervalIsSetReportsNextRefresh() {
		restart("--ecs-secrets.refresh.interval=10h");
		assertThat(time(get("ecssecrets"), "nextRefresh")).isBetween(this.start,
				Instant.now().plus(Duration.ofHours(10)));
	}

	@Test
	void refreshReportsChanges() {
		Instant before = time(secret(get("ecssecrets"), "WORD"), "fetched");
		this.store.put(PASSWORD, CANARY + 4);
		this.version = 2;
		HttpResponse<String> refreshed = post();
		assertThat(refreshed.statusCode()).isEqualTo(200);
		assertThat(refreshed.body()).isEqualTo("{\"changed\":[\"DB_PASSWORD\"],\"failures\":{}}");
		JsonNode answer = get("ecssecrets");
		assertThat(time(secret(answer, "DB_PASSWORD"), "changed")).isBetween(this.start, Instant.now());
		assertThat(secret(answer, "DB_PASSWORD").get("version").stringValue()).isEqualTo("version-2");
		assertThat(secret(answer, "WORD").propertyNames()).doesNotContain("changed");
		assertThat(time(secret(answer, "WORD"), "fetched")).isAfter(before);
		awaitRefreshes("success");
	}

	@Test
	void refreshWhenSecretFailsReportsCauseAndRemembersIt() {
		JsonNode before = get("ecssecrets");
		this.store.fail(PASSWORD, Reason.ACCESS_DENIED).put("word", CANARY + 4);
		this.version = 2;
		HttpResponse<String> failed = post();
		assertThat(failed.statusCode()).isEqualTo(503);
		JsonNode failure = JSON.readTree(failed.body()).get("failures").get("DB_PASSWORD");
		assertThat(failure.get("reason").stringValue()).isEqualTo("access denied");
		assertThat(failure.get("detail").stringValue()).isEqualTo("as the test asked for");
		assertThat(JSON.readTree(failed.body()).get("changed").isEmpty()).isTrue();
		JsonNode answer = get("ecssecrets");
		assertThat(answer.get("lastResolution").get("successful").booleanValue()).isFalse();
		assertThat(answer.get("lastResolution").get("calls").intValue()).isOne();
		assertThat(secret(answer, "DB_PASSWORD").get("lastFailure").get("reason").stringValue())
			.isEqualTo("access denied");
		assertThat(secret(answer, "WORD")).isEqualTo(secret(before, "WORD"));
		assertThat(get("health").at("/components/ecsSecrets/details/failing").toString())
			.isEqualTo("{\"DB_PASSWORD\":\"access denied\"}");
		awaitRefreshes("failure");
		assertThat(meters().get("ecs.secrets.failures").tag("reason", "access-denied").counter().count()).isOne();

		this.store.put(PASSWORD, CANARY + 2);
		assertThat(post().body()).isEqualTo("{\"changed\":[\"WORD\"],\"failures\":{}}");
		JsonNode recovered = get("ecssecrets");
		Instant failedAt = time(secret(recovered, "DB_PASSWORD").get("lastFailure"), "at");
		assertThat(failedAt).isBefore(time(secret(recovered, "DB_PASSWORD"), "fetched"));
		assertThat(get("health").at("/components/ecsSecrets/details").propertyNames()).doesNotContain("failing");
	}

	@Test
	void refreshWhenStoreBreaksPrintsNoMessageOfIt(CapturedOutput output) {
		this.broken = true;
		HttpResponse<String> response = post();
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.body()).contains("the store threw java.lang.IllegalStateException at ")
			.doesNotContain(CANARY);
		assertThat(output).contains(IllegalStateException.class.getName()).doesNotContain(CANARY);
	}

	@Test
	void policyAllowsWhatIsDeclared() {
		List<SecretDeclaration> declared = List.of(new SecretDeclaration("WORD", "word"),
				new SecretDeclaration("DB_PASSWORD", PASSWORD), new SecretDeclaration("TOKEN", "token"),
				new SecretDeclaration("FLAG", "/flag"));
		HttpResponse<String> policy = send("ecssecrets/policy", "GET");
		assertThat(policy.headers().firstValue("Content-Type")).contains("application/json");
		assertThat(policy.body()).isEqualTo(LeastPrivilegePolicy.of(declared).json());
		assertThat(send("ecssecrets/policy?decrypt=true", "GET").body())
			.isEqualTo(LeastPrivilegePolicy.of(declared).withDecryption().json());
		assertThat(send("ecssecrets/policy?pending=false", "GET").body())
			.isEqualTo(LeastPrivilegePolicy.of(declared).withoutPending().json());
		assertThat(send("ecssecrets/policy?decrypt=true&pending=false", "GET").body())
			.isEqualTo(LeastPrivilegePolicy.of(declared).withDecryption().withoutPending().json());
		assertThat(send("ecssecrets/policy?decrypt=false&pending=true", "GET").body()).isEqualTo(policy.body());
	}

	@Test
	void documentWhenThereIsNoneIsNotFound() {
		assertThat(send("ecssecrets/DB_PASSWORD", "GET").statusCode()).isEqualTo(404);
	}

	@Test
	void environmentReportsOriginOfProperty() {
		assertThat(get("env/DB_PASSWORD").toString())
			.contains("\"origin\":\"Secrets Manager in test, version version-1, declared at ");
		assertThat(get("env/db.password").toString())
			.contains("\"origin\":\"Secrets Manager in test, version version-1");
	}

	@Test
	void startupHasStepOfResolution() {
		JsonNode step = get("startup").get("timeline")
			.get("events")
			.valueStream()
			.map((event) -> event.get("startupStep"))
			.filter((candidate) -> candidate.get("name").stringValue().equals("ecs.secrets.resolve"))
			.findFirst()
			.orElseThrow();
		assertThat(step.get("tags").toString()).isEqualTo(
				"[{\"key\":\"injected\",\"value\":\"1\"},{\"key\":\"overridden\",\"value\":\"0\"},{\"key\":\"fetched\",\"value\":\"2\"},{\"key\":\"absent\",\"value\":\"1\"},{\"key\":\"calls\",\"value\":\"1\"}]");
	}

	@Test
	void healthIsUpWithAgeOfOldestValue() {
		JsonNode health = get("health").at("/components/ecsSecrets");
		assertThat(health.get("status").stringValue()).isEqualTo("UP");
		assertThat(health.at("/details/oldest").stringValue()).isIn("WORD", "DB_PASSWORD");
		assertThat(health.at("/details/ageInSeconds").longValue()).isBetween(0L,
				Duration.between(this.start, Instant.now()).toSeconds());
	}

	@Test
	void healthWhenMaximumAgeIsOverIsOutOfService() {
		restart("--ecs-secrets.actuator.maximum-age=1ns");
		HttpResponse<String> health = send("health", "GET");
		assertThat(health.statusCode()).isEqualTo(503);
		assertThat(JSON.readTree(health.body()).at("/components/ecsSecrets/status").stringValue())
			.isEqualTo("OUT_OF_SERVICE");
	}

	@Test
	void metersHaveFiguresOfTheStart() {
		Timer calls = meters().get("ecs.secrets.calls").tags("store", "test", "outcome", "success").timer();
		assertThat(calls.count()).isOne();
		assertThat(calls.totalTime(calls.baseTimeUnit())).isPositive();
		assertThat(meters().get("ecs.secrets.start.time").timeGauge().value()).isPositive();
		assertThat(meters().get("ecs.secrets.age").timeGauge().value()).isBetween(0.0,
				Duration.between(this.start, Instant.now()).toNanos() / 1e9);
		assertThat(meters().get("ecs.secrets.refreshes").counters())
			.allSatisfy((refreshes) -> assertThat(refreshes.count()).isZero());
	}

	private void awaitRefreshes(String outcome) {
		Counter refreshes = meters().get("ecs.secrets.refreshes").tag("outcome", outcome).counter();
		await().untilAsserted(() -> assertThat(refreshes.count()).isOne());
	}

	private MeterRegistry meters() {
		return this.context.getBean(MeterRegistry.class);
	}

	private void restart(String... args) {
		this.context.close();
		this.context = run(args);
	}

	private ConfigurableApplicationContext run(String... args) {
		ConfigurableEnvironment environment = new StandardServletEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		return new SpringApplicationBuilder(Application.class).environment(environment)
			.applicationStartup(new BufferingApplicationStartup(2048))
			.properties("server.port=0", "ecs-secrets.refresh.min-interval=0",
					"management.endpoints.web.exposure.include=*", "management.endpoint.health.show-details=always",
					"ecs-secrets.secrets[0].name=WORD", "ecs-secrets.secrets[0].value-from=word",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=" + PASSWORD,
					"ecs-secrets.secrets[2].name=TOKEN", "ecs-secrets.secrets[2].value-from=token",
					"ecs-secrets.secrets[3].name=FLAG", "ecs-secrets.secrets[3].value-from=/flag",
					"ecs-secrets.secrets[3].optional=true")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of((locations, timeout) -> {
						if (this.broken) {
							throw new IllegalStateException(CANARY);
						}
						Map<SecretLocation, Answer> answers = new HashMap<>(
								this.store.fetch(locations, timeout).answers());
						answers.replaceAll(
								(location, answer) -> (answer instanceof Found found) ? versioned(found) : answer);
						return new Response(answers, List.of(new Call("test", Duration.ofMillis(7), null)));
					})))
			.run(args);
	}

	private Found versioned(Found found) {
		return new Found(found.value(), new SecretSource("Secrets Manager in test", "version-" + this.version,
				List.of("AWSCURRENT"), Instant.now()));
	}

	private JsonNode get(String path) {
		HttpResponse<String> answer = send(path, "GET");
		return JSON.readTree(answer.body());
	}

	private HttpResponse<String> post() {
		return send("ecssecrets", "POST");
	}

	private HttpResponse<String> send(String path, String method) {
		int port = ((WebServerApplicationContext) this.context).getWebServer().getPort();
		try {
			HttpResponse<String> answer = this.client
				.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path))
					.method(method, BodyPublishers.noBody())
					.header("Content-Type", "application/json")
					.build(), BodyHandlers.ofString());
			assertThat(answer.body()).doesNotContain(CANARY);
			return answer;
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<String> names(JsonNode answer) {
		return answer.get("secrets").valueStream().map((secret) -> secret.get("name").stringValue()).toList();
	}

	private static JsonNode secret(JsonNode answer, String name) {
		return answer.get("secrets")
			.valueStream()
			.filter((secret) -> secret.get("name").stringValue().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private static Instant time(JsonNode node, String name) {
		return Instant.parse(node.get(name).stringValue());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

}
