// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.compatibility;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.test.TestSecrets;
import dev.ecssecrets.compatibility.CompatibilityApplication.Mail;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Secrets in memory, with the artifact for tests.
 */
@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=MAIL_TOKEN",
		"ecs-secrets.secrets[0].value-from=/mail/token", "mail.token=${MAIL_TOKEN}",
		"ecs-secrets.refresh.min-interval=0s" })
@TestSecrets("MAIL_TOKEN=first")
class InMemoryTests {

	@Test
	void secretWhenItChangesIsFollowed(@Autowired Mail mail, @Autowired Secrets secrets,
			@Autowired InMemorySecretStore store) {
		assertThat(mail.token().get()).isEqualTo("first");
		store.put("/mail/token", "second");
		secrets.refresh();
		assertThat(mail.token().get()).isEqualTo("second");
	}

}
