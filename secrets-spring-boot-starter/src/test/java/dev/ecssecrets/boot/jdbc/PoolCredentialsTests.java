// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import dev.ecssecrets.boot.jdbc.PoolCredentials.PropertyNames;
import org.h2.jdbc.JdbcSQLInvalidAuthorizationSpecException;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Real pools on a real database, whose secrets change.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolCredentialsTests {

	// What a statement on a new connection does, and what a query waits for.
	private static final AtomicReference<Runnable> HOOK = new AtomicReference<>();

	private final AtomicInteger earlyRefreshes = new AtomicInteger();

	private volatile Runnable earlyRefresh = () -> {
	};

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "app").put("password", "canary-1");

	private final ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
		.web(WebApplicationType.NONE)
		.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=DB_USERNAME",
				"ecs-secrets.secrets[0].value-from=user", "ecs-secrets.secrets[1].name=DB_PASSWORD",
				"ecs-secrets.secrets[1].value-from=password", "ecs-secrets.secrets[1].optional=true")
		.addBootstrapRegistryInitializer(
				(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this::fetch)))
		.run();

	private final HikariDataSource pool = new HikariDataSource();

	private final ExecutorService executor = Executors.newCachedThreadPool();

	// Kept, as pools refer to it weakly.
	private final Source source = new Source(this.context.getBean(Secrets.class), this.context.getEnvironment());

	private Database database;

	private PoolCredentials credentials;

	@BeforeEach
	void createPool() throws SQLException {
		HOOK.set(() -> {
		});
		this.database = new Database();
		this.database.createUser("APP", "canary-1");
		this.database.createUser("APP_CLONE", "canary-clone");
		this.database.execute("CREATE ALIAS HOOK FOR '" + Hook.class.getName() + ".run'");
		this.pool.setJdbcUrl(this.database.url());
		this.pool.setUsername("app");
		this.pool.setPassword("canary-1");
		this.pool.setMaximumPoolSize(2);
		followSecrets();
		this.earlyRefreshes.set(0);
	}

	@AfterEach
	void close(CapturedOutput output) throws SQLException {
		this.pool.close();
		this.executor.shutdownNow();
		this.context.close();
		this.database.close();
		assertThat(output.getAll()).doesNotContain("canary");
		assertThat(this.credentials.toString()).doesNotContain("canary");
	}

	@Test
	void connectionsWhenPairHasChangedUseNewOneAndOldOnesAreRetired() throws SQLException {
		fillPool();
		secrets("app_clone", "canary-clone");
		this.credentials.evictOutdated();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
		awaitNoneOf("APP");
		assertThat(this.earlyRefreshes).hasValue(0);
	}

	@Test
	void getTargetDataSourceWhenDriverIsLookedUpHoldsNoLock() throws SQLException {
		AskedDriver driver = new AskedDriver(this.pool.getDataSource());
		DriverManager.registerDriver(driver);
		try {
			this.pool.setJdbcUrl(AskedDriver.PREFIX + this.database.url());
			assertThat(Database.userOf(this.pool)).isEqualTo("APP");
			assertThat(driver.asked).isTrue();
			assertThat(driver.locked).isFalse();
		}
		finally {
			DriverManager.deregisterDriver(driver);
		}
	}

	@Test
	void pairWhenUnchangedRetiresNothing() throws SQLException {
		fillPool();
		var before = this.database.connections();
		secrets("app", "canary-1");
		this.credentials.evictOutdated();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		assertThat(this.pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(2);
		assertThat(this.database.connections()).isEqualTo(before);
	}

	@Test
	void evictOutdatedWhenPoolIsNotStartedDoesNothing() {
		secrets("app_clone", "canary-clone");
		this.credentials.evictOutdated();
		assertThat(this.pool.isRunning()).isFalse();
	}

	@Test
	void queryWhenRunningIsNotCut() throws Exception {
		fillPool();
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		HOOK.set(() -> {
			running.countDown();
			uninterruptibly(() -> {
				release.await();
				return null;
			});
		});
		Future<String> query = this.executor.submit(() -> {
			try (Connection connection = this.pool.getConnection();
					Statement statement = connection.createStatement()) {
				statement.execute("CALL HOOK()");
				return Database.userOf(connection);
			}
		});
		assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
		secrets("app_clone", "canary-clone");
		this.credentials.evictOutdated();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
		assertThat(this.database.connections()).anyMatch((one) -> one.startsWith("APP "));
		release.countDown();
		assertThat(query.get()).isEqualTo("APP");
		awaitNoneOf("APP");
	}

	@Test
	void userAndPasswordAreOfOneMoment() throws Exception {
		AtomicBoolean done = new AtomicBoolean();
		Future<?> rotation = this.executor.submit(() -> {
			while (!done.get()) {
				secrets("app_clone", "canary-clone");
				secrets("app", "canary-1");
			}
		});
		for (int i = 0; i < 2000; i++) {
			Credentials pair = this.credentials.getCredentials();
			assertThat(pair.getPassword().equals("canary-1")).isEqualTo(pair.getUsername().equals("app"));
		}
		for (int i = 0; i < 50; i++) {
			try (Connection connection = this.pool.getConnection()) {
				this.pool.evictConnection(connection);
			}
		}
		done.set(true);
		rotation.get();
		assertThat(this.earlyRefreshes).hasValue(0);
	}

	@Test
	void refusedLoginIsFixedByEarlyRefreshWithinOneCall(CapturedOutput output) throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.earlyRefresh = () -> this.store.put("password", "canary-2");
		this.pool.setInitializationFailTimeout(1);
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		assertThat(this.earlyRefreshes).hasValue(1);
		assertThat(output).doesNotContain("refused the login").doesNotContain("Failed to create");
	}

	@Test
	void refusedLoginWhenSecretsHaveChangedMeanwhileNeedsNoEarlyRefresh() throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.pool.setDataSource(new DelegatingDataSource(dataSource()) {
			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				try {
					return super.getConnection(username, password);
				}
				finally {
					secrets("app", "canary-2");
				}
			}
		});
		followSecrets();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		assertThat(this.earlyRefreshes).hasValue(0);
	}

	@Test
	void refusedLoginWhenNotFixedReachesCallersAndIsWarnedOfOnce(CapturedOutput output) throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.pool.setPoolName("orders");
		this.pool.setConnectionTimeout(1000);
		this.pool.setInitializationFailTimeout(-1);
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(this.pool::getConnection)
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28000"))
				.withCauseInstanceOf(SQLException.class);
		}
		assertThat(this.earlyRefreshes).hasValueGreaterThan(1);
		assertThat(output.getAll().split("refused the login", -1)).hasSize(2);
		assertThat(output).contains("WARN")
			.contains("The database refused the login of orders (user from db.username, password from db.password),"
					+ " and the secrets had no other value. They may be rotating, and are loaded again until they"
					+ " change. To log in with the version that is pending meanwhile, set ecs-secrets.refresh.pending to"
					+ " true");
		secrets("app", "canary-2");
		await().ignoreExceptions().until(() -> Database.userOf(this.pool).equals("APP"));
		assertThat(output).containsOnlyOnce("The database accepts the login of orders again");
	}

	@Test
	void refusedLoginWhenNotFixedIsTriedOnce() throws SQLException {
		AtomicInteger logins = new AtomicInteger();
		this.database.changePassword("APP", "canary-2");
		this.pool.setDataSource(new DelegatingDataSource(dataSource()) {
			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				logins.incrementAndGet();
				return super.getConnection(username, password);
			}
		});
		followSecrets();
		for (int i = 0; i < 20; i++) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool.getDataSource()::getConnection)
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28000"));
		}
		assertThat(logins).hasValue(1);
		secrets("app", "canary-2");
		this.pool.getDataSource().getConnection().close();
		assertThat(logins).hasValue(2);
	}

	@Test
	void lockedAccountIsTriedOnceWithoutALoadAndReportedOnce(CapturedOutput output) {
		AtomicInteger logins = refuse("HY000", 3118);
		for (int i = 0; i < 5; i++) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool.getDataSource()::getConnection)
				.withMessage("refused");
		}
		assertThat(logins).hasValue(1);
		assertThat(this.earlyRefreshes).hasValue(0);
		assertThat(output).containsOnlyOnce("ERROR").contains("The database has locked the account of ");
	}

	@Test
	void loginWhenRefusedForAnotherReasonIsTriedAsOftenAsThePoolTries(CapturedOutput output) {
		AtomicInteger logins = refuse("HY000", 1862);
		for (int i = 0; i < 5; i++) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool.getDataSource()::getConnection)
				.withMessage("refused");
		}
		assertThat(logins).hasValue(5);
		assertThat(this.earlyRefreshes).hasValue(0);
		assertThat(output).doesNotContain("WARN", "ERROR");
	}

	@Test
	void refusedLoginAtStartSaysThatTheSecretMayBeRotating() throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.pool.setInitializationFailTimeout(1);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool::getConnection)
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28000"))
			.withMessageStartingWith("Wrong user name or password")
			.withMessageContaining("The secret may be rotating: it had no other value until 2")
			.withCauseInstanceOf(JdbcSQLInvalidAuthorizationSpecException.class);
		secrets("app", "canary-2");
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
	}

	@Test
	void failureWhenNoLoginIsRefusedCausesNoEarlyRefresh() {
		this.pool.setJdbcUrl("jdbc:h2:mem:nowhere;IFEXISTS=TRUE");
		this.pool.setInitializationFailTimeout(1);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool::getConnection)
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("90146"));
		assertThat(this.earlyRefreshes).hasValue(0);
	}

	@Test
	void refusalWhenBehindOtherExceptionsIsFound() throws SQLException {
		this.database.changePassword("APP", "canary-2");
		this.earlyRefresh = () -> this.store.put("password", "canary-2");
		this.pool.setDataSource(new DelegatingDataSource(dataSource()) {
			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				try {
					return super.getConnection(username, password);
				}
				catch (SQLException ex) {
					SQLException wrapped = new SQLException("All hosts fail", "08001");
					wrapped.setNextException(new SQLException("One host fails", ex));
					throw wrapped;
				}
			}
		});
		followSecrets();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		assertThat(this.earlyRefreshes).hasValue(1);
	}

	@Test
	void connectionWhenOpenedWhileSecretsChangeIsNotKept() throws SQLException {
		this.pool.setDataSource(new DelegatingDataSource(dataSource()) {
			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				Connection connection = super.getConnection(username, password);
				secrets("app_clone", "canary-clone");
				PoolCredentialsTests.this.credentials.evictOutdated();
				return connection;
			}
		});
		followSecrets();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
		assertThat(this.database.connections()).noneMatch((one) -> one.startsWith("APP "));
	}

	@Test
	void connectionWhenItJoinsThePoolAfterTheChangeIsRetiredByTheNextOne() throws SQLException {
		this.pool.setConnectionInitSql("CALL HOOK()");
		changeOnce();
		try (Connection first = this.pool.getConnection()) {
			await().until(() -> this.database.connections().size() == 2);
			assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
			assertThat(Database.userOf(first)).isEqualTo("APP");
		}
		awaitNoneOf("APP");
	}

	@Test
	void connectionWhenItJoinsThePoolAfterTheChangeIsRetiredByTheNextRefresh() throws SQLException {
		this.pool.setMaximumPoolSize(1);
		this.pool.setConnectionInitSql("CALL HOOK()");
		changeOnce();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		this.credentials.evictOutdated();
		assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
	}

	@Test
	void pairWhenNewOneIsIncompleteOrCannotBeResolvedIsTheLastGoodOne() {
		secrets("app_clone", "canary-clone");
		assertPair("app_clone", "canary-clone");
		this.store.put("user", "app").remove("password");
		this.context.getBean(Secrets.class).refresh();
		assertPair("app_clone", "canary-clone");
		secrets("app", "canary-${DB_PASSWORD}");
		assertPair("app_clone", "canary-clone");
		secrets("app", "canary-1");
		assertPair("app", "canary-1");
	}

	@Test
	void credentialsWhenNoPropertyStayAsTheyAre() {
		this.credentials = credentials(null, "db.password");
		secrets("other", "canary-2");
		assertPair("app", "canary-2");
		assertThat(this.credentials).hasToString("user from the client's own configuration, password from db.password");
	}

	@Test
	void providerWhenSetLaterWins() throws SQLException {
		this.pool.setCredentialsProvider(() -> Credentials.of("app_clone", "canary-clone"));
		assertThat(Database.userOf(this.pool)).isEqualTo("APP_CLONE");
		assertThat(this.database.connections()).noneMatch((one) -> one.startsWith("APP "));
	}

	@Test
	void configurationMayChangeUntilPoolStarts() throws SQLException {
		this.pool.addDataSourceProperty("INIT", "CREATE SCHEMA IF NOT EXISTS LATE");
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		this.database.execute("DROP SCHEMA LATE");
	}

	@Test
	void startWhenThereIsNoDriverFails() {
		this.pool.setJdbcUrl("jdbc:nothing:nowhere");
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(this.pool::getConnection)
			.withStackTraceContaining("No suitable driver");
	}

	@Test
	void connectionWhenNoCredentialsAreGivenHasCurrentOnes() throws SQLException {
		secrets("app_clone", "canary-clone");
		assertThat(Database.userOf(this.pool.getDataSource())).isEqualTo("APP_CLONE");
	}

	/**
	 * Makes the database refuse all logins.
	 * @return how many there are
	 */
	private AtomicInteger refuse(String sqlState, int code) {
		AtomicInteger logins = new AtomicInteger();
		this.pool.setDataSource(new DelegatingDataSource(dataSource()) {
			@Override
			public Connection getConnection(String username, String password) throws SQLException {
				logins.incrementAndGet();
				throw new SQLException("refused", sqlState, code);
			}
		});
		followSecrets();
		return logins;
	}

	private void fillPool() throws SQLException {
		assertThat(Database.userOf(this.pool)).isEqualTo("APP");
		await().until(() -> this.pool.getHikariPoolMXBean().getTotalConnections() == 2);
	}

	private void awaitNoneOf(String user) {
		await().until(() -> this.database.connections().stream().noneMatch((one) -> one.startsWith(user + " ")));
	}

	private void changeOnce() {
		HOOK.set(() -> {
			HOOK.set(() -> {
			});
			secrets("app_clone", "canary-clone");
			this.credentials.evictOutdated();
		});
	}

	private Response fetch(Set<SecretLocation> locations, Duration timeout) {
		this.earlyRefreshes.incrementAndGet();
		this.earlyRefresh.run();
		return this.store.fetch(locations, timeout);
	}

	private void followSecrets() {
		this.credentials = credentials("db.username", "db.password");
		this.pool.setCredentialsProvider(this.credentials);
		this.pool.setDataSource(new ReauthenticatingDataSource(this.pool, this.credentials));
	}

	private PoolCredentials credentials(@Nullable String userProperty, @Nullable String passwordProperty) {
		return new PoolCredentials(this.pool, new PropertyNames(userProperty, passwordProperty), this.source);
	}

	private JdbcDataSource dataSource() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setUrl(this.database.url());
		return dataSource;
	}

	private void secrets(String user, String password) {
		this.store.put("user", user).put("password", password);
		this.earlyRefreshes.decrementAndGet();
		this.context.getBean(Secrets.class).refresh();
	}

	private void assertPair(String user, String password) {
		Credentials pair = this.credentials.getCredentials();
		assertThat(pair.getUsername()).isEqualTo(user);
		assertThat(pair.getPassword().equals(password)).isTrue();
	}

	private static void uninterruptibly(Callable<?> action) {
		try {
			action.call();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

	}

	/**
	 * Called by the database.
	 */
	public static final class Hook {

		private Hook() {
		}

		public static void run() {
			HOOK.get().run();
		}

	}

	/**
	 * Foreign code that a pool calls before its first connection.
	 */
	private static final class AskedDriver extends org.h2.Driver {

		static final String PREFIX = "jdbc:asked:";

		private final DataSource dataSource;

		private volatile boolean asked;

		private volatile boolean locked;

		AskedDriver(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@Override
		public boolean acceptsURL(String url) {
			this.asked = true;
			this.locked |= Thread.holdsLock(this.dataSource);
			return url.startsWith(PREFIX);
		}

		@Override
		public @Nullable Connection connect(String url, Properties info) throws SQLException {
			return acceptsURL(url) ? super.connect(url.substring(PREFIX.length()), info) : null;
		}

	}

}
