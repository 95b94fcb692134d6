// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretStore;
import org.apache.commons.logging.impl.NoOpLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CredentialProperties}.
 */
class CredentialPropertiesTests {

	private final StandardEnvironment environment = new StandardEnvironment();

	private final MutablePropertySources sources = this.environment.getPropertySources();

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final Set<String> absent = new HashSet<>();

	@BeforeEach
	void attach() {
		variables(Map.of());
		ConfigurationPropertySources.attach(this.environment);
	}

	@Test
	void secretIsPropertyOfItsName() {
		assertThat(references("spring.datasource.password", "SPRING_DATASOURCE_PASSWORD")).isTrue();
		assertThat(references("app.list[0].api-key", "APP_LIST_0_API_KEY")).isTrue();
		assertThat(references("spring.datasource.username", "SPRING_DATASOURCE_PASSWORD")).isFalse();
	}

	@Test
	void placeholdersReachSecrets() {
		file(Map.of("a", "${DB_PASSWORD}", "b", "jdbc:${a}/db", "c", "${NOT_THERE:${b}}", "d", "${${name}}", "name",
				"DB_PASSWORD", "relaxed", "${db.pass-word}", "e", "${NOT_THERE:none}"));
		assertThat(references("a", "DB_PASSWORD")).isTrue();
		assertThat(references("b", "DB_PASSWORD")).isTrue();
		assertThat(references("c", "DB_PASSWORD")).isTrue();
		assertThat(references("d", "DB_PASSWORD")).isTrue();
		assertThat(references("relaxed", "DB_PASSWORD")).isTrue();
		assertThat(references("e", "DB_PASSWORD")).isFalse();
		assertThat(references("a", "OTHER")).isFalse();
	}

	@Test
	void secretInNameOfPlaceholderIsReached() {
		file(Map.of("a", "${HOST_${STAGE}}"));
		assertThat(references("a", "STAGE")).isTrue();
	}

	@Test
	void placeholderWhenItsNameIsRelaxedReachesSecret() {
		file(Map.of("a", "${app.api-key}", "app.apiKey", "${API_KEY}"));
		assertThat(references("a", "API_KEY")).isTrue();
	}

	@Test
	void propertyWhenItStandsAboveIsNotSecret() {
		this.sources.addFirst(new MapPropertySource("commandLine", Map.of("app.key", "literal")));
		assertThat(references("app.key", "APP_KEY")).isFalse();
		assertThat(properties("APP_KEY").referencesSecretBelow("app")).isFalse();
	}

	@Test
	void secretWhenInjectedMayNotChangeUnlessItIsOverridden() {
		variables(Map.of("APP_KEY", "injected"));
		assertThat(references("app.key", "APP_KEY")).isFalse();
		assertThat(properties("APP_KEY").bind("app.key")).isEqualTo("injected");
		file(Map.of("ecs-secrets.refresh.override-injected", true));
		assertThat(references("app.key", "APP_KEY")).isTrue();
		assertThat(properties("APP_KEY").bind("app.key")).isEqualTo("value of APP_KEY");
	}

	@Test
	void secretWhenAbsentMayAppear() {
		this.store.remove("APP_KEY");
		this.absent.add("APP_KEY");
		assertThat(references("app.key", "APP_KEY")).isTrue();
		assertThat(properties("APP_KEY").bind("app.key")).isNull();
	}

	@Test
	void bindWhenSnapshotIsNotThatOfTheEnvironmentHasValuesOfTheSnapshot() {
		file(Map.of("url", "jdbc:${db.user}:${DB_PASSWORD}"));
		SecretsSnapshot first = snapshot("DB_USER", "DB_PASSWORD");
		CredentialProperties before = new CredentialProperties(this.environment, first);
		first.source().putInto(this.sources, false);
		this.store.put("DB_USER", "second").put("DB_PASSWORD", "2");
		CredentialProperties after = new CredentialProperties(this.environment,
				snapshotOfStore("DB_USER", "DB_PASSWORD"));
		assertThat(before.bind("url")).isEqualTo("jdbc:value of DB_USER:value of DB_PASSWORD");
		assertThat(after.bind("url")).isEqualTo("jdbc:second:2");
		assertThat(this.environment.getProperty("url")).isEqualTo(before.bind("url"));
	}

	@Test
	void constructorWhenPropertiesAreBoundCopiesTheEnvironmentOnce() {
		SecretsSnapshot snapshot = snapshot("APP_KEY");
		CountingEnvironment counting = new CountingEnvironment();
		new CredentialProperties(counting, snapshot).bind("app.key");
		assertThat(counting.copies).isOne();
	}

	@Test
	void referencesSecretWhenEnvironmentHasChangedSinceIsThatOfItsMoment() {
		CredentialProperties properties = properties("APP_KEY");
		assertThat(properties.bind("app.key")).isEqualTo("value of APP_KEY");
		this.sources.addFirst(new MapPropertySource("commandLine", Map.of("app.key", "literal")));
		assertThat(properties.referencesSecret("app.key")).isTrue();
		assertThat(references("app.key", "APP_KEY")).isFalse();
	}

	@Test
	void bindWhenValueCannotBeResolvedIsNull() {
		file(Map.of("circle", "${circle}", "list", List.of(1, 2)));
		assertThat(properties("DB_PASSWORD").bind("circle")).isNull();
		assertThat(properties("DB_PASSWORD").bind("absent")).isNull();
	}

	@Test
	void prefixOfVariablesIsThatOfSecrets() {
		this.sources.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new PrefixedSource());
		assertThat(references("app.key", "MY_APP_KEY")).isTrue();
		assertThat(references("app.key", "APP_KEY")).isFalse();
	}

	@Test
	void secretsWhenThereAreNoEnvironmentVariablesStandLast() {
		this.sources.remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		assertThat(references("app.key", "APP_KEY")).isTrue();
	}

	@Test
	void placeholderWhenItCannotBeResolvedReachesNothing() {
		file(Map.of("circle", "${circle}", "open", "${DB_PASSWORD", "list", List.of(1, 2), "app.circle", "${circle}",
				"app.open", "${DB_PASSWORD"));
		assertThat(references("circle", "DB_PASSWORD")).isFalse();
		assertThat(references("open", "DB_PASSWORD")).isFalse();
		assertThat(references("list", "DB_PASSWORD")).isFalse();
		assertThat(properties("DB_PASSWORD").referencesSecretBelow("app")).isFalse();
	}

	@Test
	void anyBelowPrefixIsFoundForEachType() {
		file(Map.of("app.port", "${DB_PORT}", "app.name", "shop", "application.port", "${DB_PORT}", "other.port", 1));
		CredentialProperties properties = properties("DB_PORT", "REMOTE_KEYS_0");
		assertThat(properties.referencesSecretBelow("app")).isTrue();
		assertThat(properties.referencesSecretBelow("remote")).isTrue();
		assertThat(properties.referencesSecretBelow("other")).isFalse();
		assertThat(properties.referencesSecretBelow("app.name")).isFalse();
	}

	@Test
	void environmentIsLeftAsItIs() {
		file(Map.of("a", "${DB_PASSWORD:none}"));
		assertThat(references("a", "DB_PASSWORD")).isTrue();
		assertThat(this.environment.getProperty("a")).isEqualTo("none");
		assertThat(this.sources.contains(SecretsPropertySource.NAME)).isFalse();
	}

	private boolean references(String property, String secret) {
		return properties(secret).referencesSecret(property);
	}

	private CredentialProperties properties(String... secrets) {
		return new CredentialProperties(this.environment, snapshot(secrets));
	}

	private SecretsSnapshot snapshot(String... secrets) {
		for (String secret : secrets) {
			if (!this.absent.contains(secret)) {
				this.store.put(secret, "value of " + secret);
			}
		}
		return snapshotOfStore(secrets);
	}

	private SecretsSnapshot snapshotOfStore(String... secrets) {
		DefaultBootstrapContext registered = new DefaultBootstrapContext();
		registered.register(SecretStore.class, InstanceSupplier.of(this.store));
		SecretsConfiguration configuration = new SecretsConfiguration(
				SecretsPropertiesBinder.bind(this.environment).properties(),
				Stream.of(secrets).map((secret) -> new SecretDeclaration(secret, secret, true, null)).toList(),
				List.of(), List.of(), List.of());
		return new SecretsLoader(registered, new NoOpLog())
			.load(this.environment, configuration, SecretsSnapshot.of(configuration), null)
			.snapshot();
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
	 * Counts how often its sources are read.
	 */
	private static final class CountingEnvironment extends StandardEnvironment {

		int copies;

		@Override
		public MutablePropertySources getPropertySources() {
			this.copies++;
			return super.getPropertySources();
		}

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
