package dev.ecssecrets.boot;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretStore;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Starts with root level TRACE, a fetched secret {@code TOKEN} and an injected one
 * {@code INJECTED}, and fails.
 */
final class FailingApplication {

	private final Path folder;

	private final CapturedOutput output;

	FailingApplication(Path folder, CapturedOutput output) {
		this.folder = folder;
		this.output = output;
	}

	/**
	 * Returns what is printed, in which no form of the secret is.
	 */
	String failureWithout(String secret, String yaml, Class<?>... sources) throws IOException {
		String printed = failure(secret, yaml, sources);
		assertThat(forms(secret)).noneMatch(printed::contains);
		return printed;
	}

	/**
	 * Returns what is printed, and the stack trace of what the start throws.
	 */
	String failure(String secret, String yaml, Class<?>... sources) throws IOException {
		int begin = this.output.getAll().length();
		Throwable thrown = catchThrowable(() -> run(secret, yaml, sources).close());
		assertThat(thrown).isNotNull();
		thrown.printStackTrace();
		return this.output.getAll().substring(begin);
	}

	ConfigurableApplicationContext run(String secret, String yaml, Class<?>... sources) throws IOException {
		Path configuration = Files.writeString(this.folder.resolve("application.yml"), """
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
		return new SpringApplicationBuilder(Application.class).sources(sources)
			.environment(environment)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)))
			.properties("spring.config.location=file:" + configuration, "logging.level.root=TRACE")
			.run();
	}

	static List<String> forms(String secret) {
		byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
		return Stream
			.of(secret, URLEncoder.encode(secret, StandardCharsets.UTF_8), Base64.getEncoder().encodeToString(bytes),
					HexFormat.of().formatHex(bytes))
			.distinct()
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
