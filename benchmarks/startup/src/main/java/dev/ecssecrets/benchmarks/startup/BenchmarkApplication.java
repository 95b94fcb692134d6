// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.benchmarks.startup;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Says when it is ready, and shows the properties that it is asked for. Nothing in it
 * knows where they are from.
 */
@SpringBootApplication
@RestController
public class BenchmarkApplication {

	private final Environment environment;

	BenchmarkApplication(Environment environment) {
		this.environment = environment;
	}

	public static void main(String[] args) {
		SpringApplication.run(BenchmarkApplication.class, args);
	}

	@EventListener(ApplicationReadyEvent.class)
	void printReady() {
		System.out.println("ready " + this.environment.getProperty("local.server.port"));
		// Not before: to ask it loads classes too.
		System.out.println("classes " + ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
	}

	@GetMapping("/")
	Map<String, String> properties(@RequestParam("name") List<String> names) {
		Map<String, String> properties = new HashMap<>();
		for (String name : names) {
			properties.put(name, this.environment.getProperty(name, "absent"));
		}
		return properties;
	}

}
