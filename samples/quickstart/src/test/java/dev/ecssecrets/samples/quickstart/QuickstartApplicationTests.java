// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import java.nio.file.Path;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.test.TestSecrets;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static dev.ecssecrets.boot.test.SecretDeclarationsAssert.assertThatSecretsOf;
import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
@TestSecrets({ "HAMADA_SECRETS=wassyoi", "GREETING_SIGNING_KEY=local" })
class QuickstartApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void greetsWithSecret() {
		assertThat(this.mvc.get().uri("/")).bodyJson().extractingPath("text").isEqualTo("Hello, wassyoi!");
	}

	@Test
	void declaresWhatEcsInjects(@Autowired Secrets secrets) {
		assertThatSecretsOf(secrets).areThoseOf("task-definition.json");
	}

	@Test
	void needsWhatPolicyAllows(@Autowired Secrets secrets) {
		assertThatSecretsOf(secrets).havePolicy(Path.of("policy.json"));
	}

}
