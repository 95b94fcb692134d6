// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class GreetingController {

	private final String word;

	private final SecretKeySpec signingKey;

	/**
	 * Takes one secret by its name, the other as any environment variable binds.
	 */
	GreetingController(@Value("${HAMADA_SECRETS}") String word, @Value("${greeting.signing.key}") String signingKey) {
		this.word = word;
		this.signingKey = new SecretKeySpec(signingKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
	}

	@GetMapping("/")
	Greeting greet() throws GeneralSecurityException {
		String text = "Hello, " + this.word + "!";
		Mac mac = Mac.getInstance(this.signingKey.getAlgorithm());
		mac.init(this.signingKey);
		return new Greeting(text, HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8))));
	}

	record Greeting(String text, String signature) {

	}

}
