// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import javax.management.JMException;
import javax.management.ObjectName;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.test.InMemorySecretStore;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests to refresh that a real web server gets while a store gives no answer.
 */
@ExtendWith(OutputCaptureExtension.class)
class RefreshRequestsIT {

	private static final int WAITING = 4;

	private static final String FULL = "4 requests already wait for a refresh";

	private static final String STOPS = "The application stops";

	private static final String LATE = "The secrets were not loaded in time";

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private static final String REFRESH = "/actuator/ecssecrets";

	private final HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();

	private final CountDownLatch release = new CountDownLatch(1);

	private volatile boolean blocked;

	private @Nullable ConfigurableApplicationContext context;

	@AfterEach
	void close() {
		this.release.countDown();
		if (this.context != null) {
			this.context.close();
		}
	}

	@Test
	void refreshWhenManyRequestItLeavesThreadsToOtherRequests() {
		run();
		List<CompletableFuture<HttpResponse<String>>> refreshes = refresh(500);
		await().atMost(PATIENCE)
			.until(() -> refreshes.stream().filter(CompletableFuture::isDone).count() >= 500 - WAITING);
		assertThat(waiting()).hasSize(WAITING);
		assertThat(send("GET", "/actuator/health").join().statusCode()).isEqualTo(200);
		assertThat(refreshes).filteredOn(CompletableFuture::isDone)
			.extracting(CompletableFuture::join)
			.hasSize(500 - WAITING)
			.allSatisfy((refused) -> {
				assertThat(refused.statusCode()).isEqualTo(429);
				long seconds = refused.headers().firstValueAsLong("Retry-After").orElseThrow();
				assertThat(seconds).isPositive();
				assertThat(refused.body()).isEqualTo(body(FULL, ",\"retryAfterSeconds\":" + seconds));
			});
		this.release.countDown();
		assertThat(refreshes).extracting((refresh) -> refresh.join().statusCode())
			.filteredOn((status) -> status != 429)
			.hasSize(WAITING)
			.containsOnly(200);
		assertThat(send("POST", REFRESH).join().statusCode()).isEqualTo(200);
	}

	@Test
	void answersAreThoseOfTheDocument() {
		assertThat(Path.of("../docs/operating.md")).content()
			.contains("| 429 | `" + FULL + "` |", "| 503 | `" + STOPS + "` |", "| 503 | `" + LATE + "` |");
	}

	@Test
	void refreshWhenManagementHasItsOwnServerHasRetryAfter() {
		run("--management.server.port=0");
		awaitWaiting(refresh(WAITING));
		HttpResponse<String> refused = send("POST", REFRESH).join();
		assertThat(refused.statusCode()).isEqualTo(429);
		assertThat(refused.headers().firstValue("Retry-After")).isPresent();
	}

	@Test
	void refreshOverJmxWhenRequestsWaitReturnsWhy() throws JMException {
		run("--spring.jmx.enabled=true", "--management.endpoints.jmx.exposure.include=ecssecrets",
				"--management.endpoints.jmx.domain=dev.ecssecrets.requests");
		awaitWaiting(refresh(WAITING));
		Object refused = ManagementFactory.getPlatformMBeanServer()
			.invoke(new ObjectName("dev.ecssecrets.requests:type=Endpoint,name=Ecssecrets"), "refresh", new Object[0],
					new String[0]);
		assertThat(refused).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("error", FULL)
			.containsKey("retryAfterSeconds");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "--management.server.port=0" })
	void closeWhenRequestsWaitAnswersThem(String arg, CapturedOutput output) {
		run(arg);
		List<CompletableFuture<HttpResponse<String>>> refreshes = refresh(WAITING);
		awaitWaiting(refreshes);
		this.context.close();
		assertUnavailable(refreshes, STOPS);
		assertNoTrace(output);
	}

	@Test
	void closeWhenShutdownIsImmediatePrintsNoTrace(CapturedOutput output) {
		run("--server.shutdown=immediate");
		List<CompletableFuture<HttpResponse<String>>> refreshes = refresh(WAITING);
		awaitWaiting(refreshes);
		this.context.close();
		// The web server may break connections before they have their answers.
		assertThat(refreshes).allSatisfy((
				refresh) -> assertThat(refresh.handle((answer, broken) -> (answer != null) ? answer.statusCode() : 503))
					.succeedsWithin(PATIENCE)
					.isEqualTo(503));
		assertNoTrace(output);
	}

	@Test
	void refreshWhenThreadsAreInterruptedIsAnswered(CapturedOutput output) {
		run();
		List<CompletableFuture<HttpResponse<String>>> refreshes = refresh(WAITING);
		awaitWaiting(refreshes);
		waiting().forEach(Thread::interrupt);
		assertUnavailable(refreshes, STOPS);
		assertThat(waiting()).isEmpty();
		this.release.countDown();
		assertThat(send("POST", REFRESH).join().statusCode()).isEqualTo(200);
		assertNoTrace(output);
	}

	@Test
	void refreshWhenLoadExceedsItsBoundIsAnswered(CapturedOutput output) {
		run("--ecs-secrets.timeout=1ms");
		assertUnavailable(refresh(WAITING), LATE);
		assertNoTrace(output);
	}

	private void run(String... args) {
		this.context = new SpringApplicationBuilder(Application.class)
			.properties("server.port=0", "ecs-secrets.refresh.min-interval=0",
					"management.endpoints.web.exposure.include=*", "ecs-secrets.secrets[0].name=WORD",
					"ecs-secrets.secrets[0].value-from=word")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of((locations, timeout) -> {
						if (this.blocked) {
							awaitRelease();
						}
						return new InMemorySecretStore().put("word", "wassyoi").fetch(locations, timeout);
					})))
			.run(Arrays.stream(args).filter((arg) -> !arg.isEmpty()).toArray(String[]::new));
		this.blocked = true;
	}

	private void awaitRelease() {
		try {
			this.release.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private List<CompletableFuture<HttpResponse<String>>> refresh(int times) {
		return IntStream.range(0, times).mapToObj((time) -> send("POST", REFRESH)).toList();
	}

	private CompletableFuture<HttpResponse<String>> send(String method, String path) {
		String port = this.context.getEnvironment()
			.getProperty("local.management.port", this.context.getEnvironment().getProperty("local.server.port"));
		return this.client.sendAsync(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
			.method(method, BodyPublishers.noBody())
			.build(), BodyHandlers.ofString());
	}

	private static void awaitWaiting(List<CompletableFuture<HttpResponse<String>>> refreshes) {
		await().atMost(PATIENCE).until(() -> waiting().size() == refreshes.size());
	}

	/**
	 * Returns the threads that wait for a refresh.
	 */
	private static List<Thread> waiting() {
		return Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.filter((thread) -> Arrays.stream(thread.getValue())
				.anyMatch((frame) -> frame.getClassName().equals(Secrets.class.getName())
						&& frame.getMethodName().equals("refresh")))
			.map((thread) -> thread.getKey())
			.toList();
	}

	private static void assertUnavailable(List<CompletableFuture<HttpResponse<String>>> refreshes, String error) {
		assertThat(refreshes).hasSize(WAITING).extracting(CompletableFuture::join).allSatisfy((answer) -> {
			assertThat(answer.statusCode()).isEqualTo(503);
			assertThat(answer.body()).isEqualTo(body(error, ""));
		});
	}

	private static String body(String error, String more) {
		return "{\"changed\":[],\"failures\":{},\"error\":\"" + error + "\"" + more + "}";
	}

	private static void assertNoTrace(CapturedOutput output) {
		assertThat(output).contains("Started").doesNotContain("Exception").doesNotContain("\tat ");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

}
