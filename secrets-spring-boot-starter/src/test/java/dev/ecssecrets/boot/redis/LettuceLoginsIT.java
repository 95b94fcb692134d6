// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.net.ServerSocket;
import java.util.Arrays;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.BlockingCallers;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.servers.RedisServer;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * Logins of clients of Redis whose callers block or whose server does not answer.
 */
@Tag("redis")
@ExtendWith(OutputCaptureExtension.class)
class LettuceLoginsIT {

	private static RedisServer server;

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "app")
		.put("password", "canary-1")
		.put("sentinel", "canary-s1");

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

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Timeout(90)
	void callersThatBlockOnBoundedElasticGetAnswers(boolean secret) throws Exception {
		try (ConfigurableApplicationContext context = run(secret ? "--none=" : "--spring.data.redis.username=app",
				secret ? "--none=" : "--spring.data.redis.password=canary-1")) {
			assertThat(BlockingCallers.areServed(() -> RedisClients.userOf(context), 15)).isTrue();
		}
	}

	@Test
	@Timeout(90)
	void connectionsThatHaveEndedDoNotSubscribe() throws Exception {
		try (ConfigurableApplicationContext context = run("--logging.level.dev.ecssecrets=TRACE")) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			RedisLogins logins = RedisClients.logins(context);
			int before = RedisClients.subscribers(logins);
			for (int i = 0; i < 50; i++) {
				RedisClients.userOfNewConnection(context);
			}
			server.setPassword("app", "canary-2");
			for (int i = 0; i < 20; i++) {
				try {
					RedisClients.userOfNewConnection(context);
				}
				catch (RuntimeException ex) {
					assertThat(ex.toString() + ex.getCause()).doesNotContain("canary");
				}
			}
			this.store.put("password", "canary-2");
			await().ignoreExceptions().until(() -> RedisClients.userOf(context).equals("app"));
			assertThat(RedisClients.subscribers(logins)).isLessThanOrEqualTo(before + 1);
		}
	}

	@Test
	@Timeout(90)
	void clientWhenRedisNeedsNoPasswordOrIsDownForAWhile() throws Exception {
		RedisServer other = RedisServer.start();
		other.command("ACL", "SETUSER", "default", "nopass");
		try (ConfigurableApplicationContext context = run("--spring.data.redis.port=" + other.port(),
				"--spring.data.redis.username=", "--spring.data.redis.timeout=2s")) {
			assertThat(RedisClients.userOf(context)).isEqualTo("default");
			other.close();
			this.store.put("password", "canary-3");
			context.getBean(Secrets.class).refresh();
			assertThatException().isThrownBy(() -> RedisClients.userOf(context));
		}
	}

	/**
	 * A server that accepts connections, and does not answer.
	 */
	@Test
	@Timeout(90)
	void clientWhenRedisDoesNotAnswerTimesOut() throws Exception {
		try (ServerSocket silent = new ServerSocket(0);
				ConfigurableApplicationContext context = run("--spring.data.redis.port=" + silent.getLocalPort(),
						"--spring.data.redis.timeout=1s")) {
			for (int i = 0; i < 30; i++) {
				assertThatException().isThrownBy(() -> RedisClients.userOf(context));
			}
			await().until(() -> Thread.getAllStackTraces()
				.values()
				.stream()
				.noneMatch((stack) -> Arrays.stream(stack)
					.anyMatch((one) -> one.getClassName().equals(LoginHandler.class.getName()))));
		}
	}

	/**
	 * A new connection asks for the credentials that changed while it was opened.
	 */
	@Test
	@Timeout(60)
	void newConnectionAfterTwoRotationsGetsOnlyTheNewestPassword() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
			for (String password : new String[] { "canary-2", "canary-3" }) {
				server.setPassword("app", password);
				this.store.put("password", password);
				context.getBean(Secrets.class).refresh();
				await().until(() -> Arrays.equals(RedisClients.logins(context).resolveCredentialsNow().getPassword(),
						password.toCharArray()));
			}
			assertThat(RedisClients.replayedPasswords(context)).containsExactly("canary-3");
		}
	}

	/**
	 * As {@code SECURITY.md} says.
	 */
	@ParameterizedTest
	@CsvSource({ "TRACE, true", "DEBUG, false" })
	void lettuceWhenItLogsWhatItSendsPrintsThePassword(String level, boolean printed, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("--logging.level.io.lettuce=" + level,
				"--logging.level.dev.ecssecrets=TRACE")) {
			assertThat(RedisClients.userOf(context)).isEqualTo("app");
		}
		finally {
			LoggingSystem.get(getClass().getClassLoader()).setLogLevel("io.lettuce", LogLevel.INFO);
		}
		assertThat(output.getAll().contains("canary-1")).isEqualTo(printed);
	}

	private ConfigurableApplicationContext run(String... args) {
		return new SpringApplicationBuilder(RedisClients.Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
					"ecs-secrets.secrets[2].name=SENTINEL_PASSWORD", "ecs-secrets.secrets[2].value-from=sentinel",
					"spring.data.redis.port=" + server.port(), "spring.data.redis.timeout=5s",
					"spring.data.redis.username=${DB_USER}", "spring.data.redis.password=${DB_PASSWORD}")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.store.fetch(locations, timeout))))
			.run(args);
	}

}
