// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import dev.ecssecrets.boot.test.TestSecrets;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@TestSecrets(value = "HAMADA_SECRETS=from Parameter Store", localStack = true)
class LocalStackIT {

	@Autowired
	private GreetingController controller;

	@Test
	void greetsWithSecretsFetchedByTheSdk() throws Exception {
		assertThat(this.controller.greet().text()).isEqualTo("Hello, from Parameter Store!");
	}

}
