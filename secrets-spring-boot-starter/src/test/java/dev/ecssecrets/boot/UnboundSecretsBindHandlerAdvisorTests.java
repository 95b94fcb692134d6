// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link UnboundSecretsBindHandlerAdvisor}.
 */
class UnboundSecretsBindHandlerAdvisorTests {

	@TempDir
	private Path folder;

	@Test
	void bindWhenSecretIsUnknownBindsTheOthers() throws IOException {
		try (ConfigurableApplicationContext context = run("strict.known: from the file")) {
			assertThat(context.getEnvironment().getProperty("strict.unknown")).isEqualTo("secret");
			assertThat(context.getBean(Strict.class).known()).isEqualTo("from the file");
		}
	}

	@Test
	void bindWhenKeyOfFileIsUnknownFails() {
		assertUnbound("strict.other: from the file", "strict.other");
	}

	@Test
	void bindWhenKeyOfFileIsUnknownBehindSecretFails() {
		assertUnbound("strict.unknown: from the file", "strict.unknown");
	}

	private void assertUnbound(String yaml, String name) {
		assertThatException().isThrownBy(() -> run(yaml).close())
			.havingRootCause()
			.isInstanceOfSatisfying(UnboundConfigurationPropertiesException.class,
					(ex) -> assertThat(ex.getUnboundProperties()).singleElement().satisfies((property) -> {
						assertThat(property.getName()).hasToString(name);
						assertThat(property.getValue()).isEqualTo("from the file");
					}));
	}

	private ConfigurableApplicationContext run(String yaml) throws IOException {
		Path secrets = Files.writeString(this.folder.resolve("secrets.json"), "{\"parameters\":{\"word\":\"secret\"}}");
		Path configuration = Files.writeString(this.folder.resolve("application.yml"), """
				ecs-secrets:
				  store: file
				  file.location: %s
				  secrets: [ { name: STRICT_UNKNOWN, value-from: word } ]
				%s
				""".formatted(secrets, yaml));
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.config.location=file:" + configuration)
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Strict.class)
	static class Application {

	}

	@ConfigurationProperties(prefix = "strict", ignoreUnknownFields = false)
	record Strict(String known) {

	}

}
