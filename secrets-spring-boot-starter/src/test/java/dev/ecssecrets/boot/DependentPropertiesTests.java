package dev.ecssecrets.boot;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

class DependentPropertiesTests {

	private final StandardEnvironment environment = new StandardEnvironment();

	private final MutablePropertySources sources = this.environment.getPropertySources();

	@BeforeEach
	void attach() {
		variables(Map.of());
		ConfigurationPropertySources.attach(this.environment);
	}

	@Test
	void secretIsPropertyOfItsName() {
		assertThat(contain("spring.datasource.password", "SPRING_DATASOURCE_PASSWORD")).isTrue();
		assertThat(contain("app.list[0].api-key", "APP_LIST_0_API_KEY")).isTrue();
		assertThat(contain("spring.datasource.username", "SPRING_DATASOURCE_PASSWORD")).isFalse();
	}

	@Test
	void placeholdersReachSecrets() {
		file(Map.of("a", "${DB_PASSWORD}", "b", "jdbc:${a}/db", "c", "${NOT_THERE:${b}}", "d", "${${name}}", "name",
				"DB_PASSWORD", "relaxed", "${db.pass-word}", "e", "${NOT_THERE:none}"));
		assertThat(contain("a", "DB_PASSWORD")).isTrue();
		assertThat(contain("b", "DB_PASSWORD")).isTrue();
		assertThat(contain("c", "DB_PASSWORD")).isTrue();
		assertThat(contain("d", "DB_PASSWORD")).isTrue();
		assertThat(contain("relaxed", "DB_PASSWORD")).isTrue();
		assertThat(contain("e", "DB_PASSWORD")).isFalse();
		assertThat(contain("a", "OTHER")).isFalse();
	}

	@Test
	void secretInNameOfPlaceholderIsReached() {
		file(Map.of("a", "${HOST_${STAGE}}"));
		assertThat(contain("a", "STAGE")).isTrue();
	}

	@Test
	void placeholderOfRelaxedNameReachesSecret() {
		file(Map.of("a", "${app.api-key}", "app.apiKey", "${API_KEY}"));
		assertThat(contain("a", "API_KEY")).isTrue();
	}

	@Test
	void propertyThatStandsAboveIsNotSecret() {
		this.sources.addFirst(new MapPropertySource("commandLine", Map.of("app.key", "literal")));
		assertThat(contain("app.key", "APP_KEY")).isFalse();
		assertThat(new DependentProperties(this.environment, List.of("APP_KEY")).containAnyBelow("app")).isFalse();
	}

	@Test
	void injectedVariableHidesSecretOnlyWhereSecretsStandBelow() {
		variables(Map.of("APP_KEY", "injected"));
		assertThat(contain("app.key", "APP_KEY")).isTrue();
		SystemEnvironmentPropertySource secrets = new SystemEnvironmentPropertySource(SecretsPropertySource.NAME,
				Map.of());
		this.sources.addAfter(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, secrets);
		assertThat(contain("app.key", "APP_KEY")).isFalse();
		this.sources.remove(SecretsPropertySource.NAME);
		this.sources.addBefore(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, secrets);
		assertThat(contain("app.key", "APP_KEY")).isTrue();
	}

	@Test
	void prefixOfVariablesIsThatOfSecrets() {
		this.sources.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new PrefixedSource());
		assertThat(contain("app.key", "MY_APP_KEY")).isTrue();
		assertThat(contain("app.key", "APP_KEY")).isFalse();
	}

	@Test
	void withoutEnvironmentVariablesSecretsStandLast() {
		this.sources.remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		assertThat(contain("app.key", "APP_KEY")).isTrue();
	}

	@Test
	void whatCannotBeResolvedIsReachedByNothing() {
		file(Map.of("circle", "${circle}", "open", "${DB_PASSWORD", "list", List.of(1, 2), "app.circle", "${circle}",
				"app.open", "${DB_PASSWORD"));
		assertThat(contain("circle", "DB_PASSWORD")).isFalse();
		assertThat(contain("open", "DB_PASSWORD")).isFalse();
		assertThat(contain("list", "DB_PASSWORD")).isFalse();
		assertThat(new DependentProperties(this.environment, List.of("DB_PASSWORD")).containAnyBelow("app")).isFalse();
	}

	@Test
	void anyBelowPrefixIsFoundWhateverItsType() {
		file(Map.of("app.port", "${DB_PORT}", "app.name", "shop", "application.port", "${DB_PORT}", "other.port", 1));
		DependentProperties dependents = new DependentProperties(this.environment, List.of("DB_PORT", "REMOTE_KEYS_0"));
		assertThat(dependents.containAnyBelow("app")).isTrue();
		assertThat(dependents.containAnyBelow("remote")).isTrue();
		assertThat(dependents.containAnyBelow("other")).isFalse();
		assertThat(dependents.containAnyBelow("app.name")).isFalse();
	}

	@Test
	void environmentIsLeftAsItIs() {
		file(Map.of("a", "${DB_PASSWORD:none}"));
		assertThat(contain("a", "DB_PASSWORD")).isTrue();
		assertThat(this.environment.getProperty("a")).isEqualTo("none");
		assertThat(this.sources.contains(SecretsPropertySource.NAME)).isFalse();
	}

	private boolean contain(String property, String secret) {
		return new DependentProperties(this.environment, List.of(secret)).contain(property);
	}

	private void file(Map<String, Object> properties) {
		this.sources.addLast(new MapPropertySource("file", properties));
	}

	private void variables(Map<String, Object> variables) {
		this.sources.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
				new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
						variables));
	}

	/**
	 * As Spring Boot makes it for an application with a prefix.
	 */
	private static final class PrefixedSource extends SystemEnvironmentPropertySource implements PropertySourceInfo {

		PrefixedSource() {
			super(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of());
		}

		@Override
		public String getPrefix() {
			return "my";
		}

	}

}
