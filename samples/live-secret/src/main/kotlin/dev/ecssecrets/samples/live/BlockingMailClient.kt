// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Configuration
import org.springframework.web.client.RestClient

/**
 * The same for code that may block, such as a scheduled job. In a WebFlux application,
 * Spring Boot configures no `RestClient.Builder`.
 */
@Configuration(proxyBeanMethods = false)
class BlockingMailClient {

	@Bean
	fun restClient(mail: Mail): RestClient =
		RestClient.builder()
			.baseUrl(mail.url)
			.requestInterceptor { request, body, execution ->
				request.headers.setBearerAuth(mail.token.get())
				execution.execute(request, body)
			}
			.build()

}
