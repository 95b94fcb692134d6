// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.sql.SQLException;
import java.time.Duration;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.BlockingCallers;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.r2dbc.ConnectionFactoryDecorator;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Logins of clients of R2DBC whose callers block or give up, or whose database does not
 * answer.
 */
@Tag("r2dbc")
@ExtendWith(OutputCaptureExtension.class)
class R2dbcLoginsTests {

	private static final String USER = "--spring.r2dbc.username=${DB_USER}";

	private static final String PASSWORD = "--spring.r2dbc.password=${DB_PASSWORD}";

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "APP").put("password", "canary-1");

	private Database database;

	@BeforeEach
	void createDatabase() throws SQLException {
		R2dbcFaults.hang = false;
		this.database = new Database();
		this.database.createUser("APP", "canary-1");
		this.database.createUser("APP_CLONE", "canary-clone");
	}

	@AfterEach
	void closeDatabase() throws SQLException {
		R2dbcFaults.hang = false;
		this.database.close();
	}

	/**
	 * As many blocking callers as the bounded elastic scheduler has threads. Without this
	 * library, nobody waits for it.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void callersThatBlockOnBoundedElasticGetConnections(boolean secret) throws Exception {
		try (ConfigurableApplicationContext context = run(Hanging.class, secret ? USER : "--spring.r2dbc.username=APP",
				secret ? PASSWORD : "--spring.r2dbc.password=canary-1", "--spring.r2dbc.pool.initial-size=0")) {
			assertThat(BlockingCallers.areServed(() -> R2dbc.userOf(context), 20)).isTrue();
		}
	}

	/**
	 * A connection that is renewed needs the time-out of one that is created.
	 */
	@Test
	@Timeout(60)
	void renewalWhenDatabaseDoesNotAnswerTakesAtMostTheTimeToCreateConnection() {
		try (ConfigurableApplicationContext context = run(Hanging.class, USER, PASSWORD,
				"--spring.r2dbc.pool.initial-size=1", "--spring.r2dbc.pool.max-size=1",
				"--spring.r2dbc.pool.max-create-connection-time=1s")) {
			assertThat(R2dbc.userOf(context)).isEqualTo("APP");
			rotate(context);
			R2dbcFaults.hang = true;
			assertThat(R2dbcFaults.outcome(context)).isEqualTo("failed");
		}
	}

	@Test
	@Timeout(120)
	void manyCallersDuringRotationsAllSucceed() throws Exception {
		try (ConfigurableApplicationContext context = run(Hanging.class, USER, PASSWORD,
				"--spring.r2dbc.pool.initial-size=2", "--spring.r2dbc.pool.max-size=2",
				"--spring.r2dbc.pool.validation-depth=remote", "--spring.r2dbc.pool.max-life-time=300ms",
				"--spring.r2dbc.pool.background-eviction-interval=100ms")) {
			for (int i = 0; i < 20; i++) {
				boolean clone = i % 2 == 0;
				this.store.put("user", clone ? "APP_CLONE" : "APP")
					.put("password", clone ? "canary-clone" : "canary-1");
				Mono<Void> refresh = Mono.<Void>fromRunnable(() -> context.getBean(Secrets.class).refresh())
					.subscribeOn(Schedulers.single());
				Disposable cancelled = R2dbcFaults.openAndClose(context);
				Disposable refreshing = refresh.subscribe();
				assertThat(R2dbc.users(context, 64)).hasSize(64);
				cancelled.dispose();
				await().until(refreshing::isDisposed);
			}
			await().until(() -> R2dbcFaults.acquired(context) == 0);
			assertThat(this.database.connections().size()).isLessThanOrEqualTo(2);
		}
	}

	@Test
	@Timeout(60)
	void transactionThatIsLeftOpenIsRolledBackWhenSecretHasChanged(CapturedOutput output) throws Exception {
		this.database.execute("CREATE TABLE T (I INT)");
		this.database.execute("GRANT ALL ON T TO APP");
		this.database.execute("GRANT ALL ON T TO APP_CLONE");
		try (ConfigurableApplicationContext context = run(Hanging.class, USER, PASSWORD,
				"--spring.r2dbc.pool.initial-size=1", "--spring.r2dbc.pool.max-size=1",
				"--logging.level.dev.ecssecrets=TRACE")) {
			R2dbcFaults.insertAndLeave(context, () -> {
				this.store.put("user", "APP_CLONE").put("password", "canary-clone");
				context.getBean(Secrets.class).refresh();
			});
			await().until(() -> this.database.connections().isEmpty());
			assertThat(R2dbc.query(context, "SELECT COUNT(*) FROM T")).isEqualTo("0");
			R2dbcFaults.insertAndLeave(context, () -> {
			});
			assertThat(this.database.connections()).hasSize(1);
			this.store.put("user", "APP").put("password", "canary-1");
			context.getBean(Secrets.class).refresh();
			await().atMost(Duration.ofSeconds(5)).until(() -> this.database.connections().isEmpty());
			this.database.changePassword("APP", "canary-9");
			try {
				R2dbc.userOf(context);
			}
			catch (RuntimeException ex) {
				assertThat(ex.toString() + ex.getCause()).doesNotContain("canary");
			}
		}
		assertThat(output.getAll()).doesNotContain("canary");
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "secret", "pool" })
	@Timeout(120)
	void cancelledConnectionsAreClosed(String kind) throws Exception {
		boolean secret = !kind.equals("none");
		try (ConfigurableApplicationContext context = run(Hanging.class, secret ? USER : "--spring.r2dbc.username=APP",
				secret ? PASSWORD : "--spring.r2dbc.password=canary-1",
				"--spring.r2dbc.pool.enabled=" + kind.equals("pool"), "--spring.r2dbc.pool.initial-size=0",
				"--spring.r2dbc.pool.max-size=2")) {
			for (int i = 0; i < 600; i++) {
				R2dbcFaults.openAndCancel(context, i % 5);
				if (kind.equals("pool") && i % 20 == 0) {
					boolean clone = i % 40 == 0;
					this.store.put("user", clone ? "APP_CLONE" : "APP")
						.put("password", clone ? "canary-clone" : "canary-1");
					context.getBean(Secrets.class).refresh();
				}
			}
			await().until(() -> this.database.connections().size() <= (kind.equals("pool") ? 2 : 0));
			R2dbc.userOf(context);
			if (kind.equals("pool")) {
				await().until(() -> R2dbcFaults.acquired(context) == 0);
			}
		}
	}

	/**
	 * The same without a rotation, for comparison.
	 */
	@Test
	@Timeout(60)
	void creationWhenDatabaseDoesNotAnswerTakesAtMostTheTimeToCreateConnection() {
		try (ConfigurableApplicationContext context = run(Hanging.class, USER, PASSWORD,
				"--spring.r2dbc.pool.initial-size=0", "--spring.r2dbc.pool.max-size=1",
				"--spring.r2dbc.pool.max-create-connection-time=1s")) {
			R2dbcFaults.hang = true;
			assertThat(R2dbcFaults.outcome(context)).isEqualTo("failed");
		}
	}

	private void rotate(ConfigurableApplicationContext context) {
		this.store.put("user", "APP_CLONE").put("password", "canary-clone");
		context.getBean(Secrets.class).refresh();
		await().until(() -> this.database.connections().isEmpty());
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
					"spring.r2dbc.url=" + R2dbc.url(this.database))
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.store.fetch(locations, timeout))))
			.run(args);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Hanging {

		@Bean
		ConnectionFactoryDecorator decorator() {
			return R2dbcFaults.decorator(Duration.ofDays(1));
		}

	}

}
