// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.benchmarks.size;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Application that prints when it is ready, checks that it has as many secrets as its
 * first argument says, and refreshes as often as its second argument says. It starts
 * without this library too.
 */
@SpringBootApplication
public class SizeApplication {

	public static void main(String[] args) {
		int secrets = Integer.parseInt(args[0]);
		int refreshes = Integer.parseInt(args[1]);
		try (ConfigurableApplicationContext context = SpringApplication.run(SizeApplication.class)) {
			System.out.println("ready");
			for (int i = 0; i < secrets; i++) {
				context.getEnvironment().getRequiredProperty("app.secret." + i);
			}
			if (refreshes > 0) {
				Refreshes.measure(context, refreshes);
			}
		}
	}

}
