// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * DevTools restart an application in the process that it is in.
 */
class RestartIT {

	private static final String FIRST = "{\"parameters\":{\"word\":\"first\"}}";

	private static final String SECOND = "{\"parameters\":{\"word\":\"second\"}}";

	@Test
	void devToolsRestartFetchesAgain(@TempDir Path folder) throws IOException {
		Path file = Files.writeString(folder.resolve("secrets.json"), FIRST);
		ChildProcess child = ChildProcess.start(folder, Restarted.class,
				ChildProcess.classPathWithout("/org/springframework/cloud/"), Map.of(),
				List.of("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + file,
						"--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).containsSubsequence("Secrets: 0 injected, 1 fetched", "WORD=<first>",
				"Secrets: 0 injected, 1 fetched", "WORD=<second>");
	}

	@Configuration(proxyBeanMethods = false)
	static class Restarted {

		public static void main(String[] args) throws IOException {
			SpringApplication application = new SpringApplication(Restarted.class);
			application.setWebApplicationType(WebApplicationType.NONE);
			ConfigurableApplicationContext context = application.run(args);
			String word = context.getEnvironment().getRequiredProperty("WORD");
			System.out.println("WORD=<" + word + ">");
			if (word.equals("first")) {
				Files.writeString(Path.of(context.getEnvironment().getRequiredProperty("ecs-secrets.file.location")),
						SECOND);
				Restarter.getInstance().restart();
			}
			else {
				System.exit(0);
			}
		}

	}

}
