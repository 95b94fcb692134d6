// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import org.springframework.data.redis.core.ReactiveStringRedisTemplate
import org.springframework.data.redis.core.incrementAndAwait
import org.springframework.r2dbc.core.DatabaseClient
import org.springframework.r2dbc.core.awaitSingle
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.RestController

/**
 * Counts visits in Redis, and asks the database for the user that queries it.
 */
@RestController
class VisitController(private val redis: ReactiveStringRedisTemplate, private val database: DatabaseClient) {

	@GetMapping("/")
	suspend fun visit() = Visit(count(), databaseUser())

	@GetMapping("/count")
	suspend fun count(): Long = redis.opsForValue().incrementAndAwait("visits")

	@GetMapping("/database-user")
	suspend fun databaseUser(): String =
		database.sql("select current_user").map { row -> row.get(0, String::class.java)!! }.awaitSingle()

}

data class Visit(val count: Long, val databaseUser: String)
