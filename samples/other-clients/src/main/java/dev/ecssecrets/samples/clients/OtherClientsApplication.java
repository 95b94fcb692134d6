// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The application. It only has clients, and does nothing with them.
 */
@SpringBootApplication
public class OtherClientsApplication {

	public static void main(String[] args) {
		SpringApplication.run(OtherClientsApplication.class, args);
	}

}
