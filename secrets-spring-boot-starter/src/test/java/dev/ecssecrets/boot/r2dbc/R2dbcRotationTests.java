// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.RotatingSecret;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.test.InMemorySecretStore;
import io.r2dbc.h2.H2Connection;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.r2dbc.ConnectionFactoryDecorator;
import org.springframework.boot.r2dbc.OptionsCapableConnectionFactory;
import org.springframework.boot.r2dbc.autoconfigure.ConnectionFactoryOptionsBuilderCustomizer;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Applications whose database password rotates, and which connect by R2DBC.
 */
@Tag("r2dbc")
@ExtendWith(OutputCaptureExtension.class)
class R2dbcRotationTests {

	private static final String UNREACHED = "A refresh of secrets does not reach the client for R2DBC (";

	private static final String USER = "--spring.r2dbc.username=${DB_USER}";

	private static final String PASSWORD = "--spring.r2dbc.password=${DB_PASSWORD}";

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "APP").put("password", "canary-1");

	private volatile SecretStore fetch = this.store;

	private Database database;

	@BeforeEach
	void createDatabase() throws SQLException {
		this.database = new Database();
		this.database.createUser("APP", "canary-1");
		this.database.createUser("APP_CLONE", "canary-clone");
	}

	@AfterEach
	void closeDatabase(CapturedOutput output) throws SQLException {
		this.database.close();
		assertThat(output.getAll()).doesNotContain("canary");
	}

	@Test
	void idleSessionsWhenSecretChangesAreClosed() throws SQLException {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD)) {
			userOf(context);
			await().until(() -> this.database.connections().size() == 10);
			rotate(context);
			await().until(() -> this.database.connections().isEmpty());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.r2dbc.pool.validation-depth=local", "spring.r2dbc.pool.validation-depth=remote",
			"spring.r2dbc.pool.validation-query=SELECT 1" })
	void fullPoolWhenAllSessionsAreOutdatedFailsNobody(String validation) throws SQLException {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD, "--" + validation)) {
			assertThat(R2dbc.users(context, 10)).containsOnly("APP").hasSize(10);
			rotate(context);
			await().until(() -> userOf(context).equals("APP_CLONE"));
			assertThat(R2dbc.users(context, 30)).containsOnly("APP_CLONE").hasSize(30);
			assertThat(this.database.connections()).hasSize(10).allMatch((one) -> one.startsWith("APP_CLONE "));
		}
	}

	@Test
	void fullPoolWhenDecoratorsHideConnectionsFailsNobody() throws SQLException {
		try (ConfigurableApplicationContext context = run(Decorated.class, USER, PASSWORD)) {
			assertThat(R2dbc.users(context, 10)).containsOnly("APP").hasSize(10);
			rotate(context);
			await().until(() -> this.database.connections().isEmpty());
			assertThat(R2dbc.users(context, 10)).containsOnly("APP_CLONE").hasSize(10);
			assertThat(R2dbc.open(context)).matches(R2dbc::isDecorated);
		}
	}

	@Test
	void sessionInUseWhenSecretChangesFinishesFirst() throws SQLException {
		this.database.execute("CREATE TABLE T (I INT)");
		try (ConfigurableApplicationContext context = run(USER, PASSWORD)) {
			Connection used = R2dbc.open(context);
			Mono.from(used.beginTransaction()).block();
			await().until(() -> this.database.connections().size() == 10);
			rotate(context);
			await().until(() -> this.database.connections().size() == 1);
			assertThat(R2dbc.userOf(used)).isEqualTo("APP");
			assertThat(R2dbc.update(used, "INSERT INTO T VALUES (1)")).isOne();
			Mono.from(used.commitTransaction()).block();
			Mono.from(used.close()).block();
			await().until(() -> this.database.connections().isEmpty());
			assertThat(R2dbc.query(context, "SELECT COUNT(*) FROM T")).isEqualTo("1");
		}
	}

	@Test
	void connectionWhenThereIsNoPoolIsTheOneOfTheDriverAndFollows() throws SQLException {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD, "--spring.r2dbc.pool.enabled=false")) {
			Connection before = R2dbc.open(context);
			assertThat(before).isInstanceOf(H2Connection.class);
			rotate(context);
			assertThat(userOf(context)).isEqualTo("APP_CLONE");
			assertThat(R2dbc.userOf(before)).isEqualTo("APP");
			Mono.from(before.close()).block();
		}
	}

	@Test
	void credentialsInUrlFollow(CapturedOutput output) throws SQLException {
		this.database.createUser("OTHER", "canary @1");
		try (ConfigurableApplicationContext context = run("--spring.r2dbc.url="
				+ R2dbc.url(this.database).replace("mem:///", "mem://${DB_USER}:${DB_PASSWORD}@/"))) {
			assertThat(userOf(context)).isEqualTo("APP");
			rotate(context);
			await().until(() -> userOf(context).equals("APP_CLONE"));
			this.store.put("user", "OTHER").put("password", "canary%20%401");
			context.getBean(Secrets.class).refresh();
			await().until(() -> userOf(context).equals("OTHER"));
			assertThat(output).doesNotContain(UNREACHED);
		}
	}

	@Test
	void credentialsWhenNewUrlIsNoUrlStay() throws SQLException {
		try (ConfigurableApplicationContext context = run("--spring.r2dbc.url="
				+ R2dbc.url(this.database).replace("mem:///", "mem://${DB_USER}:${DB_PASSWORD}@/"))) {
			this.store.put("password", "canary%");
			context.getBean(Secrets.class).refresh();
			assertThat(userOf(context)).isEqualTo("APP");
		}
	}

	@Test
	void passwordAloneFollows() throws SQLException {
		try (ConfigurableApplicationContext context = run("--spring.r2dbc.username=APP", PASSWORD)) {
			assertThat(userOf(context)).isEqualTo("APP");
			await().until(() -> this.database.connections().size() == 10);
			this.database.changePassword("APP", "canary-2");
			this.store.put("password", "canary-2");
			context.getBean(Secrets.class).refresh();
			await().until(() -> this.database.connections().isEmpty());
			assertThat(userOf(context)).isEqualTo("APP");
		}
	}

	@Test
	void pendingVersionIsUsedWhenCurrentOneIsRefused(CapturedOutput output) throws SQLException {
		RotatingSecret secret = new RotatingSecret().stage("AWSCURRENT", "1", "APP", "canary-1")
			.stage("AWSPENDING", "2", "APP", "canary-2");
		this.fetch = secret;
		try (ConfigurableApplicationContext context = run(USER, PASSWORD, "--ecs-secrets.refresh.pending=true",
				"--ecs-secrets.secrets[0].name=DB_USER",
				"--ecs-secrets.secrets[0].value-from=" + RotatingSecret.ARN + ":username::",
				"--ecs-secrets.secrets[1].name=DB_PASSWORD",
				"--ecs-secrets.secrets[1].value-from=" + RotatingSecret.ARN + ":password::")) {
			assertThat(userOf(context)).isEqualTo("APP");
			await().until(() -> this.database.connections().size() == 10);
			this.database.changePassword("APP", "canary-2");
			this.database.execute("CALL ABORT_SESSION(" + session() + ")");
			assertThat(R2dbc.users(context, 10)).containsOnly("APP").hasSize(10);
			assertThat(output).contains("accepts the one of the pending version");
		}
	}

	private String session() throws SQLException {
		String session = this.database.connections().iterator().next();
		return session.substring(session.indexOf(' ') + 1);
	}

	@Test
	void refusedLoginWhenThereIsNoOtherPasswordIsTheDriversWithAHint(CapturedOutput output) throws SQLException {
		this.database.changePassword("APP", "canary-2");
		try (ConfigurableApplicationContext context = run(USER, PASSWORD)) {
			assertThatExceptionOfType(R2dbcPermissionDeniedException.class).isThrownBy(() -> userOf(context))
				.withMessageContaining("The secret may be rotating")
				.returns("28000", R2dbcPermissionDeniedException::getSqlState);
			assertThat(output).contains("The database refused the login of the R2DBC client (user from "
					+ "spring.r2dbc.username, password from spring.r2dbc.password)");
		}
	}

	@Test
	@Timeout(60)
	void threadThatSubscribesWhenLoginWaitsForSecretsGoesOn() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		this.database.changePassword("APP", "canary-2");
		try (ConfigurableApplicationContext context = run(USER, PASSWORD, "--spring.r2dbc.pool.enabled=false")) {
			this.fetch = (locations, timeout) -> {
				asked.countDown();
				LockSupport.park();
				return this.store.fetch(locations, timeout);
			};
			CompletableFuture<Boolean> subscribed = new CompletableFuture<>();
			Schedulers.parallel().schedule(() -> {
				R2dbc.subscribe(context, failure);
				subscribed.complete(true);
			});
			asked.await();
			assertThat(subscribed.get()).isTrue();
			assertThat(failure).isNotDone();
		}
		assertThat(failure.get()).isInstanceOf(R2dbcPermissionDeniedException.class);
	}

	@Test
	@Timeout(60)
	void callerWhenAcquisitionTimesOutLeavesPoolUsable() throws Exception {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD, "--spring.r2dbc.pool.max-acquire-time=2s",
				"--spring.r2dbc.pool.initial-size=1", "--spring.r2dbc.pool.max-size=1")) {
			userOf(context);
			CountDownLatch answer = new CountDownLatch(1);
			this.database.changePassword("APP", "canary-2");
			this.fetch = (locations, timeout) -> {
				awaitUninterrupted(answer);
				return this.store.fetch(locations, timeout);
			};
			this.database.execute("CALL ABORT_SESSION(" + session() + ")");
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> userOf(context));
			this.store.put("password", "canary-2");
			answer.countDown();
			await().ignoreExceptions().until(() -> userOf(context).equals("APP"));
			assertThat(this.database.connections()).hasSize(1);
		}
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void poolOfUrlIsReported(CapturedOutput output) throws SQLException {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD,
				"--spring.r2dbc.url=" + R2dbc.url(this.database).replace("r2dbc:h2", "r2dbc:pool:h2"))) {
			assertThat(userOf(context)).isEqualTo("APP");
			assertThat(output).contains(UNREACHED + "spring.r2dbc.username, spring.r2dbc.password)");
		}
	}

	@Test
	void factoryMadeByHandIsReported(CapturedOutput output) {
		run(ByHand.class, USER, PASSWORD, "--by-hand.url=" + R2dbc.url(this.database)).close();
		assertThat(output).contains(UNREACHED + "spring.r2dbc.username, spring.r2dbc.password)");
	}

	@Test
	void factoryWithOtherCredentialsKeepsThem(CapturedOutput output) throws SQLException {
		try (ConfigurableApplicationContext context = run(Customized.class, USER, PASSWORD)) {
			assertThat(userOf(context)).isEqualTo("APP_CLONE");
			this.store.put("password", "canary-2");
			context.getBean(Secrets.class).refresh();
			assertThat(userOf(context)).isEqualTo("APP_CLONE");
			assertThat(output).contains(UNREACHED);
		}
	}

	@Test
	void factoryWhenConnectionDetailsHaveTheSameCredentialsKeepsThem() {
		try (ConfigurableApplicationContext context = run(WithDetails.class, USER, PASSWORD)) {
			assertThat(context.getBean(ConnectionPool.class).unwrap())
				.isExactlyInstanceOf(OptionsCapableConnectionFactory.class);
		}
	}

	@Test
	void factoryThatFollowsIsNotReported(CapturedOutput output) {
		run(USER, PASSWORD).close();
		assertThat(output).doesNotContain(UNREACHED);
	}

	@Test
	void factoryWithoutSecretIsTheOneOfSpringBoot() {
		try (ConfigurableApplicationContext context = run("--spring.r2dbc.username=APP",
				"--spring.r2dbc.password=canary-1")) {
			assertThat(context.getBean(ConnectionPool.class).unwrap())
				.isExactlyInstanceOf(OptionsCapableConnectionFactory.class);
		}
	}

	@Test
	void optionsOfFactoryThatFollowsAreFound() {
		try (ConfigurableApplicationContext context = run(USER, PASSWORD)) {
			assertThat(OptionsCapableConnectionFactory.unwrapFrom(context.getBean(ConnectionFactory.class)))
				.isNotNull();
		}
	}

	private void rotate(ConfigurableApplicationContext context) {
		this.store.put("user", "APP_CLONE").put("password", "canary-clone");
		context.getBean(Secrets.class).refresh();
	}

	private static String userOf(ConfigurableApplicationContext context) {
		return R2dbc.userOf(context);
	}

	private ConfigurableApplicationContext run(String... args) {
		return run(Application.class, args);
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
					"spring.r2dbc.url=" + R2dbc.url(this.database))
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.fetch.fetch(locations, timeout))))
			.run(args);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Customized {

		@Bean
		ConnectionFactoryOptionsBuilderCustomizer customizer() {
			return (options) -> options.option(ConnectionFactoryOptions.USER, "APP_CLONE")
				.option(ConnectionFactoryOptions.PASSWORD, "canary-clone");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithDetails {

		@Bean
		R2dbcConnectionDetails details(Environment environment) {
			return () -> ConnectionFactoryOptions.parse(environment.getRequiredProperty("spring.r2dbc.url"))
				.mutate()
				.option(ConnectionFactoryOptions.USER, "APP")
				.option(ConnectionFactoryOptions.PASSWORD, "canary-1")
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ByHand {

		@Bean
		ConnectionFactory byHand(Environment environment) {
			return ConnectionFactories.get(environment.getRequiredProperty("by-hand.url"));
		}

	}

	/**
	 * As those of R2DBC Proxy, its connections have the methods of {@link Connection}
	 * alone.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Decorated {

		@Bean
		ConnectionFactoryDecorator decorator() {
			return R2dbc.Decorator::new;
		}

	}

}
