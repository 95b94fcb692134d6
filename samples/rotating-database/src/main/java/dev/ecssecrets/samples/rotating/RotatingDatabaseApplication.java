// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The application. Nothing in it knows that its password changes.
 */
@SpringBootApplication
public class RotatingDatabaseApplication {

	public static void main(String[] args) {
		SpringApplication.run(RotatingDatabaseApplication.class, args);
	}

}
