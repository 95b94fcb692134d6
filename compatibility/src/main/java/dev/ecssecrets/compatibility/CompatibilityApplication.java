// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.compatibility;

import dev.ecssecrets.boot.LiveSecret;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * An application as a user would write it.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class CompatibilityApplication {

	public static void main(String[] args) {
		SpringApplication.run(CompatibilityApplication.class, args);
	}

	@ConfigurationProperties("mail")
	record Mail(String user, LiveSecret token) {

	}

}
