// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import dev.ecssecrets.boot.Secrets
import dev.ecssecrets.boot.test.TestSecrets
import dev.ecssecrets.test.InMemorySecretStore
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.test.context.SpringBootTest
import org.springframework.boot.test.context.TestConfiguration
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient
import org.springframework.context.annotation.Bean
import org.springframework.http.HttpHeaders
import org.springframework.test.context.DynamicPropertyRegistrar
import org.springframework.test.web.reactive.server.WebTestClient
import org.springframework.web.client.RestClient

/**
 * Secrets change while the application runs, and the next request has the new ones.
 */
@SpringBootTest(properties = ["ecs-secrets.refresh.min-interval=0s"])
@AutoConfigureWebTestClient(timeout = "1m")
@TestSecrets("MAIL_TOKEN=first", "API_USER=user", "API_PASSWORD=password")
class LiveSecretApplicationTests(
	@Autowired private val client: WebTestClient,
	@Autowired private val mailServer: MailServer,
	@Autowired private val secrets: Secrets,
	@Autowired private val store: InMemorySecretStore,
) {

	@BeforeEach
	fun forgetRequests() = mailServer.authorizations.clear()

	@Test
	fun webClientFollowsToken() = sendsNewToken {
		client.post().uri("/mails").bodyValue("Hello").exchange().expectStatus().isOk()
	}

	@Test
	fun httpInterfaceFollowsToken() = sendsNewToken {
		client.get().uri("/mails").exchange().expectStatus().isOk()
	}

	@Test
	fun restClientFollowsToken(@Autowired restClient: RestClient) = sendsNewToken {
		restClient.get().uri("/messages").retrieve().toBodilessEntity()
	}

	@Test
	fun basicAuthenticationFollowsUserAndPassword() {
		for (version in 1..2) {
			val authorization = rotateAccount(version)
			client.get().uri("/account").exchange().expectStatus().isOk()
			assertThat(mailServer.authorizations.last()).isEqualTo(authorization)
		}
	}

	@Test
	fun userAndPasswordAreOfOneVersion() {
		val first = rotateAccount(1)
		val snapshot = secrets.current()
		rotateAccount(2)
		val headers = HttpHeaders().apply { setBasicAuth(snapshot) }
		assertThat(headers.getFirst(HttpHeaders.AUTHORIZATION)).isEqualTo(first)
	}

	@Test
	fun propertiesPrintNoSecret(@Autowired mail: Mail) {
		assertThat(mail).hasToString("Mail(url=${mailServer.url}, token=******)")
	}

	private fun sendsNewToken(request: () -> Unit) {
		for (token in listOf("second", "third")) {
			store.put("/mail/token", token)
			secrets.refresh()
			request()
			assertThat(mailServer.authorizations.last()).isEqualTo("Bearer $token")
		}
	}

	/**
	 * Returns what the client has to send from now on.
	 */
	private fun rotateAccount(version: Int): String {
		store.put("$ACCOUNT:username::", "user-$version").put("$ACCOUNT:password::", "password-$version")
		secrets.refresh()
		return "Basic " + HttpHeaders.encodeBasicAuth("user-$version", "password-$version", null)
	}

	private companion object {

		const val ACCOUNT = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mail-account"

	}

	@TestConfiguration(proxyBeanMethods = false)
	class MailServerConfiguration {

		@Bean
		fun mailServer() = MailServer()

		@Bean
		fun mailUrl(mailServer: MailServer) = DynamicPropertyRegistrar { it.add("mail.url") { mailServer.url } }

	}

}
