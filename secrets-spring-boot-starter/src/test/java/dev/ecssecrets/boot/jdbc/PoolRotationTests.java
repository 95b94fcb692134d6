// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsRefreshedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * An application whose database password rotates: all parts together.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolRotationTests {

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "app").put("password", "canary-1");

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
	void poolFollowsRefresh() throws SQLException {
		try (ConfigurableApplicationContext context = run()) {
			Set<String> before = connections(context);
			this.store.put("user", "app_clone").put("password", "canary-clone");
			context.getBean(Secrets.class).refresh();
			assertFollowed(context, before, "APP_CLONE");
		}
	}

	@Test
	void listenerOfApplicationGetsConnectionOfNewUser() throws Exception {
		try (ConfigurableApplicationContext context = run(WithListener.class)) {
			connections(context);
			this.store.put("user", "app_clone").put("password", "canary-clone");
			context.getBean(Secrets.class).refresh();
			assertThat(context.getBean(WithListener.class).users.poll(30, TimeUnit.SECONDS)).isEqualTo("APP_CLONE");
		}
	}

	@Test
	void poolFollowsContextRefresh() throws SQLException {
		try (ConfigurableApplicationContext context = run()) {
			Set<String> before = connections(context);
			this.store.put("user", "app_clone").put("password", "canary-clone");
			context.getBean(ContextRefresher.class).refresh();
			assertFollowed(context, before, "APP_CLONE");
		}
	}

	@Test
	void refusedLoginRefreshesEarly() throws SQLException {
		try (ConfigurableApplicationContext context = run()) {
			connections(context);
			this.database.changePassword("APP", "canary-2");
			this.store.put("password", "canary-2");
			pool(context).getHikariPoolMXBean().softEvictConnections();
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
			assertThat(context.getEnvironment().getProperty("DB_PASSWORD")).isEqualTo("canary-2");
		}
	}

	@Test
	void refusedLoginAtStartRefreshesEarly() throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.fetch = (locations, timeout) -> {
			SecretStore.Response response = this.store.fetch(locations, timeout);
			this.store.put("password", "canary-2");
			return response;
		};
		try (ConfigurableApplicationContext context = run()) {
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		}
	}

	/**
	 * The second pool has been given a password that is outdated when it is made.
	 */
	@Test
	void refusedLoginOfFirstPoolLeavesSecondOneFollowing() throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.fetch = (locations, timeout) -> {
			SecretStore.Response response = this.store.fetch(locations, timeout);
			this.store.put("password", "canary-2");
			return response;
		};
		try (ConfigurableApplicationContext context = run(TwoPools.class, "--first.url=" + this.database.url(),
				"--first.username=${DB_USER}", "--first.password=${DB_PASSWORD}", "--second.url=" + this.database.url(),
				"--second.username=${DB_USER}", "--second.password=${DB_PASSWORD}",
				"--spring.cloud.refresh.never-refreshable=" + DataSourceProperties.class.getName())) {
			assertThat(Database.userOf(context.getBean("firstPool", DataSource.class))).isEqualTo("APP");
			assertThat(Database.userOf(context.getBean("secondPool", DataSource.class))).isEqualTo("APP");
		}
	}

	@Test
	void refusedLoginWhenSecretDoesNotComeInTimeIsReported() throws SQLException {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.min-interval=1h",
				"--spring.datasource.hikari.connection-timeout=250")) {
			connections(context);
			this.database.changePassword("APP", "canary-2");
			this.store.put("password", "canary-2");
			pool(context).getHikariPoolMXBean().softEvictConnections();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Database.userOf(context.getBean(DataSource.class)))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28000"))
				.withCauseInstanceOf(SQLException.class);
		}
	}

	@Test
	void lazyConnectionsFollowToo() throws SQLException {
		try (ConfigurableApplicationContext context = run("--spring.datasource.connection-fetch=lazy")) {
			Set<String> before = connections(context);
			this.store.put("user", "app_clone").put("password", "canary-clone");
			context.getBean(Secrets.class).refresh();
			assertFollowed(context, before, "APP_CLONE");
		}
	}

	@Test
	void handMadePoolFollowsByOneLine() throws SQLException {
		try (ConfigurableApplicationContext context = run(); HikariDataSource pool = new HikariDataSource()) {
			SecretsPools pools = context.getBean(SecretsPools.class);
			pool.setJdbcUrl(this.database.url());
			pools.follow(pool, "db.user", "db.password");
			assertThat(Database.userOf(pool)).isEqualTo("APP");
			this.store.put("user", "app_clone").put("password", "canary-clone");
			context.getBean(Secrets.class).refresh();
			await().until(() -> Database.userOf(pool).equals("APP_CLONE"));
			this.database.changePassword("APP_CLONE", "canary-2");
			this.store.put("password", "canary-2");
			pool.getHikariPoolMXBean().softEvictConnections();
			assertThat(Database.userOf(pool)).isEqualTo("APP_CLONE");
			assertThatIllegalStateException().isThrownBy(() -> pools.follow(pool, "db.user", "db.password"))
				.withMessageContaining("has already started");
		}
	}

	/**
	 * A pool waits for the thread that opens its connections as long as a login may take,
	 * two minutes here.
	 */
	@Test
	@Timeout(90)
	void closeWhenPoolWaitsForAnEarlyRefreshReleasesIt() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run("--spring.datasource.hikari.connection-timeout=120000")) {
			connections(context);
			this.database.changePassword("APP", "canary-2");
			this.fetch = (locations, timeout) -> {
				asked.countDown();
				LockSupport.park();
				return this.store.fetch(locations, timeout);
			};
			pool(context).getHikariPoolMXBean().softEvictConnections();
			asked.await();
		}
	}

	private ConfigurableApplicationContext run(String... args) {
		return run(Application.class, args);
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
					"spring.datasource.url=" + this.database.url(), "spring.datasource.username=${DB_USER}",
					"spring.datasource.password=${DB_PASSWORD}", "spring.datasource.hikari.maximum-pool-size=2")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.fetch.fetch(locations, timeout))))
			.run(args);
	}

	private Set<String> connections(ConfigurableApplicationContext context) throws SQLException {
		assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		return this.database.connections();
	}

	private void assertFollowed(ConfigurableApplicationContext context, Set<String> before, String user) {
		await().until(() -> Database.userOf(context.getBean(DataSource.class)).equals(user));
		await().until(() -> this.database.connections().stream().noneMatch(before::contains));
	}

	private static HikariDataSource pool(ConfigurableApplicationContext context) throws SQLException {
		return context.getBean(DataSource.class).unwrap(HikariDataSource.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithListener {

		private final BlockingQueue<String> users = new LinkedBlockingQueue<>();

		private final ObjectProvider<DataSource> dataSource;

		WithListener(ObjectProvider<DataSource> dataSource) {
			this.dataSource = dataSource;
		}

		@EventListener(SecretsRefreshedEvent.class)
		void onRefresh() throws SQLException {
			this.users.add(Database.userOf(this.dataSource.getObject()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class TwoPools {

		@Bean
		@ConfigurationProperties("first")
		DataSourceProperties firstProperties() {
			return new DataSourceProperties();
		}

		@Bean
		@ConfigurationProperties("second")
		DataSourceProperties secondProperties() {
			return new DataSourceProperties();
		}

		@Bean
		HikariDataSource firstPool(@Qualifier("firstProperties") DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

		@Bean
		HikariDataSource secondPool(@Qualifier("secondProperties") DataSourceProperties properties,
				@Qualifier("firstPool") DataSource first) throws SQLException {
			Database.userOf(first);
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

	}

}
