package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.boot.SecretDeclarations;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Gives tests their secrets, or refuses to call AWS, before the starter's own
 * post-processor resolves the declarations. It finds the test where Spring Boot has put
 * it: as the main class of the application.
 */
class TestSecretsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final String ALLOW_AWS = "ecs-secrets.test.allow-aws";

	private static final String MIN_INTERVAL = "ecs-secrets.refresh.min-interval";

	private final ConfigurableBootstrapContext bootstrapContext;

	TestSecretsEnvironmentPostProcessor(ConfigurableBootstrapContext bootstrapContext) {
		this.bootstrapContext = bootstrapContext;
	}

	/**
	 * Between the configuration files and the starter.
	 */
	@Override
	public int getOrder() {
		return ConfigDataEnvironmentPostProcessor.ORDER + 1;
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
			// Spring Cloud's context refresh comes here with an environment of its own.
			prepare(environment, givenBefore);
			return;
		}
		Class<?> testClass = application.getMainApplicationClass();
		GivenSecrets given = (testClass != null) ? GivenSecrets.to(testClass) : null;
		if (testClass != null && given != null) {
			give(given, testClass, environment);
		}
		else if (!"file".equalsIgnoreCase(environment.getProperty("ecs-secrets.store"))
				&& !environment.getProperty(ALLOW_AWS, Boolean.class, false)
				&& !this.bootstrapContext.isRegistered(SecretStore.class)) {
			refuse(environment);
		}
	}

	private void give(GivenSecrets given, Class<?> testClass, ConfigurableEnvironment environment) {
		this.bootstrapContext.register(GivenSecrets.class, InstanceSupplier.of(given));
		List<SecretDeclaration> declared = SecretDeclarations.of(environment).all();
		Map<String, String> values = properties(declared, environment);
		values.putAll(given.values());
		TestValues fitted = new TestValues(declared);
		fitted.put(values);
		if (given.localStack()) {
			fitted.putNames();
		}
		fitted.check(values, testClass);
		prepare(environment, given);
		if (given.localStack()) {
			LocalStackSecrets.give(fitted, environment, this.bootstrapContext);
			return;
		}
		InMemorySecretStore store = fitted.store();
		this.bootstrapContext.register(SecretStore.class, InstanceSupplier.of(store));
		this.bootstrapContext.addCloseListener((event) -> event.getApplicationContext()
			.getBeanFactory()
			.registerSingleton("inMemorySecretStore", store));
	}

	private static void prepare(ConfigurableEnvironment environment, GivenSecrets given) {
		hide(given.values().keySet(), environment);
		if (!given.localStack()) {
			// A test that refreshes shall not wait as those must who ask AWS.
			environment.getPropertySources()
				.addLast(new MapPropertySource("testSecrets", Map.of(MIN_INTERVAL, Duration.ZERO)));
		}
	}

	/**
	 * Gives what properties give, and lets all else fail.
	 */
	private void refuse(ConfigurableEnvironment environment) {
		List<SecretDeclaration> declared = SecretDeclarations.of(environment).all();
		TestValues values = new TestValues(declared);
		values.put(properties(declared, environment));
		SecretStore store = values.store();
		String refusal = refusal(values.missing());
		this.bootstrapContext.register(SecretStore.class, InstanceSupplier.of((locations, timeout) -> {
			Map<SecretLocation, Answer> answers = new HashMap<>(store.fetch(locations, timeout).answers());
			answers.replaceAll(
					(location, answer) -> values.isComplete(location) ? answer : new Failed(Reason.REFUSED, refusal));
			return new Response(answers);
		}));
	}

	private static String refusal(List<String> names) {
		String values = names.isEmpty() ? ""
				: names.stream().map((name) -> '"' + name + "=…\"").collect(Collectors.joining(", ", "({ ", " })"));
		return "this test would call AWS for it: add @TestSecrets" + values + " to the test class, or set " + ALLOW_AWS
				+ " to true";
	}

	/**
	 * Returns the properties that have names of secrets, without placeholders replaced,
	 * as the source of a secret has it.
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
	 * Hides variables of the process environment, which would win over given secrets.
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
