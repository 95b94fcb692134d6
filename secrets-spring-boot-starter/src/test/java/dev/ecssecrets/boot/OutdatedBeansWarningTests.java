package dev.ecssecrets.boot;

import java.util.HashMap;
import java.util.Map;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutdatedBeansWarning}.
 */
@ExtendWith(OutputCaptureExtension.class)
class OutdatedBeansWarningTests {

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@Test
	void recordsThatHaveSecretsAreNamed(CapturedOutput output) {
		run("--ecs-secrets.refresh.interval=1h");
		assertThat(output)
			.containsPattern("WARN .*A refresh of secrets does not reach OutdatedBeansWarningTests.Direct, "
					+ "OutdatedBeansWarningTests.Placeholder: nothing binds these beans again")
			.doesNotContain("canary");
	}

	@Test
	void nothingIsSaidWithoutInterval(CapturedOutput output) {
		run();
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void nothingToRefreshIsTold(CapturedOutput output) {
		this.processEnvironment.put("DIRECT_KEY", "canary");
		run("--ecs-secrets.refresh.interval=1h");
		assertThat(output).containsPattern("WARN .*There is nothing to refresh: all secrets are injected")
			.doesNotContain("does not reach");
	}

	@Test
	void recordsThatHaveInjectedSecretsAreNamedIfTheseAreOverridden(CapturedOutput output) {
		this.processEnvironment.put("DIRECT_KEY", "canary");
		run("--ecs-secrets.refresh.interval=1h", "--ecs-secrets.refresh.override-injected=true");
		assertThat(output).contains("OutdatedBeansWarningTests.Direct");
	}

	private void run(String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace("systemEnvironment",
					new SystemEnvironmentPropertySource("systemEnvironment", this.processEnvironment));
		new SpringApplicationBuilder(Application.class).environment(environment)
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.secrets[0].name=DIRECT_KEY", "ecs-secrets.secrets[0].value-from=key",
					"placeholder.url=http://${host}/${direct.key}", "host=localhost", "none.key=none",
					"none.unresolvable=${absent}", "late.key=${DIRECT_KEY}", "setters.key=${DIRECT_KEY}")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of(new InMemorySecretStore().put("key", "canary"))))
			.run(args)
			.close();
	}

	@ConfigurationProperties("direct")
	record Direct(String key) {

	}

	@ConfigurationProperties("placeholder")
	record Placeholder(String url) {

	}

	@ConfigurationProperties("none")
	record None(String key) {

	}

	@ConfigurationProperties("setters")
	static class Setters {

		private String key;

		public String getKey() {
			return this.key;
		}

		public void setKey(String key) {
			this.key = key;
		}

	}

	@ConfigurationProperties("late")
	static class Late {

		private final String key;

		Late(String key) {
			this.key = key;
		}

		String key() {
			return this.key;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties({ Direct.class, Placeholder.class, None.class, Setters.class })
	static class Application {

		@Bean
		@Lazy
		Late late() {
			throw new IllegalStateException("nobody has asked for it");
		}

	}

}
