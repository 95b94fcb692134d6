// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import dev.ecssecrets.boot.test.TestSecrets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

class GreetingControllerTests {

	@Nested
	@WebMvcTest
	@TestSecrets({ "HAMADA_SECRETS=slice", "GREETING_SIGNING_KEY=local" })
	class WithTestSecrets {

		@Test
		void greets(@Autowired MockMvcTester mvc) {
			assertThat(mvc.get().uri("/")).bodyJson().extractingPath("text").isEqualTo("Hello, slice!");
		}

	}

	@Nested
	@WebMvcTest(properties = "ecs-secrets.store=aws")
	@TestPropertySource(properties = { "HAMADA_SECRETS=property", "GREETING_SIGNING_KEY=local" })
	class WithProperties {

		@Test
		void greets(@Autowired MockMvcTester mvc) {
			assertThat(mvc.get().uri("/")).bodyJson().extractingPath("text").isEqualTo("Hello, property!");
		}

	}

}
