// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.taskdefinition;

import dev.ecssecrets.samples.taskdefinition.ShopProperties.Database;
import dev.ecssecrets.samples.taskdefinition.ShopProperties.Mail;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.ActiveProfiles;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@ActiveProfiles("local")
class LocalFileTests {

	@Test
	void readsAllSecretsOfContainer(@Autowired ShopProperties shop) {
		assertThat(shop).isEqualTo(new ShopProperties("a key for laptops only", "pays with play money",
				"shows one village", new Database("developer", "local"), new Mail("sends nothing")));
	}

}
