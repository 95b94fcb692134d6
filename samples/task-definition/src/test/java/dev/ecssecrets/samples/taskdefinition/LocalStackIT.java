// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.taskdefinition;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.test.TestSecrets;
import dev.ecssecrets.samples.taskdefinition.ShopProperties.Database;
import dev.ecssecrets.samples.taskdefinition.ShopProperties.Mail;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@TestSecrets(value = "SHOP_PAYMENT_TOKEN=from Parameter Store", localStack = true)
class LocalStackIT {

	@Test
	void fetchesAllSecretsOfContainer(@Autowired ShopProperties shop) {
		assertThat(shop).isEqualTo(new ShopProperties("SHOP_SIGNING_KEY", "from Parameter Store", "SHOP_MAP_TOKEN",
				new Database("SHOP_DATABASE_USERNAME", "SHOP_DATABASE_PASSWORD"), new Mail("SHOP_MAIL_PASSWORD")));
	}

	@Test
	void knowsNoSecretsOfLogs(@Autowired Secrets secrets, @Autowired Environment environment) {
		assertThat(secrets.current().secrets()).hasSize(6)
			.allSatisfy((secret) -> assertThat(secret.name()).startsWith("SHOP_"));
		assertThat(environment.getProperty("LOG_API_KEY")).isNull();
	}

}
