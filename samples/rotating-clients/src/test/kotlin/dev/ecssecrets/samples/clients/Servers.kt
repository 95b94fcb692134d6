// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import dev.ecssecrets.localstack.LocalStack
import dev.ecssecrets.servers.DatabaseServer
import dev.ecssecrets.servers.DatabaseServer.Engine
import dev.ecssecrets.servers.RedisServer
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier
import org.springframework.boot.builder.SpringApplicationBuilder
import org.springframework.context.ConfigurableApplicationContext
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import java.util.UUID

/**
 * A Redis and a database, each with a user of its own, and the two secrets.
 */
class Servers(engine: Engine, private val name: String) : AutoCloseable {

	val redis: RedisServer = RedisServer.start()

	val database: DatabaseServer = DatabaseServer.get(engine)

	val cacheSecret: Rotation

	val databaseSecret: Rotation

	init {
		val password = UUID.randomUUID().toString()
		val login = mapOf("username" to name, "password" to password)
		redis.setPassword(name, password)
		cacheSecret = Rotation(
			"cache/${engine.key()}/$name",
			login + mapOf("host" to redis.host(), "port" to redis.port()),
			redis::setPassword,
		)
		database.createDatabase(name, password)
		databaseSecret = Rotation(
			"${engine.key()}/$name",
			login + mapOf("engine" to engine.key(), "host" to database.host(), "port" to database.port(), "dbname" to name),
			::setDatabasePassword,
		)
	}

	private fun setDatabasePassword(user: String, password: String) = database.connectAsAdmin().use {
		if (user == name) database.changePassword(it, user, password) else database.cloneUser(it, name, user, password)
	}

	/**
	 * Ends all sessions, as a failover or a restart does.
	 */
	fun endSessions() {
		redis.endSessions()
		database.endSessions(name)
	}

	/**
	 * Returns the users who are logged in to Redis.
	 */
	fun redisUsers(): Set<String> =
		Regex("user=(\\S+)").findAll(redis.command("CLIENT", "LIST")).map { it.groupValues[1] }.toSet() - "admin"

	/**
	 * Returns the users who are logged in to the database.
	 */
	fun databaseUsers(): Set<String> = database.sessions(name).map { it.user() }.toSet()

	/**
	 * Runs the application with the secrets.
	 */
	fun runApplication(vararg arguments: String): ConfigurableApplicationContext {
		val localStack = LocalStack.get()
		val credentials: AwsCredentialsProvider = StaticCredentialsProvider.create(
			AwsBasicCredentials.create(localStack.accessKeyId(), localStack.secretAccessKey()),
		)
		return SpringApplicationBuilder(RotatingClientsApplication::class.java)
			.addBootstrapRegistryInitializer {
				it.register(AwsCredentialsProvider::class.java, InstanceSupplier.of(credentials))
			}
			.run(
				"--cache.secret=${cacheSecret.arn}",
				"--database.secret=${databaseSecret.arn}",
				"--ecs-secrets.aws.endpoint=${localStack.endpoint()}",
				*arguments,
			)
	}

	override fun close() = redis.close()

}
