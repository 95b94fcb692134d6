// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import dev.ecssecrets.servers.DatabaseServer.Engine
import org.apache.commons.logging.LogFactory
import org.springframework.core.env.SimpleCommandLinePropertySource
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/**
 * The application with a Redis, a database and a LocalStack of its own, and a rotation
 * every 15 seconds. The database is a PostgreSQL, or a MariaDB with `--engine=mariadb`.
 */
fun main(args: Array<String>) {
	val engine = SimpleCommandLinePropertySource(*args).getProperty("engine") ?: "postgres"
	val servers = Servers(Engine.valueOf(engine.uppercase()), "rotating-clients")
	servers.runApplication("--ecs-secrets.refresh.interval=5s", *args)
	val log = LogFactory.getLog("dev.ecssecrets.samples.clients.Rotation")
	while (!CountDownLatch(1).await(15, TimeUnit.SECONDS)) {
		val users = listOf(servers.cacheSecret, servers.databaseSecret).map { it.rotate(alternateUsers = true) {} }
		log.info("The secrets have been rotated, and have the users $users")
	}
}
