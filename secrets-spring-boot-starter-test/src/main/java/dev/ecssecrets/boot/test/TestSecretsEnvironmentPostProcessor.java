package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;
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
 * Gives tests their secrets, or refuses to call AWS, before the starter's own
 * post-processor resolves the declarations. It finds the test where Spring Boot puts it:
 * as the main class of the application. What is declared it learns from {@link Secrets},
 * as soon as the starter has read it.
 */
class TestSecretsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final String ALLOW_AWS = "ecs-secrets.test.allow-aws";

	private static final String REGION = "ecs-secrets.aws.region";

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
				&& !environment.getProperty(ALLOW_AWS, Boolean.class, false)) {
			this.bootstrapContext.registerIfAbsent(SecretStore.class,
					(context) -> refusing(declared(context), environment));
		}
	}

	private void give(GivenSecrets given, Class<?> testClass, ConfigurableEnvironment environment) {
		this.bootstrapContext.register(GivenSecrets.class, InstanceSupplier.of(given));
		prepare(environment, given);
		this.bootstrapContext.register(SecretStore.class,
				(context) -> store(given, testClass, declared(context), environment));
		this.bootstrapContext.addCloseListener((event) -> {
			// Where nothing was to be fetched, the check is still to be made.
			if (event.getBootstrapContext().get(SecretStore.class) instanceof InMemorySecretStore store) {
				event.getApplicationContext().getBeanFactory().registerSingleton("inMemorySecretStore", store);
			}
		});
	}

	private static void prepare(ConfigurableEnvironment environment, GivenSecrets given) {
		hide(given.values().keySet(), environment);
		if (!given.localStack()) {
			// Refreshes need not spare a store in memory.
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
	 * Returns a store that has what properties give, and refuses all else.
	 */
	private static SecretStore refusing(List<SecretDeclaration> declared, ConfigurableEnvironment environment) {
		TestValues values = new TestValues(declared);
		values.put(properties(declared, environment));
		SecretStore store = values.store();
		String refusal = refusal(values.missing());
		return (locations, timeout) -> {
			Map<SecretLocation, Answer> answers = new HashMap<>(store.fetch(locations, timeout).answers());
			answers.replaceAll(
					(location, answer) -> values.isComplete(location) ? answer : new Failed(Reason.REFUSED, refusal));
			return new Response(answers);
		};
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
