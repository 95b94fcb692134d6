// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.SecretStatus;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsEnvironmentPostProcessor;
import dev.ecssecrets.test.InMemorySecretStore;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Environment post-processor that gives tests their secrets, or refuses to call AWS,
 * before the starter's own post-processor resolves the declarations. Spring Boot makes
 * the test class the main class of the application. {@link Secrets} has the declarations
 * once the starter has read them.
 */
class TestSecretsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final String ALLOW_AWS = "ecs-secrets.test.allow-aws";

	private static final String REGION = "ecs-secrets.aws.region";

	private static final String MIN_INTERVAL = "ecs-secrets.refresh.min-interval";

	// Spring Boot binds properties of a source with such a name as variables.
	private final ConfigurableBootstrapContext bootstrapContext;

	TestSecretsEnvironmentPostProcessor(ConfigurableBootstrapContext bootstrapContext) {
		this.bootstrapContext = bootstrapContext;
	}

	/**
	 * After the configuration files and before the starter.
	 */
	@Override
	public int getOrder() {
		return SecretsEnvironmentPostProcessor.ORDER - 1;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (environment.getPropertySources().contains("bootstrap")
				|| Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)
				|| !environment.getProperty("ecs-secrets.enabled", Boolean.class, true)) {
			return;
		}
		GivenSecrets givenBefore = this.bootstrapContext.getOrElse(GivenSecrets.class, null);
		if (givenBefore != null) {
			// Spring Cloud's context refresh prepares an environment of its own.
			prepare(environment, givenBefore);
			return;
		}
		Class<?> testClass = application.getMainApplicationClass();
		GivenSecrets given = (testClass != null) ? GivenSecrets.to(testClass) : null;
		if (testClass != null && given != null) {
			give(given, testClass, environment);
		}
		else if (!"file".equalsIgnoreCase(environment.getProperty("ecs-secrets.store"))
				&& !environment.getProperty(ALLOW_AWS, Boolean.class, false)) {
			this.bootstrapContext.registerIfAbsent(SecretStore.class,
					(context) -> storeWithoutAws(declared(context), environment));
		}
	}

	private void give(GivenSecrets given, Class<?> testClass, ConfigurableEnvironment environment) {
		this.bootstrapContext.register(GivenSecrets.class, InstanceSupplier.of(given));
		prepare(environment, given);
		this.bootstrapContext.register(SecretStore.class,
				(context) -> store(given, testClass, declared(context), environment));
		this.bootstrapContext.addCloseListener((event) -> {
			// Without a fetch, this is where the secrets are checked.
			if (event.getBootstrapContext().get(SecretStore.class) instanceof InMemorySecretStore store) {
				event.getApplicationContext().getBeanFactory().registerSingleton("inMemorySecretStore", store);
			}
		});
	}

	private static void prepare(ConfigurableEnvironment environment, GivenSecrets given) {
		hide(given.values().keySet(), environment);
		if (!given.localStack()) {
			// A store in memory can be called at any time.
			environment.getPropertySources()
				.addLast(new MapPropertySource("testSecrets", Map.of(MIN_INTERVAL, Duration.ZERO)));
		}
	}

	private static List<SecretDeclaration> declared(BootstrapContext context) {
		Secrets secrets = context.getOrElse(Secrets.class, null);
		return (secrets != null) ? secrets.current().declarations() : List.of();
	}

	private static SecretStore store(GivenSecrets given, Class<?> testClass, List<SecretDeclaration> declared,
			ConfigurableEnvironment environment) {
		Map<String, String> values = properties(declared, environment);
		values.putAll(given.values());
		TestValues fitted = new TestValues(declared);
		fitted.put(values);
		if (given.localStack()) {
			fitted.putNames();
		}
		fitted.check(values, testClass);
		return given.localStack() ? LocalStackSecrets.store(fitted, environment.getProperty(REGION)) : fitted.store();
	}

	/**
	 * Returns a store with the values of properties, in which optional secrets may be
	 * absent.
	 * @throws TestSecretsException if a required secret has no value
	 */
	private static SecretStore storeWithoutAws(List<SecretDeclaration> declared, ConfigurableEnvironment environment) {
		TestValues values = new TestValues(declared);
		values.put(properties(declared, environment));
		List<String> missing = values.missing();
		if (!missing.isEmpty()) {
			throw new TestSecretsException(refusal(missing));
		}
		return values.store();
	}

	private static String refusal(List<String> missing) {
		List<String> names = missing.stream().map(PrintableText::of).toList();
		return "This test would call AWS, because it has no value for " + String.join(", ", names)
				+ ". Tests call AWS only if you allow it.\n\nGive values to the test class:\n\n    "
				+ names.stream()
					.map((name) -> '"' + name + "=...\"")
					.collect(Collectors.joining(", ", "@TestSecrets({ ", " })"))
				+ "\n\nOr give them as properties with these names, or set " + ALLOW_AWS + " to true.";
	}

	/**
	 * Returns the properties with names of secrets. Like the values of fetched secrets,
	 * they keep their placeholders.
	 */
	private static Map<String, String> properties(List<SecretDeclaration> declared,
			ConfigurableEnvironment environment) {
		Map<String, String> properties = new HashMap<>();
		declared.stream().map(SecretDeclaration::name).filter((name) -> !name.isEmpty()).forEach((name) -> {
			for (PropertySource<?> source : environment.getPropertySources()) {
				Object value = source.getProperty(name);
				if (value != null) {
					properties.put(name, value.toString());
					break;
				}
			}
		});
		return properties;
	}

	/**
	 * Hides variables of the process environment, which would override given secrets.
	 */
	private static void hide(Set<String> names, ConfigurableEnvironment environment) {
		PropertySource<?> source = environment.getPropertySources()
			.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		if (source instanceof SystemEnvironmentPropertySource variables
				&& variables.getSource().keySet().stream().anyMatch(names::contains)) {
			environment.getPropertySources().replace(source.getName(), new OtherVariables(variables, names));
		}
	}

	/**
	 * The process environment without some of its variables.
	 */
	private static final class OtherVariables extends SystemEnvironmentPropertySource implements PropertySourceInfo {

		private final @Nullable String prefix;

		OtherVariables(SystemEnvironmentPropertySource variables, Set<String> hidden) {
			super(variables.getName(),
					variables.getSource()
						.entrySet()
						.stream()
						.filter((variable) -> !hidden.contains(variable.getKey()))
						.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
			this.prefix = (variables instanceof PropertySourceInfo info) ? info.getPrefix() : null;
		}

		@Override
		public boolean isImmutable() {
			return true;
		}

		@Override
		public @Nullable String getPrefix() {
			return this.prefix;
		}

	}

}
