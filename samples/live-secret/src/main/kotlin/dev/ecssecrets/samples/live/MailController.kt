// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.PostMapping
import org.springframework.web.bind.annotation.RequestBody
import org.springframework.web.bind.annotation.RestController
import org.springframework.web.reactive.function.client.WebClient
import org.springframework.web.reactive.function.client.awaitBody

@RestController
class MailController(
	private val mailClient: WebClient,
	private val mailService: MailService,
	private val accountClient: WebClient,
) {

	@PostMapping("/mails")
	suspend fun send(@RequestBody text: String): String =
		mailClient.post().uri("/messages").bodyValue(text).retrieve().awaitBody()

	@GetMapping("/mails")
	suspend fun mails(): String = mailService.messages()

	@GetMapping("/account")
	suspend fun account(): String = accountClient.get().uri("/account").retrieve().awaitBody()

}
