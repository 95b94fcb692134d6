// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.samples.rotating.Rotation.Rotated;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import dev.ecssecrets.servers.DatabaseServer.Session;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of connections that nobody uses, and of callers that cannot wait.
 */
class PoolIT {

	@ParameterizedTest
	@EnumSource
	void connectionsWhenLeftAloneAreRetired(Engine engine) throws SQLException {
		RotatingDatabase database = new RotatingDatabase(engine, "left-alone");
		try (ConfigurableApplicationContext application = run(database, "--ecs-secrets.refresh.interval=1s")) {
			Visits visits = application.getBean(Visits.class);
			assertThat(visits.summary().databaseUser()).isEqualTo("left-alone");
			Session before = DatabaseServer.get(engine).newSession();
			database.rotation(Strategy.ALTERNATING_USERS, () -> {
			}).rotate();
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> database.hasOnlySessionsOf("left-alone_clone", before));
			assertThat(visits.summary().databaseUser()).isEqualTo("left-alone_clone");
		}
	}

	@ParameterizedTest
	@EnumSource
	void waitsForSecret(Engine engine) throws Exception {
		RotatingDatabase database = new RotatingDatabase(engine, "in-time");
		CountDownLatch databaseChanged = new CountDownLatch(1);
		CountDownLatch secretMayChange = new CountDownLatch(1);
		Rotation rotation = database.rotation(Strategy.SINGLE_USER, () -> {
			databaseChanged.countDown();
			await(secretMayChange);
		});
		ExecutorService executor = Executors.newFixedThreadPool(2);
		try (ConfigurableApplicationContext application = run(database, "--ecs-secrets.refresh.interval=1h")) {
			Visits visits = application.getBean(Visits.class);
			HikariDataSource pool = awaitFilledPool(application);
			Future<Rotated> rotated = executor.submit(rotation::rotate);
			await(databaseChanged);
			pool.getHikariPoolMXBean().softEvictConnections();
			Future<?> visit = executor.submit(visits::add);
			Awaitility.await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
			secretMayChange.countDown();
			rotated.get();
			visit.get();
			assertThat(visits.summary().visits()).isOne();
		}
		finally {
			executor.shutdownNow();
		}
	}

	@ParameterizedTest
	@EnumSource
	void tellsWhyWhenSecretComesTooLateAndRecoversWhenItComes(Engine engine) throws Exception {
		RotatingDatabase database = new RotatingDatabase(engine, "too-late");
		CountDownLatch databaseChanged = new CountDownLatch(1);
		CountDownLatch secretMayChange = new CountDownLatch(1);
		Rotation rotation = database.rotation(Strategy.SINGLE_USER, () -> {
			databaseChanged.countDown();
			await(secretMayChange);
		});
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (ConfigurableApplicationContext application = run(database, "--ecs-secrets.refresh.interval=1h",
				"--spring.datasource.hikari.connection-timeout=1000")) {
			Visits visits = application.getBean(Visits.class);
			HikariDataSource pool = awaitFilledPool(application);
			Future<Rotated> rotated = executor.submit(rotation::rotate);
			await(databaseChanged);
			pool.getHikariPoolMXBean().softEvictConnections();
			assertThatExceptionOfType(CannotGetJdbcConnectionException.class).isThrownBy(visits::add)
				.havingCause()
				.isInstanceOf(SQLTransientConnectionException.class)
				.satisfies((ex) -> assertThat(((SQLException) ex).getSQLState()).startsWith("28"))
				.havingCause()
				.isInstanceOf(SQLException.class)
				.satisfies((ex) -> assertThat(((SQLException) ex).getSQLState()).startsWith("28"))
				.withMessageMatching("(?s).*(?:password authentication failed|Access denied).*");
			secretMayChange.countDown();
			rotated.get();
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.ignoreException(CannotGetJdbcConnectionException.class)
				.untilAsserted(visits::add);
			assertThat(visits.summary().visits()).isOne();
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static ConfigurableApplicationContext run(RotatingDatabase database, String... arguments) {
		return database.runApplication(StringUtils.concatenateStringArrays(arguments,
				new String[] { "--spring.main.web-application-type=none", "--ecs-secrets.refresh.min-interval=1s" }));
	}

	/**
	 * Returns the pool when it opens no more connections with its first password.
	 */
	private static HikariDataSource awaitFilledPool(ConfigurableApplicationContext application) {
		HikariDataSource pool = application.getBean(HikariDataSource.class);
		Awaitility.await().until(() -> pool.getHikariPoolMXBean().getIdleConnections() == pool.getMaximumPoolSize());
		return pool;
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
