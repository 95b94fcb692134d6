// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.samples.rotating.Rotation.Rotated;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import dev.ecssecrets.servers.DatabaseServer.Session;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rotates the secret while applications query as much as they can. What came of it is in
 * {@code target/rotation.txt}.
 */
class RotationIT {

	private static final int ROTATIONS = 10;

	private static final int THREADS = 8;

	// With those before the first rotation at least 500.
	private static final int CONNECTIONS_BETWEEN_ROTATIONS = 46;

	private static final Queue<String> RESULTS = new ConcurrentLinkedQueue<>();

	@AfterAll
	static void writeResults() throws IOException {
		Files.write(Path.of("target", "rotation.txt"), RESULTS);
	}

	@ParameterizedTest
	@CsvSource({ "MARIADB, SINGLE_USER", "MARIADB, ALTERNATING_USERS", "POSTGRES, SINGLE_USER",
			"POSTGRES, ALTERNATING_USERS" })
	void losesNoQuery(Engine engine, Strategy strategy) throws Exception {
		RotatingDatabase database = new RotatingDatabase(engine,
				strategy.name().toLowerCase(Locale.ROOT).replace('_', '-'));
		boolean singleUser = strategy == Strategy.SINGLE_USER;
		Rotation rotation = database.rotation(strategy, () -> pause(Duration.ofSeconds(singleUser ? 1 : 0)));
		// With one user it is a refused login that brings the new password. With two,
		// none is refused.
		String[] arguments = { "--spring.main.web-application-type=none", "--ecs-secrets.refresh.min-interval=1s",
				"--ecs-secrets.refresh.interval=" + (singleUser ? "1h" : "1s") };
		List<Duration> durations = new ArrayList<>();
		// A pool opens some 25 connections in a second. What the gap costs one user, a
		// second application makes up for.
		try (ConfigurableApplicationContext one = database.runApplication(arguments);
				ConfigurableApplicationContext other = singleUser ? database.runApplication(arguments) : null) {
			Traffic traffic = singleUser ? new Traffic(engine, THREADS, one, other) : new Traffic(engine, THREADS, one);
			try (traffic) {
				await(traffic, () -> traffic.sessions().size() >= CONNECTIONS_BETWEEN_ROTATIONS);
				for (int i = 0; i < ROTATIONS; i++) {
					Rotated rotated = rotation.rotate();
					Session first = DatabaseServer.get(engine).newSession();
					await(traffic, () -> database.hasOnlySessionsOf(rotated.user(), first));
					durations.add(Duration.between(rotated.secretChanged(), Instant.now()));
					await(traffic, () -> traffic.openedAfter(first) >= CONNECTIONS_BETWEEN_ROTATIONS);
				}
			}
			finally {
				RESULTS.add(result(engine, strategy, traffic, durations));
			}
			assertThat(traffic.failures()).isEmpty();
			assertThat(traffic.sessions()).hasSizeGreaterThanOrEqualTo(500);
		}
	}

	private static void await(Traffic traffic, Callable<Boolean> condition) {
		// Longer than the pool lets a query wait, so that its failure comes first.
		Awaitility.await()
			.atMost(Duration.ofSeconds(40))
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(20))
			.until(() -> !traffic.failures().isEmpty() || condition.call());
		assertThat(traffic.failures()).isEmpty();
	}

	/**
	 * Lets time pass: the time between the two changes is what is tested.
	 */
	private static void pause(Duration duration) {
		try {
			assertThat(new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String result(Engine engine, Strategy strategy, Traffic traffic, List<Duration> durations) {
		List<Long> sorted = durations.stream().map(Duration::toMillis).sorted().toList();
		return "%s, %s: %d queries, %d failed, longest %d ms; %d rotations; %d connections; ms from a rotation until none is older, in order of size: %s"
			.formatted(engine, strategy, traffic.queries(), traffic.failures().size(),
					traffic.longestQuery().toMillis(), sorted.size(), traffic.sessions().size(), sorted);
	}

}
