package dev.ecssecrets.samples.rotating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Rotated;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Rotates the secret while the application works.
 */
@Execution(ExecutionMode.CONCURRENT)
class RotationIT {

	private static final int ROTATIONS = 10;

	private static final int THREADS = 8;

	// So many that all rotations together have 500.
	private static final int OPENED_BETWEEN_ROTATIONS = 50;

	private static final Queue<String> RESULTS = new ConcurrentLinkedQueue<>();

	private static PostgreSql server;

	private static LocalStack localStack;

	@BeforeAll
	static void start() {
		localStack = LocalStack.get();
		server = PostgreSql.start();
	}

	@AfterAll
	static void stop() throws IOException {
		server.close();
		Files.write(Path.of("target", "rotation.txt"), RESULTS);
	}

	@ParameterizedTest
	@EnumSource
	void losesNoQuery(Strategy strategy) throws Exception {
		RotatingDatabase database = new RotatingDatabase(server, localStack, name("loses-no-query", strategy));
		// With one user a refused log-in brings the new password. With two nothing is
		// refused.
		String interval = (strategy == Strategy.SINGLE_USER) ? "1h" : "1s";
		Rotation rotation = database.rotation(strategy, () -> {
			if (strategy == Strategy.SINGLE_USER) {
				pause(Duration.ofSeconds(1));
			}
		});
		List<Duration> durations = new ArrayList<>();
		try (ConfigurableApplicationContext application = run(database, interval);
				Connection admin = server.connectAsAdmin("postgres")) {
			Traffic traffic = new Traffic(application, THREADS);
			try (traffic) {
				await().until(() -> traffic.openedAfter(Instant.EPOCH) >= OPENED_BETWEEN_ROTATIONS);
				for (int i = 0; i < ROTATIONS; i++) {
					Rotated rotated = rotation.rotate();
					await().until(() -> isOver(rotated.secretChanged(), rotated, database, admin));
					durations.add(Duration.between(rotated.secretChanged(), Instant.now()));
					await().until(() -> traffic.openedAfter(rotated.secretChanged()) >= OPENED_BETWEEN_ROTATIONS);
				}
			}
			RESULTS.add(result(strategy, traffic, durations));
			assertThat(traffic.failures()).isEmpty();
			assertThat(traffic.backends()).hasSizeGreaterThanOrEqualTo(500);
		}
	}

	@ParameterizedTest
	@EnumSource
	void retiresConnectionsThatAreLeftAlone(Strategy strategy) throws SQLException {
		RotatingDatabase database = new RotatingDatabase(server, localStack, name("retires", strategy));
		try (ConfigurableApplicationContext application = run(database, "1s");
				Connection admin = server.connectAsAdmin("postgres")) {
			assertThat(application.getBean(Visits.class).summary().databaseUser()).isEqualTo(database.name());
			Rotated rotated = database.rotation(strategy, () -> {
			}).rotate();
			await().until(() -> isOver(rotated.databaseChanged(), rotated, database, admin));
			assertThat(application.getBean(Visits.class).summary().databaseUser()).isEqualTo(rotated.user());
		}
	}

	@Test
	void tellsWhyIfSecretComesTooLateAndRecoversWhenItComes() throws Exception {
		RotatingDatabase database = new RotatingDatabase(server, localStack, "too-late");
		CountDownLatch refused = new CountDownLatch(1);
		CountDownLatch told = new CountDownLatch(1);
		Rotation rotation = database.rotation(Strategy.SINGLE_USER, () -> {
			refused.countDown();
			await(told);
		});
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (ConfigurableApplicationContext application = run(database, "1h",
				"--spring.datasource.hikari.connection-timeout=1000")) {
			Visits visits = application.getBean(Visits.class);
			Future<Rotated> rotated = executor.submit(rotation::rotate);
			await(refused);
			application.getBean(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
			assertThatExceptionOfType(CannotGetJdbcConnectionException.class).isThrownBy(visits::add)
				.havingCause()
				.isInstanceOf(SQLTransientConnectionException.class)
				.satisfies((ex) -> assertThat(((SQLException) ex).getSQLState()).isEqualTo("28P01"))
				.havingCause()
				.withMessageContaining("password authentication failed");
			told.countDown();
			rotated.get();
			await().ignoreExceptions().untilAsserted(visits::add);
			assertThat(visits.summary().visits()).isOne();
		}
		finally {
			told.countDown();
			executor.shutdown();
		}
	}

	private static String name(String test, Strategy strategy) {
		return test + "-" + strategy.name().toLowerCase(Locale.ROOT);
	}

	private static ConfigurableApplicationContext run(RotatingDatabase database, String interval, String... others) {
		List<String> arguments = new ArrayList<>(List.of("--spring.main.web-application-type=none",
				"--spring.datasource.hikari.pool-name=" + database.name(), "--ecs-secrets.refresh.interval=" + interval,
				"--ecs-secrets.refresh.min-interval=1s"));
		Collections.addAll(arguments, others);
		return database.runApplication(arguments.toArray(String[]::new));
	}

	/**
	 * Returns whether all sessions of the database are newer than a moment, and of the
	 * user that is in the secret now, and whether there are any.
	 */
	private static boolean isOver(Instant moment, Rotated rotated, RotatingDatabase database, Connection admin)
			throws SQLException {
		try (PreparedStatement statement = admin.prepareStatement("""
				select count(*) > 0 and bool_and(backend_start > ? and usename = ?)
				from pg_stat_activity where datname = ? and backend_type = 'client backend'
				""")) {
			statement.setObject(1, moment.atOffset(ZoneOffset.UTC));
			statement.setString(2, rotated.user());
			statement.setString(3, database.name());
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

	private static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10));
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Lets time pass, which is what the rotation is about.
	 */
	private static void pause(Duration duration) {
		try {
			assertThat(new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String result(Strategy strategy, Traffic traffic, List<Duration> durations) {
		List<Duration> sorted = durations.stream().sorted().toList();
		return "%s: %d queries, %d failed; %d rotations; %d connections; milliseconds from a rotation until all connections are on the new password: least %d, median %d, most %d"
			.formatted(strategy, traffic.queries(), traffic.failures().size(), durations.size(),
					traffic.backends().size(), sorted.get(0).toMillis(), sorted.get(sorted.size() / 2).toMillis(),
					sorted.get(sorted.size() - 1).toMillis());
	}

}
