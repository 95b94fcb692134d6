// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication

/**
 * The application. Nothing in it knows that its passwords change.
 */
@SpringBootApplication
class RotatingClientsApplication

fun main(args: Array<String>) {
	runApplication<RotatingClientsApplication>(*args)
}
