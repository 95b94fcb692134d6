// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The application that is tested.
 */
@SpringBootApplication
class Application {

	public static void main(String[] args) {
		SpringApplication.run(Application.class, args);
	}

	@RestController
	static class GreetingController {

		private final String greeting;

		GreetingController(@Value("Hello, ${HAMADA_SECRETS}!") String greeting) {
			this.greeting = greeting;
		}

		@GetMapping("/")
		String greet() {
			return this.greeting;
		}

	}

}
