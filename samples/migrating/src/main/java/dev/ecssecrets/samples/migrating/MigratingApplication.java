// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Prints the properties whose names are its arguments. Nothing in it knows where they are
 * from.
 */
@SpringBootApplication
public class MigratingApplication {

	public static void main(String[] args) {
		SpringApplication.run(MigratingApplication.class, args);
	}

	@Bean
	ApplicationRunner print(Environment environment) {
		return (arguments) -> arguments.getNonOptionArgs()
			.forEach((name) -> System.out.println(name + "=<" + environment.getProperty(name) + ">"));
	}

}
