// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import dev.ecssecrets.boot.SecretsProperties.Secret;
import org.junit.jupiter.api.BeforeEach;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.support.SpringApplicationJsonEnvironmentPostProcessor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link SecretsProperties} are what a {@link Binder} makes of them, right or wrong.
 */
class SecretsPropertiesTests {

	private static final List<Secret> BOTH = List.of(new Secret("WORD", "word", false),
			new Secret("TOKEN", "/token", true));

	private final StandardEnvironment environment = new StandardEnvironment();

	@BeforeEach
	void clear() {
		for (PropertySource<?> source : List.copyOf(this.environment.getPropertySources().stream().toList())) {
			this.environment.getPropertySources().remove(source.getName());
		}
	}

	@ParameterizedTest
	@CsvSource({ "5, PT5S", "5s, PT5S", "500ms, PT0.5S", "PT5M, PT5M" })
	void getWhenTimeoutHasNoUnitTakesSeconds(String text, Duration timeout) {
		add(new MapPropertySource("test", Map.of("ecs-secrets.timeout", text)));
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().timeout()).isEqualTo(timeout);
	}

	@ParameterizedTest
	@CsvSource({ "interval=10m, true", "interval=10m clients=false, false", "clients=true, true",
			"override-injected=true, false" })
	void clientsFollowWhenIntervalIsSetUnlessToldOtherwise(String keys, boolean followed) {
		for (String key : StringUtils.tokenizeToStringArray(keys, " ")) {
			String[] parts = StringUtils.split(key, "=");
			add(new MapPropertySource(key, Map.of("ecs-secrets.refresh." + parts[0], parts[1])));
		}
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().refresh().clientsFollow())
			.isEqualTo(followed);
	}

	@Test
	void getWhenIntervalIsNotPositiveSaysSo() {
		add(new MapPropertySource("test", Map.of("ecs-secrets.refresh.interval", "0")));
		assertThatExceptionOfType(BindException.class)
			.isThrownBy(() -> SecretsPropertiesBinder.bind(this.environment).properties())
			.havingRootCause()
			.withMessage("interval must be positive; to disable refreshes, leave it out");
	}

	@Test
	void getWhenNothingIsSetHasDefaults() {
		assertIsWhatBinderMakes();
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().timeout())
			.isEqualTo(Duration.ofMinutes(1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "enabled: off", "enabled: maybe", "enabled:", "store: FILE", "store: vault", "store:",
			"timeout: 5", "timeout: soon", "timeout:", "task-definition: a.json", "taskDefinition:",
			"container-name: app", "file.location: a.json", "file.location:", "file: a.json", "file:",
			"aws: { region: eu-west-1, endpoint: 'http://localhost:4566', profile: dev }",
			"aws: { region: , endpoint: , profile: }", "aws.endpoint: 'http://a b'", "aws: eu-west-1", "aws:",
			"refresh: { interval: 10m, min-interval: 1, override-injected: true, refresh-scope: true, clients: false }",
			"refresh: { interval: , min-interval: , override-injected: , refresh-scope: , clients: }",
			"refresh.interval: 0", "refresh.min-interval: -1s", "refresh: 10m", "refresh:", "actuator.mask: false",
			"actuator.mask: maybe", "actuator.mask:", "actuator: off", "actuator:" })
	void getWhenInYamlIsWhatBinderMakes(String yaml) throws IOException {
		load(new YamlPropertySourceLoader(), "ecs-secrets: { " + yaml + " }");
		assertIsWhatBinderMakes();
	}

	@ParameterizedTest
	@ValueSource(strings = { "[ { name: WORD, value-from: word }, { name: TOKEN, valueFrom: /token, optional: true } ]",
			"[ { name: WORD }, { value-from: word }, { optional: true } ]", "[ { name: '', value-from: '' } ]",
			"[ { name: on, value-from: 0123 } ]", "[ { name: '${w}', value-from: '/${stage}/${absent}/${x:y}' } ]",
			"[ { name: WORD, value-from: '\\${stage}' } ]", "[ { name: WORD, value-from: '${circular}' } ]",
			"[ { name: WORD, optional: maybe } ]", "[ { name: WORD, optional: '${yes}' } ]",
			"[ { name: WORD, optional: yes } ]", "[ { name: WORD, optional: '' } ]", "[]", "", "word", "word,token",
			"[ word ]", "[ '', { name: WORD } ]", "[ [ word ] ]", "{ WORD: word, TOKEN: { value-from: /token } }",
			"{ name: WORD, value-from: word }", "[ { nam: WORD } ]", "[ { name: WORD }, { nam: TOKEN } ]",
			"[ { name: WORD }, { nam: TOKEN }, { name: OTHER } ]", "{ '[1]': { name: WORD } }",
			"{ '[0]': { name: WORD }, '[2]': { name: TOKEN } }", "{ '[01]': { name: WORD } }",
			"{ '[word]': { name: WORD } }", "[ { name: { first: WORD } } ]" })
	void getWhenListIsInYamlIsWhatBinderMakes(String list) throws IOException {
		add(new MapPropertySource("test",
				Map.of("w", "WORD", "stage", "prod", "yes", "true", "circular", "${circular}")));
		load(new YamlPropertySourceLoader(), "ecs-secrets.secrets: [ { name: OVERRIDDEN, value-from: overridden } ]");
		load(new YamlPropertySourceLoader(), "ecs-secrets.secrets: " + list);
		assertIsWhatBinderMakes();
	}

	@Test
	void getWhenDisabledDoesNotReadList() throws IOException {
		load(new YamlPropertySourceLoader(),
				"ecs-secrets: { enabled: false, secrets: [ { name: WORD, optional: maybe } ] }");
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().secrets()).isEmpty();
	}

	@Test
	void getWhenListIsInYamlHasSecrets() throws IOException {
		load(new YamlPropertySourceLoader(), """
				ecs-secrets.secrets:
				- name: WORD
				  value-from: word
				- { "name": "TOKEN", "valueFrom": "/token", "optional": "true" }
				""");
		assertHasBoth();
	}

	@Test
	void getWhenListIsInPropertiesHasSecrets() throws IOException {
		load(new PropertiesPropertySourceLoader(), """
				ecs-secrets.secrets[0].name=WORD
				ecs-secrets.secrets[0].valueFrom=word
				ecsSecrets.secrets[1].name=TOKEN
				ECS-SECRETS.SECRETS[1].VALUE_FROM=/token
				ecs_secrets.secrets[1].optional=on
				""");
		assertHasBoth();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ECS_SECRETS", "ECSSECRETS", "ecs_secrets" })
	void getWhenListIsInEnvironmentVariablesHasSecrets(String prefix) {
		addVariables(Map.of(prefix + "_SECRETS_0_NAME", "WORD", prefix + "_SECRETS_0_VALUE_FROM", "word",
				prefix + "_SECRETS_1_NAME", "TOKEN", prefix + "_SECRETS_1_VALUEFROM", "/token",
				prefix + "_SECRETS_1_OPTIONAL", "true"));
		assertIsWhatBinderMakes();
	}

	@Test
	void getWhenListIsInEnvironmentVariablesAsDocumentedHasSecrets() {
		addVariables(Map.of("ECS_SECRETS_SECRETS_0_NAME", "WORD", "ECS_SECRETS_SECRETS_0_VALUE_FROM", "word",
				"ECS_SECRETS_SECRETS_1_NAME", "TOKEN", "ECSSECRETS_SECRETS_1_VALUEFROM", "/token",
				"ECSSECRETS_SECRETS_1_OPTIONAL", "true"));
		assertHasBoth();
	}

	@Test
	void getWhenVariableOnlyLooksLikeListHasListBehindIt() throws IOException {
		addVariables(Map.of("ECS_SECRETS_SECRETS_COUNT", "2"));
		load(new YamlPropertySourceLoader(),
				"ecs-secrets.secrets: [ { name: WORD, value-from: word }, { name: TOKEN, value-from: /token, optional: true } ]");
		this.environment.getPropertySources()
			.addFirst(this.environment.getPropertySources().remove("systemEnvironment"));
		assertHasBoth();
	}

	@Test
	void getWhenListIsInSystemPropertiesOrArgumentsHasSecrets() {
		add(new MapPropertySource("systemProperties",
				Map.of("ecs-secrets.secrets[0].name", "WORD", "ecs-secrets.secrets[0].value-from", "word",
						"ecs-secrets.secrets[1].name", "TOKEN", "ecs-secrets.secrets[1].valueFrom", "/token",
						"ecs-secrets.secrets[1].optional", true)));
		assertHasBoth();
	}

	@Test
	void getWhenListIsInSpringApplicationJsonHasSecrets() {
		addVariables(Map.of("SPRING_APPLICATION_JSON", """
				{ "ecs-secrets": { "secrets": [ { "name": "WORD", "value-from": "word" },
				  { "name": "TOKEN", "valueFrom": "/token", "optional": true } ] } }
				"""));
		new SpringApplicationJsonEnvironmentPostProcessor().postProcessEnvironment(this.environment,
				new SpringApplication());
		assertHasBoth();
	}

	@Test
	void getWhenListIsInSeveralSourcesTakesFirst() throws IOException {
		load(new YamlPropertySourceLoader(), """
				ecs-secrets.secrets:
				- { name: OVERRIDDEN, value-from: overridden, optional: true }
				- { name: OVERRIDDEN, value-from: overridden }
				---
				ecs-secrets.secrets:
				- { name: WORD }
				""");
		assertIsWhatBinderMakes();
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().secrets())
			.containsExactly(new Secret("WORD", null, false));
	}

	@Test
	void getWhenOtherSourceHasNoNamesBindsElementsFromTheirOwn() throws IOException {
		load(new YamlPropertySourceLoader(),
				"""
						q: Q
						ecs-secrets: { secrets: [ { name: A, value-from: a }, { name: "${q}", value-from: b, optional: "false" } ] }
						""");
		Map<String, String> opaque = Map.of("ecs-secrets.secrets[1].name", "Z", "ecs-secrets.secrets[1].optional",
				"true");
		add(new PropertySource<>("opaque", opaque) {

			@Override
			public @Nullable Object getProperty(String name) {
				return getSource().get(name);
			}

		});
		assertIsWhatBinderMakes();
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().secrets())
			.containsExactly(new Secret("A", "a", false), new Secret("Q", "b", false));
	}

	private void assertHasBoth() {
		assertIsWhatBinderMakes();
		assertThat(SecretsPropertiesBinder.bind(this.environment).properties().secrets()).isEqualTo(BOTH);
	}

	private void assertIsWhatBinderMakes() {
		ConfigurationPropertySources.attach(this.environment);
		Object expected = result(
				() -> Binder.get(this.environment).bindOrCreate(SecretsProperties.PREFIX, SecretsProperties.class));
		assertThat(result(() -> SecretsPropertiesBinder.bind(this.environment).properties())).isEqualTo(expected);
	}

	private static Object result(Supplier<Object> supplier) {
		try {
			return supplier.get();
		}
		catch (BindException ex) {
			return ex.getMessage() + ", found " + ((ex.getProperty() != null) ? ex.getProperty().getOrigin() : null)
					+ ": " + ex.getCause().toString().replace("@" + DefaultValue.class.getName() + " ", "");
		}
	}

	private void load(PropertySourceLoader loader, String text) throws IOException {
		String name = "source" + this.environment.getPropertySources().size();
		loader.load(name, new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8))).forEach(this::add);
	}

	private void addVariables(Map<String, Object> variables) {
		add(new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
				variables));
	}

	private void add(PropertySource<?> source) {
		this.environment.getPropertySources().addFirst(source);
	}

}
