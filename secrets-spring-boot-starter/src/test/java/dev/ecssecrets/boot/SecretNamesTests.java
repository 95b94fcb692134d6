// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretNames} and {@link UnreadSecretsWarning}, in applications that
 * start.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretNamesTests {

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@ParameterizedTest
	@CsvSource({ "ORDERS-DB-PASSWORD, ORDERS_DB_PASSWORD, orders.db.password",
			"feature-token, FEATURE_TOKEN, feature.token", "Orders-Token, ORDERS_TOKEN, orders.token",
			"app/token, APP_TOKEN, app.token", "pässword, P_SSWORD, p.ssword" })
	void nameThatNoPropertyBindsToIsWarnedOf(String name, String variable, String property, CapturedOutput output) {
		run(name, Application.class);
		assertThat(output).containsOnlyOnce("No property binds to the name '" + name + "'")
			.contains("Rename the secret to " + variable + ", which binds to " + property);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ORDERS_DB_PASSWORD", "orders_db_password", "Orders_Db_Password", "TOKEN", "token",
			"OrdersToken", "HAMADA_SECRETS", "APP_2_KEY" })
	void nameWhenItBindsIsNotWarnedOf(String name, CapturedOutput output) {
		run(name, Application.class);
		assertThat(output).contains("1 injected").doesNotContain("WARN");
	}

	@ParameterizedTest
	@ValueSource(strings = { "${feature-token}", "Bearer ${feature-token:none}", "${absent:${feature-token}}" })
	void nameWhenPropertyRefersToItIsNotWarnedOf(String text, CapturedOutput output) {
		run("feature-token", Application.class, "--app.token=" + text);
		assertThat(output).contains("1 injected").doesNotContain("WARN");
	}

	@ParameterizedTest
	@ValueSource(classes = { Field.class, Constructor.class, Setter.class, Factory.class })
	void nameWhenBeanReadsItByValueAnnotationIsNotWarnedOf(Class<?> source, CapturedOutput output) {
		run("feature-token", source);
		assertThat(output).contains("1 injected").doesNotContain("WARN");
	}

	@Test
	void nameWhenItHasWhiteSpaceIsWarnedOf(CapturedOutput output) {
		run("DB_PASSWORD ", Application.class);
		assertThat(output).contains("The name 'DB_PASSWORD ' begins or ends with white space");
	}

	@ParameterizedTest
	@ValueSource(strings = { "JAVA_TOOL_OPTIONS", "DD_API_KEY", "AWS_SECRET_ACCESS_KEY", "NEW_RELIC_LICENSE_KEY" })
	void nameThatJvmOrAgentReadsWhenFetchedIsWarnedOf(String name, CapturedOutput output) {
		fetch(name);
		assertThat(output).contains("1 fetched").containsPattern("WARN .*" + name + " is fetched into Spring's Env");
	}

	@ParameterizedTest
	@ValueSource(strings = { "${DD_API_KEY}", "${dd.api.key}" })
	void nameThatAgentReadsWhenPropertyRefersToItIsNotWarnedOf(String text, CapturedOutput output) {
		fetch("DD_API_KEY", "--management.datadog.metrics.export.api-key=" + text);
		assertThat(output).contains("1 fetched").doesNotContain("into Spring's Environment");
	}

	@ParameterizedTest
	@ValueSource(strings = { "JAVA_TOOL_OPTIONS", "DD_API_KEY" })
	void nameThatJvmOrAgentReadsWhenInjectedIsNotWarnedOf(String name, CapturedOutput output) {
		run(name, Application.class);
		assertThat(output).contains("1 injected").doesNotContain("WARN");
	}

	@Test
	void secretWhenInjectedAndEmptyIsWarnedOfUnlessOnEcs(CapturedOutput output) {
		this.processEnvironment.put("DB_PASSWORD", "");
		run("DB_PASSWORD", Application.class);
		assertThat(output).containsPattern("WARN .*DB_PASSWORD is injected, but empty")
			.contains("1 injected (DB_PASSWORD)");
		this.processEnvironment.put("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x");
		run("DB_PASSWORD", Application.class);
		assertThat(output).containsOnlyOnce("injected, but empty");
	}

	@Test
	void readWhenManyNamesBindToNothingLooksForPlaceholdersOnce() {
		Map<String, Object> declarations = new HashMap<>();
		for (int i = 0; i < 100; i++) {
			declarations.put("ecs-secrets.secrets[" + i + "].name", "app-secret" + i);
			declarations.put("ecs-secrets.secrets[" + i + "].value-from", "secret" + i);
		}
		AtomicInteger reads = new AtomicInteger();
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("declarations", declarations));
		environment.getPropertySources().addLast(new MapPropertySource("counted", Map.of("text", "any")) {

			@Override
			public @Nullable Object getProperty(String name) {
				reads.addAndGet(name.equals("text") ? 1 : 0);
				return super.getProperty(name);
			}

		});
		assertThat(SecretsConfigurationReader.readAgain(environment).unbindable()).hasSize(100);
		assertThat(reads).hasValue(1);
	}

	private void run(String name, Class<?> source, String... args) {
		this.processEnvironment.putIfAbsent(name, "injected");
		start(name, source, args);
	}

	private void fetch(String name, String... args) {
		start(name, Application.class, args);
	}

	private void start(String name, Class<?> source, String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		new SpringApplicationBuilder(source).environment(environment)
			.web(WebApplicationType.NONE)
			.properties(Map.of("ecs-secrets.secrets[0].name", name, "ecs-secrets.secrets[0].value-from", "word"))
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of(new InMemorySecretStore().put("word", "fetched"))))
			.run(args)
			.close();
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Field {

		@Value("${feature-token}")
		String token;

	}

	@Configuration(proxyBeanMethods = false)
	static class Constructor {

		Constructor(@Value("Bearer ${feature-token}") String token) {
			assertThat(token).isEqualTo("Bearer injected");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Setter {

		@Value("${feature-token}")
		void setToken(String token) {
			assertThat(token).isEqualTo("injected");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Factory {

		@Bean
		String token(@Value("${feature-token}") String token) {
			return token;
		}

	}

}
