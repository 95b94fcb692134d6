// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.servers.RedisServer;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Where the credentials of a client of Redis come from, and what its connections do when
 * they change.
 */
@Tag("redis")
@ExtendWith(OutputCaptureExtension.class)
class LettuceCredentialsIT {

	private static final String WARNING = "A refresh of secrets does not reach the client for Redis";

	private static RedisServer server;

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "app")
		.put("password", "canary-1")
		.put("sentinel", "canary-s1");

	private volatile SecretStore fetch = this.store;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void setPasswords() {
		server.setPassword("app", "canary-1");
		server.setPassword("app_clone", "canary-other");
	}

	@AfterEach
	void printsNoValue(CapturedOutput output) {
		assertThat(output.getAll()).doesNotContain("canary");
	}

	@Test
	void connectionWhenUrlHasCredentialsFollows(CapturedOutput output) {
		this.store.put("password", "canary%2F1");
		server.setPassword("app", "canary/1");
		try (ConfigurableApplicationContext context = run(RedisClients.Application.class,
				"--spring.data.redis.url=redis://${DB_USER}:${DB_PASSWORD}@localhost:" + server.port())) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary-other");
			await().until(() -> RedisClients.userOf(context).equals("app_clone"));
			assertThat(RedisClients.userOfNewConnection(context)).isEqualTo("app_clone");
		}
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void connectionWhenNewUrlIsInvalidKeepsItsCredentials() {
		try (ConfigurableApplicationContext context = run(RedisClients.Application.class,
				"--spring.data.redis.url=redis://${DB_USER}:${DB_PASSWORD}@localhost:" + server.port())) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary<other>");
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			assertThat(RedisClients.userOfNewConnection(context)).isEqualTo("app");
		}
	}

	@Test
	void connectionWhenThereIsNoUserFollows() {
		server.setPassword("default", "canary-1");
		try (ConfigurableApplicationContext context = run(RedisClients.Application.class,
				"--spring.data.redis.password=${DB_PASSWORD}")) {
			assertThat(RedisClients.userOf(context)).isEqualTo("default");
			server.setPassword("default", "canary-2");
			this.store.put("password", "canary-2");
			server.endSessions();
			assertThat(RedisClients.userOf(context)).isEqualTo("default");
			assertThat(context.getEnvironment().getProperty("DB_PASSWORD")).isEqualTo("canary-2");
		}
		finally {
			server.command("ACL", "SETUSER", "default", "resetpass");
		}
	}

	@Test
	void connectionWhenPoolIsUsedFollows() {
		try (ConfigurableApplicationContext context = run("--spring.data.redis.lettuce.pool.enabled=true",
				"--spring.data.redis.lettuce.pool.min-idle=1")) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary-other");
			await().until(() -> RedisClients.userOf(context).equals("app_clone"));
		}
	}

	@Test
	void connectionWhenInTransactionLogsInAgainAfterwards() {
		try (ConfigurableApplicationContext context = run()) {
			List<Object> answers = RedisClients.inTransaction(context, () -> {
				change(context, "app_clone", "canary-other");
				await().until(() -> RedisClients.userOf(context).equals("app_clone"));
			});
			assertThat(answers).containsExactly("OK", 2L, "app_clone");
		}
	}

	@Test
	void connectionWhenItWaitsForAnElementLogsInAgainAfterwards() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(RedisClients.pop(context, () -> {
				await().until(() -> server.command("CLIENT", "LIST").contains(" cmd=blpop "));
				change(context, "app_clone", "canary-other");
				await().until(() -> RedisClients.userOf(context).equals("app_clone"));
				server.command("LPUSH", "list", "element");
			})).isEqualTo("element app_clone");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void subscriptionWhenCredentialsChangeStays(boolean resp3) throws Exception {
		try (ConfigurableApplicationContext context = run(
				resp3 ? RedisClients.Application.class : RedisClients.WithResp2.class)) {
			BlockingQueue<String> messages = RedisClients.subscribe(context);
			change(context, "app_clone", "canary-other");
			if (resp3) {
				await().until(() -> sessions("app_clone").anyMatch((session) -> session.contains(" sub=1 ")));
			}
			server.command("PUBLISH", "channel", "first");
			assertThat(messages.poll(30, TimeUnit.SECONDS)).isEqualTo("first");
			server.command("CLIENT", "KILL", "TYPE", "pubsub");
			await().until(() -> sessions("app_clone").anyMatch((session) -> session.contains(" sub=1 ")));
			server.command("PUBLISH", "channel", "second");
			assertThat(messages.poll(30, TimeUnit.SECONDS)).isEqualTo("second");
		}
	}

	@Test
	void connectionWhenNewPasswordIsWrongStays(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app", "canary-wrong");
			await().until(() -> output.getAll().contains("Re-authentication failed"));
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary-other");
			await().until(() -> RedisClients.userOf(context).equals("app_clone"));
		}
	}

	/**
	 * Lettuce has at least two event loops.
	 */
	@Test
	@Timeout(90)
	void connectionWhileOthersWaitForSecretsAnswers() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch answered = new CountDownLatch(1);
		ExecutorService threads = Executors.newCachedThreadPool();
		try (ConfigurableApplicationContext context = run()) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			server.setPassword("app", "canary-2");
			this.store.put("password", "canary-2");
			this.fetch = (locations, timeout) -> {
				asked.countDown();
				try {
					answered.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				return this.store.fetch(locations, timeout);
			};
			List<Future<String>> users = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				users.add(threads.submit(() -> RedisClients.userOfNewConnection(context)));
			}
			asked.await();
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			assertThat(users).noneMatch(Future::isDone);
			answered.countDown();
			for (Future<String> user : users) {
				assertThat(user.get()).isEqualTo("app");
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "spring.data.redis.lettuce.read-from" })
	void connectionWhenSentinelsHavePasswordsOfTheirOwnFollowsBoth(String readFrom, CapturedOutput output) {
		try (RedisServer sentinel = server.startSentinel()) {
			sentinel.setPassword("watcher", "canary-s1");
			try (ConfigurableApplicationContext context = run("--spring.data.redis.sentinel.master=main",
					"--spring.data.redis.sentinel.nodes=localhost:" + sentinel.port(),
					"--spring.data.redis.sentinel.username=watcher",
					"--spring.data.redis.sentinel.password=${SENTINEL_PASSWORD}", "--" + readFrom + "=upstream")) {
				assertThat(RedisClients.userOf(context)).isEqualTo("app");
				sentinel.setPassword("watcher", "canary-s2");
				server.setPassword("app", "canary-2");
				this.store.put("password", "canary-2").put("sentinel", "canary-s2");
				sentinel.endSessions();
				server.endSessions();
				assertThat(RedisClients.userOf(context)).isEqualTo("app");
				assertThat(context.getEnvironment().getProperty("DB_PASSWORD")).isEqualTo("canary-2");
				assertThat(RedisClients.userOfNewConnection(context)).isEqualTo("app");
				assertThat(context.getEnvironment().getProperty("SENTINEL_PASSWORD")).isEqualTo("canary-s2");
			}
		}
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void clientWhenItFollowsIsNoReasonForAWarning(CapturedOutput output) {
		run().close();
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void clientWhenConfigurationIsABeanKeepsItsCredentials(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(RedisClients.WithConfiguration.class)) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary-other");
			assertThat(RedisClients.userOfNewConnection(context)).isEqualTo("app");
		}
		assertThat(output).contains(WARNING + " (spring.data.redis.username, spring.data.redis.password)");
	}

	/**
	 * Its pool keeps sessions, and finds out that one has ended when it is used.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void connectionOfJedisFollows(boolean url, CapturedOutput output) {
		String credentials = url
				? "--spring.data.redis.url=redis://${DB_USER}:${DB_PASSWORD}@localhost:" + server.port() : "--none=";
		try (ConfigurableApplicationContext context = run("--spring.data.redis.client-type=jedis", credentials)) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			change(context, "app_clone", "canary-other");
			server.endSessions();
			await().ignoreExceptions().until(() -> RedisClients.userOf(context).equals("app_clone"));
		}
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void connectionOfJedisWhenThereAreSentinelsKeepsItsCredentials(CapturedOutput output) {
		try (RedisServer sentinel = server.startSentinel()) {
			sentinel.setPassword("default", "canary-s1");
			try (ConfigurableApplicationContext context = run("--spring.data.redis.client-type=jedis",
					"--spring.data.redis.sentinel.master=main",
					"--spring.data.redis.sentinel.nodes=localhost:" + sentinel.port(),
					"--spring.data.redis.sentinel.password=${SENTINEL_PASSWORD}")) {
				assertThat(RedisClients.userOf(context)).isEqualTo("app");
			}
		}
		assertThat(output).contains(WARNING + " (spring.data.redis.username, spring.data.redis.password, "
				+ "spring.data.redis.sentinel.password)");
	}

	private void change(ConfigurableApplicationContext context, String user, String password) {
		this.store.put("user", user).put("password", password);
		context.getBean(Secrets.class).refresh();
	}

	private static Stream<String> sessions(String user) {
		return server.command("CLIENT", "LIST").lines().filter((line) -> line.contains(" user=" + user + " "));
	}

	private ConfigurableApplicationContext run(String... args) {
		return run(RedisClients.Application.class, args);
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		boolean standard = Stream.of(args)
			.noneMatch((arg) -> arg.startsWith("--spring.data.redis.url") || arg.startsWith("--spring.data.redis.p"));
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
					"ecs-secrets.secrets[2].name=SENTINEL_PASSWORD", "ecs-secrets.secrets[2].value-from=sentinel",
					"spring.data.redis.port=" + server.port(), "spring.data.redis.timeout=20s",
					standard ? "spring.data.redis.username=${DB_USER}" : "none=",
					standard ? "spring.data.redis.password=${DB_PASSWORD}" : "none=")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.fetch.fetch(locations, timeout))))
			.run(args);
	}

}
