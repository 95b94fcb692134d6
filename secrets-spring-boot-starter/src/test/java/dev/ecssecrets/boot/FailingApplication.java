// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Application with a fetched secret {@code TOKEN} and an injected one {@code INJECTED} of
 * the same value, that does not start.
 */
final class FailingApplication {

	private static final String TITLE = "APPLICATION FAILED TO START";

	private static final String DIAGNOSTICS = "org.springframework.boot.diagnostics";

	private final Path folder;

	private final CapturedOutput output;

	FailingApplication(Path folder, CapturedOutput output) {
		this.folder = folder;
		this.output = output;
	}

	/**
	 * Returns the failure of an application with some more configuration and some beans.
	 */
	Failure fail(String secret, String yaml, Class<?>... sources) {
		int begin = this.output.getAll().length();
		Throwable thrown = catchThrowable(() -> run(secret, yaml, sources).close());
		assertThat(thrown).isNotNull();
		return new Failure(this.output.getAll().substring(begin), thrown);
	}

	ConfigurableApplicationContext run(String secret, String yaml, Class<?>... sources) {
		Path configuration = write("""
				ecs-secrets.secrets:
				- { name: TOKEN, value-from: token }
				- { name: INJECTED, value-from: injected }
				- { name: DIRECT_NUMBER, value-from: token }
				- { name: LISTED_NUMBERS, value-from: token }
				- { name: LISTED_MAP, value-from: token }
				""" + yaml);
		InMemorySecretStore store = new InMemorySecretStore().put("token", secret);
		ConfigurableEnvironment environment = new StandardEnvironment();
		String processEnvironment = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
		environment.getPropertySources()
			.replace(processEnvironment,
					new SystemEnvironmentPropertySource(processEnvironment, Map.of("INJECTED", secret)));
		try {
			return new SpringApplicationBuilder(Application.class).sources(sources)
				.environment(environment)
				.web(WebApplicationType.NONE)
				.addBootstrapRegistryInitializer(
						(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)))
				.properties("spring.config.location=file:" + configuration, "logging.level." + DIAGNOSTICS + "=debug")
				.run();
		}
		finally {
			// Levels stay for all applications of the JVM.
			LoggingSystem.get(FailingApplication.class.getClassLoader()).setLogLevel(DIAGNOSTICS, null);
		}
	}

	private Path write(String yaml) {
		try {
			return Files.writeString(this.folder.resolve("application.yml"), yaml);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Failed start.
	 *
	 * @param printed what the application printed
	 * @param thrown what the start threw
	 */
	record Failure(String printed, Throwable thrown) {

		/**
		 * Returns the description and the action that Spring Boot prints.
		 */
		String analysis() {
			assertThat(this.printed).contains(TITLE);
			return this.printed.substring(this.printed.indexOf(TITLE)).replace(System.lineSeparator(), "\n");
		}

		/**
		 * Returns the stack trace that Spring Boot logs at DEBUG before the analysis.
		 */
		String debug() {
			int begin = this.printed.indexOf("Application failed to start due to an exception");
			assertThat(begin).isPositive();
			return this.printed.substring(begin, this.printed.indexOf(TITLE));
		}

		/**
		 * Returns what a test runner, a servlet container or a caller prints of what is
		 * thrown.
		 */
		String stackTrace() {
			StringWriter stackTrace = new StringWriter();
			this.thrown.printStackTrace(new PrintWriter(stackTrace));
			return stackTrace.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Application {

	}

}
