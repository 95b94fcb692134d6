package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jmx.JmxEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.env.EnvironmentEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which beans there are, and that they come after what they depend on. What becomes of an
 * application whose class path lacks a library is in {@link SdkIsOptionalTests}.
 */
class AutoConfigurationTests {

	private static final List<Class<?>> OURS = List.of(SecretsActuatorAutoConfiguration.class,
			SecretsAutoConfiguration.class, SecretsEndpointAutoConfiguration.class,
			SecretsHealthContributorAutoConfiguration.class, SecretsMetricsAutoConfiguration.class);

	private static final List<Class<?>> BOOTS = List.of(CompositeMeterRegistryAutoConfiguration.class,
			EndpointAutoConfiguration.class, EnvironmentEndpointAutoConfiguration.class,
			HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
			HealthEndpointAutoConfiguration.class, JmxAutoConfiguration.class, JmxEndpointAutoConfiguration.class,
			MetricsAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class,
			WebEndpointAutoConfiguration.class);

	private static final Set<Class<?>> ALWAYS = Set.of(UnboundSecretsBindHandlerAdvisor.class,
			ValueFreeBindHandlerAdvisor.class, ValueFreeInjection.class, SecretsRefresher.class, RefreshSchedule.class,
			OutdatedBeansWarning.class);

	private static final Set<Class<?>> OPTIONAL = Set.of(PoolCredentialsBeanPostProcessor.class, SpringCloudNews.class,
			SecretsSanitizingFunction.class, SecretsEndpoint.class, SecretsEndpointWebExtension.class,
			SecretsHealthIndicator.class, SecretsMetrics.class);

	private final WebApplicationContextRunner empty = runner((name) -> true);

	private final WebApplicationContextRunner declared = declare(this.empty);

	@Test
	void allBeansAreThereWhereSecretsAreDeclared() {
		this.declared.run((context) -> assertThat(beans(context)).isEqualTo(all()));
	}

	@Test
	void noBeanIsThereWhereNothingIsDeclared() {
		this.empty.run((context) -> {
			assertThat(context).hasSingleBean(MeterRegistry.class).hasSingleBean(HealthContributorRegistry.class);
			assertThat(beans(context)).isEmpty();
			assertThat(everyBean(context)).noneMatch(AutoConfigurationTests::isOurs);
		});
	}

	@Test
	void noBeanIsThereInAnApplicationThatDeclaresNothing() {
		try (ConfigurableApplicationContext context = application().run("--management.endpoints.web.exposure.include=*",
				"--ecs-secrets.refresh.interval=1h", "--ecs-secrets.refresh.pool=true")) {
			assertThat(context.getBeansOfType(MeterRegistry.class)).isNotEmpty();
			assertThat(everyBean(context)).noneMatch(AutoConfigurationTests::isOurs);
		}
	}

	@Test
	void allBeansAreThereInAnApplicationThatDeclaresSecrets() {
		try (ConfigurableApplicationContext context = application().run("--management.endpoints.web.exposure.include=*",
				"--ecs-secrets.refresh.pool=true", "--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
				"--ecs-secrets.secrets[0].value-from=hamako-favorite-word")) {
			assertThat(beans(context)).containsAll(all());
			assertThat(context.getBean(MeterRegistry.class).get("ecs.secrets.refreshes").meters()).isNotEmpty();
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource
	void onlyBeansThatNeedItAreAbsentWithout(String library, List<String> packages, Set<Class<?>> absent)
			throws ClassNotFoundException {
		Set<Class<?>> expected = all();
		expected.removeAll(absent);
		// The library's own ones would be gone with it.
		String excluded = candidates().stream()
			.map(Class::getName)
			.filter((name) -> packages.stream().anyMatch(name::startsWith))
			.collect(Collectors.joining(","));
		declare(new WebApplicationContextRunner()).withUserConfiguration(Application.class)
			.withPropertyValues("spring.autoconfigure.exclude=" + excluded)
			.withClassLoader(new FilteredClassLoader(packages.toArray(String[]::new)))
			.run((context) -> assertThat(beans(context)).isEqualTo(expected));
	}

	static Stream<Arguments> onlyBeansThatNeedItAreAbsentWithout() {
		return Stream.of(
				without("spring-boot-actuator", "org.springframework.boot.actuate.", SecretsSanitizingFunction.class,
						SecretsEndpoint.class, SecretsEndpointWebExtension.class),
				without("spring-boot-actuator-autoconfigure", "org.springframework.boot.actuate.autoconfigure.",
						SecretsEndpoint.class, SecretsEndpointWebExtension.class),
				without("spring-boot-health", "org.springframework.boot.health.", SecretsHealthIndicator.class),
				without("micrometer-core", "io.micrometer.core.", SecretsMetrics.class),
				without("spring-boot-micrometer-metrics", "org.springframework.boot.micrometer.", SecretsMetrics.class),
				without("spring-cloud-context", "org.springframework.cloud.", SpringCloudNews.class),
				without("HikariCP", "com.zaxxer.hikari.", PoolCredentialsBeanPostProcessor.class),
				without("spring-boot-jdbc", "org.springframework.boot.jdbc.", PoolCredentialsBeanPostProcessor.class),
				without("spring-jdbc", "org.springframework.jdbc.", PoolCredentialsBeanPostProcessor.class),
				Arguments.of("any of them",
						List.of("org.springframework.boot.actuate.", "org.springframework.boot.health.",
								"io.micrometer.", "org.springframework.boot.micrometer.", "org.springframework.cloud.",
								"com.zaxxer.hikari.", "org.springframework.boot.jdbc.", "org.springframework.jdbc."),
						OPTIONAL));
	}

	/**
	 * Values that others injected are declared secrets all the same, and stay masked and
	 * out of messages.
	 */
	@Test
	void onlyWhatKeepsValuesFromSightIsThereWhereSecretsAreNotEnabled() {
		this.declared.withPropertyValues("ecs-secrets.enabled=false")
			.run((context) -> assertThat(beans(context)).containsExactlyInAnyOrder(
					UnboundSecretsBindHandlerAdvisor.class, ValueFreeBindHandlerAdvisor.class, ValueFreeInjection.class,
					SecretsSanitizingFunction.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.endpoints.web.exposure.include=health",
			"management.endpoints.web.exposure.exclude=ecssecrets", "management.endpoint.ecssecrets.access=NONE",
			"management.endpoints.access.default=NONE", "management.endpoints.access.max-permitted=NONE" })
	void noEndpointIsThereWhereItIsNotAvailable(String property) {
		this.declared.withPropertyValues(property)
			.run((context) -> assertThat(beans(context))
				.isEqualTo(allBut(SecretsEndpoint.class, SecretsEndpointWebExtension.class)));
	}

	@Test
	void endpointIsNotAvailableByDefault() {
		declare(runner((name) -> true), "ecs-secrets.refresh.pool=true").run((context) -> assertThat(beans(context))
			.isEqualTo(allBut(SecretsEndpoint.class, SecretsEndpointWebExtension.class)));
	}

	@Test
	void endpointIsThereForJmxAlone() {
		this.declared
			.withPropertyValues("management.endpoints.web.exposure.include=health", "spring.jmx.enabled=true",
					"management.endpoints.jmx.exposure.include=ecssecrets")
			.run((context) -> assertThat(context).hasSingleBean(SecretsEndpoint.class));
	}

	@Test
	void endpointHasNoWriteOperationWhereItIsReadOnly() {
		this.declared.withPropertyValues("management.endpoint.ecssecrets.access=READ_ONLY")
			.run((context) -> assertThat(operations(context)).containsExactlyInAnyOrder("GET ecssecrets",
					"GET ecssecrets/{document}"));
		this.declared.run((context) -> assertThat(operations(context)).contains("POST ecssecrets"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.health.ecssecrets.enabled=false",
			"management.health.ecs-secrets.enabled=false", "management.health.defaults.enabled=false" })
	void noHealthIsThereWhereItIsDisabled(String property) {
		this.declared.withPropertyValues(property).run((context) -> {
			assertThat(beans(context)).isEqualTo(allBut(SecretsHealthIndicator.class));
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isNull();
		});
	}

	@Test
	void healthIsThereWhereItAloneIsEnabled() {
		this.declared
			.withPropertyValues("management.health.defaults.enabled=false", "management.health.ecssecrets.enabled=true")
			.run((context) -> assertThat(context.getBean(HealthContributorRegistry.class).stream()).singleElement()
				.satisfies((entry) -> assertThat(entry.name()).isEqualTo("ecsSecrets")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ecsSecretsHealthIndicator", "ecsSecretsHealthContributor" })
	void healthOfTheApplicationWins(String name) {
		HealthIndicator theirs = () -> Health.unknown().build();
		this.declared.withBean(name, HealthIndicator.class, () -> theirs).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(SecretsHealthIndicator.class);
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isSameAs(theirs);
		});
	}

	@Test
	void metricsAreInTheRegistryOfTheApplication() {
		this.declared.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(context.getBean(MeterRegistry.class).find("ecs.secrets.age").timeGauge())
				.isNotNull());
	}

	/**
	 * Its auto-configuration is ordered as that of Prometheus, and comes as late as that
	 * lets it.
	 */
	@Test
	void metricsAreInTheRegistryOfAnExporter() {
		declare(runner((name) -> true, ExporterAutoConfiguration.class)).run((context) -> assertThat(
				context.getBean(ExporterAutoConfiguration.Registry.class).find("ecs.secrets.age").timeGauge())
			.isNotNull());
	}

	@Test
	void noMetricsAreThereWithoutRegistry() {
		declare(runner((name) -> !name.contains(".micrometer.")))
			.run((context) -> assertThat(beans(context)).isEqualTo(allBut(SecretsMetrics.class)));
	}

	@Test
	void autoConfigurationsComeAfterAllThatTheyDependOn() throws ClassNotFoundException {
		List<Class<?>> candidates = candidates();
		assertThat(candidates).containsAll(OURS).containsAll(BOOTS);
		List<String> sorted = Arrays
			.stream(Configurations.getClasses(AutoConfigurations.of(candidates.toArray(Class<?>[]::new))))
			.map(Class::getName)
			.toList();
		assertThat(sorted.subList(0, sorted.indexOf(SecretsMetricsAutoConfiguration.class.getName())))
			.contains(SecretsAutoConfiguration.class.getName(), CompositeMeterRegistryAutoConfiguration.class.getName())
			.containsAll(sorted.stream().filter((name) -> name.endsWith("MetricsExportAutoConfiguration")).toList());
		assertThat(sorted.subList(0, sorted.indexOf(SecretsEndpointAutoConfiguration.class.getName())))
			.contains(SecretsAutoConfiguration.class.getName());
		assertThat(sorted.subList(0, sorted.indexOf(SecretsHealthContributorAutoConfiguration.class.getName())))
			.contains(SecretsAutoConfiguration.class.getName());
	}

	private static List<Class<?>> candidates() throws ClassNotFoundException {
		ClassLoader classLoader = AutoConfigurationTests.class.getClassLoader();
		List<Class<?>> candidates = new ArrayList<>();
		for (String name : ImportCandidates.load(AutoConfiguration.class, classLoader)) {
			candidates.add(Class.forName(name, false, classLoader));
		}
		return candidates;
	}

	private static Arguments without(String library, String packageName, Class<?>... absent) {
		return Arguments.of(library, List.of(packageName), Set.of(absent));
	}

	/**
	 * Ours come first, to be sorted.
	 */
	private static WebApplicationContextRunner runner(Predicate<String> boots, Class<?>... others) {
		List<Class<?>> autoConfigurations = new ArrayList<>(OURS);
		BOOTS.stream().filter((type) -> boots.test(type.getName())).forEach(autoConfigurations::add);
		autoConfigurations.addAll(Arrays.asList(others));
		return new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(autoConfigurations.toArray(Class<?>[]::new)));
	}

	private static WebApplicationContextRunner declare(WebApplicationContextRunner runner) {
		return declare(runner, "ecs-secrets.refresh.pool=true", "management.endpoints.web.exposure.include=*");
	}

	private static WebApplicationContextRunner declare(WebApplicationContextRunner runner, String... properties) {
		return runner
			.withPropertyValues("ecs-secrets.secrets[0].name=HAMADA_SECRETS",
					"ecs-secrets.secrets[0].value-from=hamako-favorite-word")
			.withPropertyValues(properties);
	}

	private static SpringApplicationBuilder application() {
		InMemorySecretStore store = new InMemorySecretStore().put("hamako-favorite-word", "wassyoi");
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)));
	}

	private static Set<Class<?>> all() {
		Set<Class<?>> all = new LinkedHashSet<>(ALWAYS);
		all.addAll(OPTIONAL);
		return all;
	}

	private static Set<Class<?>> allBut(Class<?>... types) {
		Set<Class<?>> all = all();
		all.removeAll(Set.of(types));
		return all;
	}

	/**
	 * Returns the types of our beans, but not those of the configurations that make them.
	 */
	private static Set<Class<?>> beans(ApplicationContext context) {
		Set<Class<?>> types = new LinkedHashSet<>(everyBean(context));
		types.removeIf((type) -> !isOurs(type) || type.isAnnotationPresent(Configuration.class)
				|| type.isAnnotationPresent(AutoConfiguration.class));
		return types;
	}

	private static List<Class<?>> everyBean(ApplicationContext context) {
		List<Class<?>> types = new ArrayList<>();
		for (String name : context.getBeanNamesForType(Object.class)) {
			types.add(ClassUtils.getUserClass(context.getBean(name)));
		}
		return types;
	}

	private static boolean isOurs(Class<?> type) {
		return type.getName().startsWith("dev.ecssecrets.") && type.getNestHost() != AutoConfigurationTests.class;
	}

	private static Set<String> operations(ApplicationContext context) {
		Set<String> operations = new TreeSet<>();
		context.getBean(WebEndpointsSupplier.class)
			.getEndpoints()
			.stream()
			.filter((endpoint) -> endpoint.getEndpointId().toString().equals("ecssecrets"))
			.flatMap((endpoint) -> endpoint.getOperations().stream())
			.forEach((operation) -> operations.add(
					operation.getRequestPredicate().getHttpMethod() + " " + operation.getRequestPredicate().getPath()));
		return operations;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@AutoConfiguration(
			before = { CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class },
			after = MetricsAutoConfiguration.class)
	@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
	static class ExporterAutoConfiguration {

		@Bean
		Registry registry() {
			return new Registry();
		}

		static final class Registry extends SimpleMeterRegistry {

		}

	}

}
