// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.ReflectionUtils;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * No type that holds a value prints it, with DEBUG on either: not as text, not in the
 * failure of an assertion, not serialized.
 */
class PrintedTypesTests {

	private static final String CANARY = "canary-7d1f";

	private static final Logger logger = (Logger) LoggerFactory.getLogger("dev.ecssecrets");

	private final Level level = logger.getLevel();

	private static ConfigurableApplicationContext context;

	@BeforeAll
	static void start() {
		context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.clients=true", "ecs-secrets.secrets[0].name=PASSWORD",
					"ecs-secrets.secrets[0].value-from=password", "spring.datasource.url=jdbc:h2:mem:printed",
					"spring.datasource.username=SA", "spring.datasource.password=${PASSWORD}")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of(new InMemorySecretStore().put("password", CANARY))))
			.run();
	}

	@AfterAll
	static void close() {
		context.close();
	}

	static List<Object> types() {
		ConfigurableEnvironment environment = context.getEnvironment();
		Secrets secrets = context.getBean(Secrets.class);
		SecretsSnapshot snapshot = secrets.current();
		assertThat(snapshot.value("PASSWORD").reveal()).isEqualTo(CANARY);
		assertThat(environment.getProperty("spring.datasource.password")).isEqualTo(CANARY);
		SecretsPropertySource source = snapshot.source();
		Origin origin = Objects.requireNonNull(source.getOrigin("PASSWORD"));
		HikariDataSource pool = context.getBean(HikariDataSource.class);
		ResolvedSecrets resolved = new ResolvedSecrets(List.of(new Fetched(snapshot.secrets().get(0).declaration(),
				snapshot.value("PASSWORD"), snapshot.secrets().get(0).source(), null)), List.of(), List.of(), 1,
				Duration.ZERO);
		PresentValues present = PresentValues
			.of(new SystemEnvironmentPropertySource("variables", Map.of("PASSWORD", CANARY)), false, List.of());
		return List.of(source, environment.getPropertySources(), environment, secrets, snapshot,
				new Outcome(snapshot, snapshot, resolved, null), new CredentialProperties(environment, snapshot),
				present,
				new NextSnapshot(snapshot, Objects.requireNonNull(snapshot.lastLoad()), present,
						Map.of("PASSWORD", resolved.fetched().get(0)), Map.of("PASSWORD", snapshot.value("PASSWORD"))),
				origin, OriginTrackedValue.of("", origin), pool, pool.getCredentialsProvider(),
				pool.getCredentialsProvider().getCredentials(), pool.getDataSource(),
				new SecretsRefreshedEvent(source, Set.of("PASSWORD")), LiveSecret.constant(CANARY),
				Objects.requireNonNull(ReflectionTestUtils.getField(LiveSecret.constant(CANARY), "reading")));
	}

	@BeforeEach
	void debug() {
		logger.setLevel(Level.DEBUG);
	}

	@AfterEach
	void restoreLevel() {
		logger.setLevel(this.level);
	}

	@ParameterizedTest
	@MethodSource("types")
	void typePrintsNoValue(Object object) throws IOException {
		assertThat(printed(object)).doesNotContain(CANARY);
	}

	/**
	 * Spring's own source of variables prints them where its logger is at DEBUG.
	 */
	@Test
	void credentialPropertiesPrintNoInjectedValue() {
		Logger variables = (Logger) LoggerFactory.getLogger(SystemEnvironmentPropertySource.class);
		Level before = variables.getLevel();
		variables.setLevel(Level.DEBUG);
		try {
			StandardEnvironment environment = new StandardEnvironment();
			environment.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("variables", Map.of("PASSWORD", CANARY)));
			assertThat(environment.toString()).contains(CANARY);
			assertThat(new CredentialProperties(environment, context.getBean(Secrets.class).current()).toString())
				.doesNotContain(CANARY);
		}
		finally {
			variables.setLevel(before);
		}
	}

	@Test
	void typesAreAllThatCouldPrint() {
		Set<String> tested = types().stream().map((type) -> type.getClass().getName()).collect(Collectors.toSet());
		assertThat(new ClassFileImporter().withImportOption(new DoNotIncludeTests())
			.importPackagesOf(SecretsPropertySource.class)).filteredOn((type) -> holdsValues(type) && couldPrint(type))
			.isNotEmpty()
			.allSatisfy((type) -> assertThat(tested).contains(type.getName()));
	}

	private static boolean holdsValues(JavaClass type) {
		return type.getFields()
			.stream()
			.flatMap((field) -> field.getType().getAllInvolvedRawTypes().stream())
			.anyMatch((held) -> Set
				.of(SecretValue.class, Fetched.class, ResolvedSecrets.class, SecretStore.Answer.class,
						SecretStore.Found.class, SecretStore.Response.class)
				.stream()
				.anyMatch(held::isEquivalentTo));
	}

	/**
	 * All others show no more than the name of their class.
	 */
	private static boolean couldPrint(JavaClass type) {
		return type.isRecord() || type.isAssignableTo(Serializable.class)
				|| ReflectionUtils.findMethod(type.reflect(), "toString").getDeclaringClass() != Object.class;
	}

	/**
	 * What an object shows of itself, in every way that needs no look into it.
	 */
	private static String printed(Object object) throws IOException {
		StringBuilder printed = new StringBuilder();
		printed.append(object).append(List.of(object)).append(Map.of(object, object));
		printed.append(catchThrowable(() -> assertThat(object).isEqualTo("another")));
		printed.append(catchThrowable(() -> assertThat(List.of(object)).containsExactly("another")));
		if (object instanceof Origin) {
			printed.append(json(object));
		}
		if (object instanceof Serializable) {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (ObjectOutputStream serialized = new ObjectOutputStream(bytes)) {
				serialized.writeObject(object);
			}
			printed.append(bytes.toString(StandardCharsets.ISO_8859_1));
		}
		return printed.toString();
	}

	private static String json(Object object) {
		try {
			return new JsonMapper().writeValueAsString(object);
		}
		catch (JacksonException ex) {
			return ex.toString();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
