// SPDX-License-Identifier: Apache-2.0

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

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.actuate.SecretsEndpointAutoConfiguration;
import dev.ecssecrets.boot.actuate.SecretsHealthContributorAutoConfiguration;
import dev.ecssecrets.boot.actuate.SecretsMetricsAutoConfiguration;
import dev.ecssecrets.boot.actuate.SecretsSanitizingAutoConfiguration;
import dev.ecssecrets.boot.cloud.SecretsSpringCloudAutoConfiguration;
import dev.ecssecrets.boot.jdbc.SecretsJdbcAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
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
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
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
 * application whose class path lacks a library is in {@link SdkIsOptionalIT}.
 */
class AutoConfigurationTests {

	private static final List<Class<?>> OURS = List.of(SecretsAutoConfiguration.class,
			SecretsJdbcAutoConfiguration.class, SecretsSpringCloudAutoConfiguration.class,
			SecretsSanitizingAutoConfiguration.class, SecretsEndpointAutoConfiguration.class,
			SecretsHealthContributorAutoConfiguration.class, SecretsMetricsAutoConfiguration.class);

	private static final List<Class<?>> BOOTS = List.of(CompositeMeterRegistryAutoConfiguration.class,
			EndpointAutoConfiguration.class, EnvironmentEndpointAutoConfiguration.class,
			HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
			HealthEndpointAutoConfiguration.class, JmxAutoConfiguration.class, JmxEndpointAutoConfiguration.class,
			MetricsAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class,
			WebEndpointAutoConfiguration.class);

	private static final String ENDPOINT = "SecretsEndpoint";

	private static final String REQUESTS = "RefreshRequests";

	private static final String WEB_EXTENSION = "SecretsEndpointWebExtension";

	private static final String MASK = "SecretsSanitizingFunction";

	private static final String HEALTH = "SecretsHealthIndicator";

	private static final String METRICS = "SecretsMetrics";

	private static final String POOLS = "PoolCredentialsBeanPostProcessor";

	private static final String HAND_MADE_POOLS = "SecretsPools";

	private static final String BRIDGE = "SpringCloudRefreshBridge";

	private static final String CONTEXT_REFRESHES = "ContextRefreshListener";

	// In an application, for classes that have a LiveSecret.
	private static final Set<String> WITHOUT_SECRETS = Set.of("LiveSecretBindHandlerAdvisor");

	private static final Set<String> ALWAYS = Set.of("Secrets", "MaskingBindHandlerAdvisor",
			"UnboundSecretsBindHandlerAdvisor", "SwapGateBindHandlerAdvisor", "RefreshSchedule", "Opening",
			"ChildContexts", "OutdatedBeansWarning");

	private static final Set<String> OPTIONAL = Set.of(POOLS, HAND_MADE_POOLS, BRIDGE, CONTEXT_REFRESHES, MASK,
			ENDPOINT, REQUESTS, WEB_EXTENSION, HEALTH, METRICS);

	private final WebApplicationContextRunner empty = runner((name) -> true);

	private final WebApplicationContextRunner declared = declare(this.empty);

	@Test
	void contextWhenSecretsAreDeclaredHasAllBeans() {
		this.declared.run((context) -> assertThat(beans(context)).isEqualTo(all()));
	}

	@Test
	void namesOfBeansBeginAsTheLibrary() {
		this.declared.run((context) -> assertThat(context.getBeanNamesForType(Object.class))
			.filteredOn((name) -> isOurs(context.getType(name)) && !isConfiguration(context.getType(name)))
			.hasSameSizeAs(all())
			.allSatisfy((name) -> assertThat(name).startsWith("ecsSecrets")));
	}

	@Test
	void beansOfTheApplicationMayHaveAnyOtherName() {
		this.declared.withBean("secretsRefresher", String.class, () -> "theirs")
			.withBean("secretsEndpoint", String.class, () -> "theirs")
			.withBean("secrets", String.class, () -> "theirs")
			.run((context) -> assertThat(beans(context)).isEqualTo(all()));
	}

	@ParameterizedTest
	@FieldSource("OURS")
	void autoConfigurationIsPublicAndFinalSoThatItCanBeExcluded(Class<?> type) {
		assertThat(type).isPublic().isFinal();
		try (ConfigurableApplicationContext context = application().run("--management.endpoints.web.exposure.include=*",
				"--ecs-secrets.refresh.min-interval=0", "--spring.autoconfigure.exclude=" + type.getName(),
				"--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
				"--ecs-secrets.secrets[0].value-from=hamako-favorite-word")) {
			assertThat(context.getBeanNamesForType(type)).isEmpty();
			assertThat(context.getEnvironment().getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
			assertThat(context.getBean(Secrets.class).refresh()).isEmpty();
		}
	}

	@Test
	void contextWhenNothingIsDeclaredHasNoBean() {
		this.empty.run((context) -> {
			assertThat(context).hasSingleBean(MeterRegistry.class).hasSingleBean(HealthContributorRegistry.class);
			assertThat(beans(context)).isEmpty();
			assertThat(everyBean(context)).noneMatch(AutoConfigurationTests::isOurs);
		});
	}

	@Test
	void applicationWhenItDeclaresNothingHasOnlyBeansForLiveSecrets() {
		try (ConfigurableApplicationContext context = application().run("--management.endpoints.web.exposure.include=*",
				"--ecs-secrets.refresh.interval=1h", "--ecs-secrets.refresh.clients=true")) {
			assertThat(context.getBeansOfType(MeterRegistry.class)).isNotEmpty();
			assertThat(beans(context)).isEqualTo(WITHOUT_SECRETS);
		}
	}

	@Test
	void applicationWhenItDeclaresSecretsHasAllBeans() {
		try (ConfigurableApplicationContext context = application().run("--management.endpoints.web.exposure.include=*",
				"--ecs-secrets.refresh.clients=true", "--ecs-secrets.secrets[0].name=HAMADA_SECRETS",
				"--ecs-secrets.secrets[0].value-from=hamako-favorite-word")) {
			assertThat(beans(context)).containsAll(all());
			assertThat(context.getBean(MeterRegistry.class).get("ecs.secrets.refreshes").meters()).isNotEmpty();
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isNotNull();
		}
	}

	@ParameterizedTest
	@MethodSource
	void contextWhenLibraryIsAbsentLacksOnlyBeansThatNeedIt(String library, List<String> packages, Set<String> absent)
			throws ClassNotFoundException {
		Set<String> expected = all();
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

	static Stream<Arguments> contextWhenLibraryIsAbsentLacksOnlyBeansThatNeedIt() {
		return Stream.of(
				without("spring-boot-actuator", "org.springframework.boot.actuate.", MASK, ENDPOINT, REQUESTS,
						WEB_EXTENSION),
				without("spring-boot-actuator-autoconfigure", "org.springframework.boot.actuate.autoconfigure.",
						ENDPOINT, REQUESTS, WEB_EXTENSION),
				without("spring-boot-health", "org.springframework.boot.health.", HEALTH),
				without("micrometer-core", "io.micrometer.core.", METRICS),
				without("spring-boot-micrometer-metrics", "org.springframework.boot.micrometer.", METRICS),
				without("spring-cloud-context", "org.springframework.cloud.", BRIDGE, CONTEXT_REFRESHES),
				without("HikariCP", "com.zaxxer.hikari.", POOLS, HAND_MADE_POOLS),
				without("spring-boot-jdbc", "org.springframework.boot.jdbc.", POOLS, HAND_MADE_POOLS),
				without("spring-jdbc", "org.springframework.jdbc.", POOLS, HAND_MADE_POOLS),
				Arguments.of("any of them",
						List.of("org.springframework.boot.actuate.", "org.springframework.boot.health.",
								"io.micrometer.", "org.springframework.boot.micrometer.", "org.springframework.cloud.",
								"com.zaxxer.hikari.", "org.springframework.boot.jdbc.", "org.springframework.jdbc."),
						OPTIONAL));
	}

	@Test
	void contextWhenSecretsAreNotEnabledHasNoBean() {
		this.declared.withPropertyValues("ecs-secrets.enabled=false")
			.run((context) -> assertThat(beans(context)).isEmpty());
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.endpoints.web.exposure.include=health",
			"management.endpoints.web.exposure.exclude=ecssecrets", "management.endpoint.ecssecrets.access=NONE",
			"management.endpoints.access.default=NONE", "management.endpoints.access.max-permitted=NONE" })
	void endpointWhenNotAvailableIsAbsent(String property) {
		this.declared.withPropertyValues(property)
			.run((context) -> assertThat(beans(context)).isEqualTo(allBut(ENDPOINT, REQUESTS, WEB_EXTENSION)));
	}

	@Test
	void endpointIsNotAvailableByDefault() {
		declare(runner((name) -> true), "ecs-secrets.refresh.clients=true")
			.run((context) -> assertThat(beans(context)).isEqualTo(allBut(ENDPOINT, REQUESTS, WEB_EXTENSION)));
	}

	@Test
	void endpointWhenExposedForJmxAloneIsThere() {
		this.declared
			.withPropertyValues("management.endpoints.web.exposure.include=health", "spring.jmx.enabled=true",
					"management.endpoints.jmx.exposure.include=ecssecrets")
			.run((context) -> assertThat(beans(context)).contains(ENDPOINT));
	}

	@Test
	void endpointWhenReadOnlyHasNoWriteOperation() {
		this.declared.withPropertyValues("management.endpoint.ecssecrets.access=READ_ONLY")
			.run((context) -> assertThat(operations(context)).containsExactlyInAnyOrder("GET ecssecrets",
					"GET ecssecrets/{document}"));
		this.declared.run((context) -> assertThat(operations(context)).contains("POST ecssecrets"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "management.health.ecssecrets.enabled=false",
			"management.health.ecs-secrets.enabled=false", "management.health.defaults.enabled=false" })
	void healthWhenDisabledIsAbsent(String property) {
		this.declared.withPropertyValues(property).run((context) -> {
			assertThat(beans(context)).isEqualTo(allBut(HEALTH));
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isNull();
		});
	}

	@Test
	void healthWhenItAloneIsEnabledIsThere() {
		this.declared
			.withPropertyValues("management.health.defaults.enabled=false", "management.health.ecssecrets.enabled=true")
			.run((context) -> assertThat(context.getBean(HealthContributorRegistry.class).stream()).singleElement()
				.satisfies((entry) -> assertThat(entry.name()).isEqualTo("ecsSecrets")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ecsSecretsHealthIndicator", "ecsSecretsHealthContributor" })
	void healthWhenApplicationHasItsOwnIsThatOfTheApplication(String name) {
		HealthIndicator theirs = () -> Health.unknown().build();
		this.declared.withBean(name, HealthIndicator.class, () -> theirs).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(beans(context)).doesNotContain(HEALTH);
			assertThat(context.getBean(HealthContributorRegistry.class).getContributor("ecsSecrets")).isSameAs(theirs);
		});
	}

	@Test
	void metricsWhenApplicationHasRegistryAreInIt() {
		this.declared.withBean(SimpleMeterRegistry.class)
			.run((context) -> assertThat(context.getBean(MeterRegistry.class).find("ecs.secrets.age").timeGauge())
				.isNotNull());
	}

	/**
	 * Its auto-configuration is ordered as that of Prometheus, and comes as late as that
	 * lets it.
	 */
	@Test
	void metricsWhenThereIsAnExporterAreInItsRegistry() {
		declare(runner((name) -> true, ExporterAutoConfiguration.class)).run((context) -> assertThat(
				context.getBean(ExporterAutoConfiguration.Registry.class).find("ecs.secrets.age").timeGauge())
			.isNotNull());
	}

	@Test
	void metricsWhenThereIsNoRegistryAreAbsent() {
		declare(runner((name) -> !name.contains(".micrometer.")))
			.run((context) -> assertThat(beans(context)).isEqualTo(allBut(METRICS)));
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

	private static Arguments without(String library, String packageName, String... absent) {
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
		return declare(runner, "ecs-secrets.refresh.clients=true", "management.endpoints.web.exposure.include=*");
	}

	private static WebApplicationContextRunner declare(WebApplicationContextRunner runner, String... properties) {
		return runner
			.withPropertyValues("ecs-secrets.secrets[0].name=HAMADA_SECRETS",
					"ecs-secrets.secrets[0].value-from=hamako-favorite-word")
			.withPropertyValues(properties)
			.withInitializer(AutoConfigurationTests::load);
	}

	/**
	 * Does what the start of an application does before.
	 */
	private static void load(ConfigurableApplicationContext context) {
		SecretsConfiguration configuration = SecretsConfigurationReader.read(context.getEnvironment());
		if (configuration != null) {
			DefaultBootstrapContext bootstrapContext = new DefaultBootstrapContext();
			bootstrapContext.register(SecretStore.class, InstanceSupplier.of(store()));
			SecretsBean.register(bootstrapContext, configuration, LogFactory.getLog(AutoConfigurationTests.class))
				.prepare(context.getEnvironment(), configuration);
			bootstrapContext.close(context);
		}
	}

	private static SecretStore store() {
		return new InMemorySecretStore().put("hamako-favorite-word", "wassyoi");
	}

	private static SpringApplicationBuilder application() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store())));
	}

	private static Set<String> all() {
		Set<String> all = new LinkedHashSet<>(ALWAYS);
		all.addAll(OPTIONAL);
		return all;
	}

	private static Set<String> allBut(String... types) {
		Set<String> all = all();
		all.removeAll(Set.of(types));
		return all;
	}

	/**
	 * Returns the types of our beans, but not those of the configurations that make them.
	 */
	private static Set<String> beans(ApplicationContext context) {
		return everyBean(context).stream()
			.filter((type) -> isOurs(type) && !isConfiguration(type))
			.map(Class::getSimpleName)
			.collect(Collectors.toSet());
	}

	private static boolean isConfiguration(Class<?> type) {
		return type.isAnnotationPresent(Configuration.class) || type.isAnnotationPresent(AutoConfiguration.class);
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
