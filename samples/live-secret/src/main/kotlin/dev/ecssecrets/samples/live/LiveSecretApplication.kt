// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import dev.ecssecrets.boot.LiveSecret
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.context.properties.ConfigurationProperties
import org.springframework.boot.context.properties.ConfigurationPropertiesScan
import org.springframework.boot.runApplication

@SpringBootApplication
@ConfigurationPropertiesScan
class LiveSecretApplication

fun main(args: Array<String>) {
	runApplication<LiveSecretApplication>(*args)
}

/**
 * The mail service. The URL stays as it is, and the token is always current.
 */
@ConfigurationProperties("mail")
data class Mail(val url: String, val token: LiveSecret)
