// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import dev.ecssecrets.boot.Secrets
import dev.ecssecrets.boot.SecretsSnapshot
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration
import org.springframework.http.HttpHeaders
import org.springframework.web.reactive.function.client.ClientRequest
import org.springframework.web.reactive.function.client.WebClient
import org.springframework.web.reactive.function.client.support.WebClientAdapter
import org.springframework.web.service.annotation.GetExchange
import org.springframework.web.service.annotation.HttpExchange
import org.springframework.web.service.invoker.HttpServiceProxyFactory
import org.springframework.web.service.invoker.createClient

/**
 * Clients that read their secrets at each request, never when they are created.
 */
@Configuration(proxyBeanMethods = false)
class MailClients {

	@Bean
	fun mailClient(builder: WebClient.Builder, mail: Mail): WebClient =
		builder.baseUrl(mail.url)
			.filter { request, next ->
				next.exchange(ClientRequest.from(request).headers { it.setBearerAuth(mail.token.get()) }.build())
			}
			.build()

	@Bean
	fun mailService(mailClient: WebClient): MailService =
		HttpServiceProxyFactory.builderFor(WebClientAdapter.create(mailClient)).build().createClient()

	@Bean
	fun accountClient(builder: WebClient.Builder, mail: Mail, secrets: Secrets): WebClient =
		builder.baseUrl(mail.url)
			.filter { request, next ->
				next.exchange(ClientRequest.from(request).headers { it.setBasicAuth(secrets.current()) }.build())
			}
			.build()

}

/**
 * Takes user and password from one snapshot, so that they are of the same version. A
 * required secret always has a value.
 */
fun HttpHeaders.setBasicAuth(snapshot: SecretsSnapshot) =
	setBasicAuth(snapshot.value("API_USER")!!.reveal(), snapshot.value("API_PASSWORD")!!.reveal())

@HttpExchange("/messages")
interface MailService {

	@GetExchange
	suspend fun messages(): String

}
