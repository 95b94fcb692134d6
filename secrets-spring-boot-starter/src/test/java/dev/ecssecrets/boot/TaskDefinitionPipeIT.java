// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.ecssecrets.SecretResolutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for a task definition that is a named pipe without a writer. Opening it would
 * block.
 */
@DisabledOnOs(OS.WINDOWS)
class TaskDefinitionPipeIT {

	private static final String PROBLEM = "td.json is a pipe, a socket or a device";

	@TempDir
	private Path folder;

	@BeforeEach
	void writeSecrets() throws IOException {
		Files.writeString(this.folder.resolve("secrets.json"), "{\"parameters\":{\"word\":\"wassyoi\"}}");
	}

	@Test
	void startWhenTaskDefinitionIsPipeFails() throws Exception {
		makePipe();
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(this::run).withMessageContaining(PROBLEM);
	}

	@Test
	void refreshWhenTaskDefinitionHasBecomePipeKeepsValues() throws Exception {
		writeTaskDefinition();
		try (ConfigurableApplicationContext context = run()) {
			Secrets secrets = context.getBean(Secrets.class);
			makePipe();
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets::refresh)
				.withMessageContaining(PROBLEM);
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
			writeTaskDefinition();
			assertThat(secrets.refresh()).isEmpty();
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
		}
	}

	private ConfigurableApplicationContext run() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + this.folder.resolve("secrets.json"),
					"--ecs-secrets.task-definition=" + this.folder.resolve("td.json"),
					"--ecs-secrets.refresh.min-interval=0");
	}

	private void makePipe() throws IOException, InterruptedException {
		Path file = this.folder.resolve("td.json");
		Files.deleteIfExists(file);
		assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
	}

	private void writeTaskDefinition() throws IOException {
		Path file = this.folder.resolve("td.json");
		Files.deleteIfExists(file);
		Files.writeString(file, "[{\"name\":\"WORD\",\"valueFrom\":\"word\"}]");
	}

	@Import(SecretsAutoConfiguration.class)
	static class Application {

	}

}
