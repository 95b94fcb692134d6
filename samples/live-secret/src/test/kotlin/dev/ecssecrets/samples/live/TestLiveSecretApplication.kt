// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import org.springframework.boot.runApplication

/**
 * The application with a mail service of its own.
 */
fun main(args: Array<String>) {
	runApplication<LiveSecretApplication>("--mail.url=${MailServer().url}", *args)
}
