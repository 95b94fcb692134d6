// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.springframework.boot.runApplication
import org.springframework.web.client.RestClient
import org.springframework.web.client.body
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * What README.md tells to do on a laptop.
 */
class LocalFileIT {

	@Test
	fun nextRequestHasWhatFileHas(@TempDir folder: Path) {
		val file = Path.of("secrets.local.json").copyTo(folder.resolve("secrets.json"))
		MailServer().use { mailServer ->
			runApplication<LiveSecretApplication>(
				"--server.port=0",
				"--mail.url=${mailServer.url}",
				"--ecs-secrets.file.location=$file",
				"--ecs-secrets.refresh.min-interval=0s",
			).use { context ->
				val port = context.environment.getRequiredProperty("local.server.port")
				val client = RestClient.create("http://127.0.0.1:$port")
				assertThat(client.get().uri("/mails").retrieve().body<String>()).isEqualTo("Bearer a-token-for-laptops")
				file.writeText(file.readText().replace("a-token-for-laptops", "another-token"))
				assertThat(client.post().uri("/actuator/ecssecrets").retrieve().body<String>())
					.isEqualTo("""{"changed":["MAIL_TOKEN"],"failures":{}}""")
				assertThat(client.get().uri("/mails").retrieve().body<String>()).isEqualTo("Bearer another-token")
			}
		}
	}

}
