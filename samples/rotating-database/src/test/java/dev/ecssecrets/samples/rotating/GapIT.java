// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.ecssecrets.samples.rotating.Rotation.Rotated;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A rotation with a long gap between the new password in the database and in the secret,
 * in which the server ends all sessions: {@code -Drotation.gap=90} makes it 90 seconds.
 * What came of it is in {@code target/gap.txt}.
 */
class GapIT {

	private static final Duration GAP = Duration.ofSeconds(Long.getLong("rotation.gap", 4));

	// As many as the pool has connections.
	private static final int CALLERS = 10;

	// The application loads at most every five seconds.
	private static final long MOST_CALLS = GAP.toSeconds() / 5 + 4;

	// Of a session that the server has ended, in the middle of a query or before it.
	private static final Set<String> CUT = Set.of("08000", "08003", "08006", "57P01", "70100");

	private static final String[] WITHOUT_PENDING = { "--spring.main.web-application-type=none",
			"--ecs-secrets.refresh.interval=1h" };

	private static final String[] ARGUMENTS = { WITHOUT_PENDING[0], WITHOUT_PENDING[1],
			"--ecs-secrets.refresh.pending=true" };

	private static final Queue<String> RESULTS = new ConcurrentLinkedQueue<>();

	@AfterAll
	static void writeResults() throws IOException {
		Files.write(Path.of("target", "gap.txt"), RESULTS);
	}

	@ParameterizedTest
	@EnumSource
	void poolWhenPendingIsEnabledLosesOnlyQueriesThatTheServerCut(Engine engine) throws Exception {
		RotatingDatabase database = new RotatingDatabase(engine, "gap");
		Rotation rotation = rotation(database, () -> startAndQuery(database));
		try (CountedCalls calls = new CountedCalls();
				ConfigurableApplicationContext application = database.runApplication(calls.endpoint(), ARGUMENTS);
				Traffic traffic = new Traffic(engine, CALLERS, application)) {
			Awaitility.await().until(() -> traffic.queries() > 100);
			long before = calls.count();
			Rotated rotated = rotation.rotate();
			long callsInGap = calls.count() - before;
			long queries = traffic.queries();
			Awaitility.await().until(() -> traffic.queries() > queries + 100);
			List<RuntimeException> notCut = notCut(traffic);
			RESULTS.add(result(engine, Duration.between(rotated.databaseChanged(), rotated.secretChanged()), traffic,
					traffic.failures().size(), notCut.size(), database.refusedLogins(), callsInGap));
			assertThat(notCut).isEmpty();
			// One for each of the two pools: that of an application that started in the
			// gap is the other.
			assertThat(database.refusedLogins()).isEqualTo(2);
			// For the pending version.
			assertThat(callsInGap).isOne();
		}
	}

	/**
	 * A caller that waits for longer than the pool's time-out gets the refusal.
	 */
	@ParameterizedTest
	@EnumSource
	void poolWhenPendingIsNotEnabledIsBackOnceTheSecretHasChanged(Engine engine) throws Exception {
		RotatingDatabase database = new RotatingDatabase(engine, "gap-without-pending");
		Rotation rotation = rotation(database, () -> {
		});
		try (CountedCalls calls = new CountedCalls();
				ConfigurableApplicationContext application = database.runApplication(calls.endpoint(), WITHOUT_PENDING);
				Traffic traffic = new Traffic(engine, CALLERS, application)) {
			Awaitility.await().until(() -> traffic.queries() > 100);
			long before = calls.count();
			Rotated rotated = rotation.rotate();
			long callsInGap = calls.count() - before;
			long queries = traffic.queries();
			Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> traffic.queries() > queries);
			Duration back = Duration.between(rotated.secretChanged(), Instant.now());
			List<RuntimeException> notCut = notCut(traffic);
			RESULTS.add(
					"%s, gap of %d s, without pending: back after %d ms, %d callers failed, %d refused logins, %d calls"
						.formatted(engine, GAP.toSeconds(), back.toMillis(), notCut.size(), database.refusedLogins(),
								callsInGap));
			// The refused password is tried again after a minute.
			assertThat(database.refusedLogins()).isBetween(1L, 1 + Math.min(GAP.toMinutes(), 1));
			assertThat(callsInGap).isLessThanOrEqualTo(MOST_CALLS);
			assertThat(notCut)
				.allSatisfy((failure) -> assertThat(failure).isInstanceOf(CannotGetJdbcConnectionException.class)
					.hasStackTraceContaining("The secret may be rotating: it had no other value until "));
		}
	}

	private static Rotation rotation(RotatingDatabase database, Runnable inTheMiddle) {
		return database.rotation(Strategy.SINGLE_USER, () -> {
			pause(GAP.dividedBy(2));
			endSessions(database);
			inTheMiddle.run();
			pause(GAP.dividedBy(2));
		});
	}

	/**
	 * An application that starts in the gap.
	 */
	private static void startAndQuery(RotatingDatabase database) {
		try (ConfigurableApplicationContext application = database.runApplication(ARGUMENTS)) {
			assertThat(application.getBean(Visits.class).summary().databaseUser()).isEqualTo("gap");
		}
	}

	private static void endSessions(RotatingDatabase database) {
		try {
			database.endSessions();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<RuntimeException> notCut(Traffic traffic) {
		return traffic.failures().stream().filter((failure) -> !isCut(failure)).toList();
	}

	private static boolean isCut(Throwable failure) {
		return !(failure instanceof CannotGetJdbcConnectionException) && Stream
			.iterate(failure, (one) -> one != null, Throwable::getCause)
			.anyMatch((one) -> one instanceof SQLException ex && CUT.contains(String.valueOf(ex.getSQLState())));
	}

	private static String result(Engine engine, Duration gap, Traffic traffic, int failures, int notCut, long refused,
			long calls) {
		return "%s, gap of %d s: %d queries, %d cut by the server, %d other failures, longest %d ms, %d refused logins of two pools, %d calls"
			.formatted(engine, gap.toSeconds(), traffic.queries(), failures - notCut, notCut,
					traffic.longestQuery().toMillis(), refused, calls);
	}

	/**
	 * Lets time pass: the gap is what is tested.
	 */
	private static void pause(Duration duration) {
		try {
			assertThat(new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
