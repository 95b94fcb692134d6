// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import dev.ecssecrets.servers.DatabaseServer.Engine
import org.assertj.core.api.Assertions.assertThat
import org.awaitility.Awaitility
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.system.measureTimeMillis

/**
 * Rotates both secrets under load, and ends all sessions in between. What came of it is
 * in `target/rotation.txt`.
 */
class RotatingClientsIT {

	@ParameterizedTest
	@CsvSource("MARIADB, false", "MARIADB, true", "POSTGRES, false", "POSTGRES, true")
	fun losesOnlyRequestsThatTheServerCut(engine: Engine, alternateUsers: Boolean) {
		val name = if (alternateUsers) "two-users" else "one-user"
		// With one user it is a refused login that brings the new password.
		val interval = if (alternateUsers) "1s" else "1h"
		Servers(engine, name.replace('-', '_')).use { servers ->
			servers.runApplication(
				"--server.port=0",
				"--ecs-secrets.refresh.min-interval=1s",
				"--ecs-secrets.refresh.interval=$interval",
			).use { application ->
				Traffic(application, threads = 8).use { traffic ->
					val old = (1..ROTATIONS).map { rotate(servers, traffic, alternateUsers) }
					results.add("$engine, $name: ${traffic.summary()}; ms until older logins are gone: ${old.sorted()}")
					assertThat(traffic.failuresThatWereNotCut()).isEmpty()
				}
			}
		}
	}

	/**
	 * Returns how long it took until the users of the secrets were the only ones who are
	 * logged in.
	 */
	private fun rotate(servers: Servers, traffic: Traffic, alternateUsers: Boolean): Long {
		traffic.awaitMore()
		val user = servers.cacheSecret.rotate(alternateUsers) { gap(servers, alternateUsers) }
		servers.databaseSecret.rotate(alternateUsers) { gap(servers, alternateUsers) }
		return measureTimeMillis {
			Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50)).until {
				servers.redisUsers() == setOf(user) && servers.databaseUsers() == setOf(user)
			}
		}.also { traffic.awaitMore() }
	}

	/**
	 * Between the new password in the server and in the secret, all sessions end.
	 */
	private fun gap(servers: Servers, alternateUsers: Boolean) {
		servers.endSessions()
		if (!alternateUsers) {
			assertThat(CountDownLatch(1).await(1, TimeUnit.SECONDS)).isFalse()
		}
	}

	private companion object {

		const val ROTATIONS = 10

		val results = ConcurrentLinkedQueue<String>()

		@JvmStatic
		@AfterAll
		fun writeResults() {
			Files.write(Path.of("target", "rotation.txt"), results)
		}

	}

}
