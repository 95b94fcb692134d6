// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.LiveSecret;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.context.properties.ConfigurationPropertiesReportEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.env.EnvironmentEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.servlet.autoconfigure.actuate.web.ServletManagementContextAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.web.MockServletContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.util.StringUtils;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.util.UriComponentsBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretsSanitizingFunction}: what {@code /actuator/env} and
 * {@code /actuator/configprops} show with {@code show-values: always}.
 */
class SecretsSanitizingFunctionTests {

	private static final String MASKED = "******";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	private final InMemorySecretStore store = new InMemorySecretStore();

	private int declared;

	private final Map<String, String> args = new HashMap<>(
			Map.of("management.endpoints.web.exposure.include", "*", "management.endpoint.env.show-values", "always",
					"management.endpoint.configprops.show-values", "always", "ecs-secrets.refresh.min-interval", "0"));

	@TempDir
	private Path folder;

	private @Nullable ConfigurableApplicationContext context;

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@Test
	void envMasksSecretsByNameFetchedOrInjected() {
		fetched("FETCHED", "canary1");
		injected("INJECTED", "canary2");
		this.processEnvironment.put("OTHER", "readable");
		run("");
		assertThat(env("FETCHED")).containsExactly(MASKED);
		assertThat(env("INJECTED")).containsExactly(MASKED);
		assertThat(env("OTHER")).containsExactly("readable");
		assertThat(env("ecs-secrets.refresh.min-interval")).doesNotContain(MASKED);
		assertThat(get("env") + get("env/FETCHED") + get("env/INJECTED")).doesNotContain("canary");
	}

	@Test
	void envMasksWhatHasTheNameOfASecretWhereverItStands() {
		fetched("APP_LIST_0_API_KEY", "canary1");
		fetched("DB_PASSWORD", "canary2");
		this.args.put("app.list[0].api-key", "canary3");
		this.args.put("DB_PASSWORD", "canary4");
		run("""
				app.list: [ { apiKey: canary5, apiKeyId: id } ]
				db: { password: canary6, passwords: none }
				""");
		assertThat(get("env") + get("env/db.password") + get("env/app.list[0].apiKey")).doesNotContain("canary");
		assertThat(env("app.list[0].apiKeyId")).containsExactly("id");
		assertThat(env("db.passwords")).containsExactly("none");
	}

	@Test
	void envMasksWhatReachesASecretByPlaceholdersByItsValue() {
		fetched("FETCHED", "canary-1");
		injected("INJECTED", "canary-2");
		run("""
				a: ${FETCHED}
				b: jdbc:h2:mem:${a}
				c: ${NOT_THERE:${b}}
				d: jdbc:${injected}:${name}
				e: ${NOT_THERE:none}
				name: ${spring.application.name:shop}
				""");
		assertThat(env("a")).containsExactly(MASKED);
		assertThat(env("b")).containsExactly(MASKED);
		assertThat(env("c")).containsExactly(MASKED);
		assertThat(env("d")).containsExactly(MASKED);
		assertThat(env("e")).containsExactly("none");
		assertThat(env("name")).containsExactly("shop");
		assertThat(get("env") + get("env/b") + get("env/d")).doesNotContain("canary");
	}

	@Test
	void secretWhenShortIsShownWherePlaceholdersReachIt() {
		fetched("FETCHED", "canary1");
		injected("INJECTED", "canary2");
		run("""
				a: ${FETCHED}
				app.record: { url: "http://${INJECTED}@host" }
				""");
		assertThat(env("a")).containsExactly("canary1");
		assertThat(env("app.record.url")).containsExactly("http://canary2@host");
		assertThat(bean("app.record").at("/properties/url").asString()).isEqualTo("http://canary2@host");
		assertThat(env("FETCHED")).containsExactly(MASKED);
		assertThat(env("INJECTED")).containsExactly(MASKED);
	}

	@Test
	void valueWhenOfEightCharactersIsMaskedInAnyText() {
		fetched("FETCHED", "canary-8");
		injected("INJECTED", "canary+9");
		fetched("NUMBER", "12345678");
		fetched("SEVEN", "letters");
		this.processEnvironment.put("JAVA_OPTS", "-Dtoken=canary+9");
		run("""
				copy: <canary-8>
				app.record: { url: "http://canary-8@host", count: 12345678, label: 7 letters }
				text: seven letters
				""");
		assertThat(env("copy")).containsExactly(MASKED);
		assertThat(env("JAVA_OPTS")).containsExactly(MASKED);
		assertThat(env("app.record.count")).containsExactly(MASKED);
		assertThat(env("text")).containsExactly("seven letters");
		JsonNode record = bean("app.record");
		assertThat(record.at("/properties/url").asString()).isEqualTo(MASKED);
		assertThat(record.at("/properties/count").asString()).isEqualTo(MASKED);
		assertThat(record.at("/properties/label").asString()).isEqualTo("7 letters");
		assertThat(get("env") + get("configprops")).doesNotContain("canary", "12345678");
	}

	@Test
	void secretsWhenEmptyOrShortMaskNothingElse() {
		injected("EMPTY", "");
		injected("ONE", "1");
		fetched("FLAG", "true");
		run("""
				port: 8101
				flag-of-mine: true
				app.record: { url: "http://host1", count: 1, label: "1" }
				""");
		assertThat(env("port")).containsExactly("8101");
		assertThat(env("flag-of-mine")).containsExactly("true");
		assertThat(bean("app.record").at("/properties").toString()).contains("http://host1", "\"count\":1")
			.doesNotContain(MASKED);
		assertThat(env("EMPTY")).containsExactly(MASKED);
		assertThat(env("ONE")).containsExactly(MASKED);
	}

	@Test
	void configpropsMasksRecordsAndBeansHoweverDeep() {
		fetched("APP_RECORD_CLIENTS_0_API_KEY", "canary1");
		injected("APP_BEAN_KEYS_BLUE", "canary2");
		fetched("LONG", "canary-3");
		run("""
				chain: x${LONG}
				app.record:
				  label: shop
				  live: "${LONG}"
				  clients:
				  - { name: first, api-key: "" }
				  - { name: second, api-key: "${chain}" }
				app.bean:
				  keys: { red: "${LONG}", "[gre.en/1]": "${LONG}", white: snow }
				  nested: { any: [ { token: "${LONG}", kind: bearer } ] }
				""");
		// As its variable is the only one of the list, the secret hides the file's list.
		JsonNode record = bean("app.record");
		assertThat(record.at("/properties/clients/0/apiKey").asString()).isEqualTo(MASKED);
		assertThat(record.at("/inputs/clients/0/apiKey/value").asString()).isEqualTo(MASKED);
		assertThat(record.at("/properties/label").asString()).isEqualTo("shop");
		assertThat(record.at("/inputs/label/value").asString()).isEqualTo("shop");
		assertThat(record.at("/properties/live").isEmpty()).isTrue();
		assertThat(record.at("/inputs/live").isEmpty()).isTrue();
		JsonNode bean = bean("app.bean");
		assertThat(bean.at("/properties/keys/blue").asString()).isEqualTo(MASKED);
		assertThat(bean.at("/properties/keys/red").asString()).isEqualTo(MASKED);
		assertThat(bean.at("/properties/keys/white").asString()).isEqualTo("snow");
		assertThat(bean.at("/properties/nested/any/0/token").asString()).isEqualTo(MASKED);
		assertThat(bean.at("/properties/nested/any/0/kind").asString()).isEqualTo("bearer");
		assertThat(get("configprops") + get("configprops/app") + get("env")).doesNotContain("canary");
	}

	@Test
	void partsOfASecretAreShown() {
		fetched("APP_PARTS_LIST", "canary-1,canary-2");
		fetched("PAIR", "canary-3:x");
		run("app.parts.pair: ${PAIR}");
		JsonNode parts = bean("app.parts");
		assertThat(parts.at("/properties/list").values()).extracting(JsonNode::asString)
			.containsExactly("canary-1", "canary-2");
		assertThat(parts.at("/properties/pair/user").asString()).isEqualTo("canary-3");
		assertThat(env("APP_PARTS_LIST")).containsExactly(MASKED);
		assertThat(env("app.parts.pair")).containsExactly(MASKED);
	}

	@Test
	void configpropsMasksCredentialsOfAPool() {
		fetched("DB_USER", "canary-user");
		fetched("DB_PASSWORD", "canary-one");
		run("""
				spring.datasource: { url: "jdbc:h2:mem:masked", username: "${DB_USER}", password: "${DB_PASSWORD}" }
				spring.datasource.hikari.username: shop
				""");
		JsonNode pool = bean("spring.datasource.hikari");
		assertThat(pool.at("/properties/password").asString()).isEqualTo(MASKED);
		assertThat(pool.at("/properties/username").asString()).isEqualTo("shop");
		assertThat(get("configprops")).doesNotContain("canary");
	}

	/**
	 * A pool remembers the password that it was created with.
	 */
	@Test
	void valueWhenARefreshHasReplacedItIsShownByAPool() {
		fetched("DB_PASSWORD", "canary-one");
		run("spring.datasource: { url: 'jdbc:h2:mem:masked', password: '${DB_PASSWORD}' }");
		this.store.put("db_password", "canary-two");
		context().getBean(Secrets.class).refresh();
		assertThat(bean("spring.datasource.hikari").at("/properties/password").asString()).isEqualTo("canary-one");
	}

	@Test
	void valueWhenNewAfterARefreshIsMasked() {
		fetched("FETCHED", "canary-one");
		run("copy: canary-two");
		assertThat(env("copy")).containsExactly("canary-two");
		this.store.put("fetched", "canary-two");
		context().getBean(Secrets.class).refresh();
		assertThat(env("copy")).containsExactly(MASKED);
		assertThat(env("FETCHED")).containsExactly(MASKED);
	}

	@Test
	void valueWhenARefreshHasReplacedItIsShownInACopy() {
		fetched("FETCHED", "canary-one");
		run("copy: canary-one");
		assertThat(env("copy")).containsExactly(MASKED);
		this.store.put("fetched", "canary-two");
		context().getBean(Secrets.class).refresh();
		assertThat(env("copy")).containsExactly("canary-one");
	}

	@Test
	void secretWhenItsTaskDefinitionIsGoneStaysMasked() throws IOException {
		Path document = Files.writeString(this.folder.resolve("task.json"),
				"""
						{ "containerDefinitions": [ { "name": "app", "secrets": [ { "name": "INJECTED", "valueFrom": "x" } ] } ] }
						""");
		this.processEnvironment.put("INJECTED", "canary1");
		this.args.put("ecs-secrets.task-definition", document.toString());
		run("");
		assertThat(env("INJECTED")).containsExactly(MASKED);
		Files.delete(document);
		assertThat(env("INJECTED")).containsExactly(MASKED);
	}

	@Test
	void propertiesOfSecretSpringApplicationJsonAreShown() {
		injected("SPRING_APPLICATION_JSON", "{\"any\":{\"key\":\"canary-1\"}}");
		run("other: readable");
		assertThat(env("SPRING_APPLICATION_JSON")).containsExactly(MASKED);
		assertThat(env("any.key")).containsExactly("canary-1");
	}

	@Test
	void functionsOfTheApplicationComeLater() {
		fetched("FETCHED", "canary1");
		run("readable: text", Revealing.class);
		assertThat(env("FETCHED")).containsExactly(MASKED);
		assertThat(env("readable")).containsExactly("revealed: text");
	}

	@Test
	void applicationWhenItsSecretsAreDisabledHasNoFunction() {
		injected("INJECTED", "canary1");
		this.args.put("ecs-secrets.enabled", "false");
		run("");
		assertThat(context().getBeanNamesForType(SanitizingFunction.class)).isEmpty();
	}

	@Test
	void keyLetsSecretsBeShown() {
		fetched("FETCHED", "canary-fetched");
		injected("INJECTED", "canary-injected");
		this.args.put("ecs-secrets.actuator.mask", "false");
		run("app.record.url: http://${FETCHED}");
		assertThat(env("FETCHED")).containsExactly("canary-fetched");
		assertThat(env("INJECTED")).containsExactly("canary-injected");
		assertThat(bean("app.record").at("/properties/url").asString()).isEqualTo("http://canary-fetched");
	}

	@Test
	void keyShowsNothingThatSpringBootDoesNotShow() {
		fetched("FETCHED", "canary-fetched");
		this.args.put("ecs-secrets.actuator.mask", "false");
		this.args.put("management.endpoint.env.show-values", "never");
		run("other: text");
		assertThat(env("FETCHED")).containsExactly(MASKED);
		assertThat(env("other")).containsExactly(MASKED);
	}

	@Test
	void applicationWhenItDeclaresNothingHasNoFunction() {
		run("other: text");
		assertThat(context().getBeanNamesForType(SanitizingFunction.class)).isEmpty();
		assertThat(env("other")).containsExactly("text");
	}

	@Test
	void applicationWhenItExposesNoEndpointMakesNoFunction() {
		fetched("FETCHED", "canary1");
		this.args.put("management.endpoints.web.exposure.include", "health");
		run("");
		assertThat(context().getBeanFactory().containsSingleton("ecsSecretsSanitizingFunction")).isFalse();
		assertThat(context().getBeanNamesForType(SanitizingFunction.class))
			.containsExactly("ecsSecretsSanitizingFunction");
	}

	private void fetched(String name, String value) {
		String valueFrom = name.toLowerCase(Locale.ROOT);
		this.store.put(valueFrom, value);
		declare(name, valueFrom);
	}

	private void injected(String name, String value) {
		this.processEnvironment.put(name, value);
		declare(name, "never-fetched");
	}

	private void declare(String name, String valueFrom) {
		String element = "ecs-secrets.secrets[" + this.declared++ + "]";
		this.args.put(element + ".name", name);
		this.args.put(element + ".value-from", valueFrom);
	}

	private void run(String yaml, Class<?>... more) {
		run(yaml, new SpringApplicationBuilder(Application.class).sources(more));
	}

	private void run(String yaml, SpringApplicationBuilder application) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		try {
			Path file = Files.writeString(this.folder.resolve("application.yaml"), yaml);
			this.args.put("spring.config.location", file.toUri().toString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.context = application.environment(environment)
			.web(WebApplicationType.SERVLET)
			.contextFactory((type) -> new GenericWebApplicationContext(new MockServletContext()))
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run(this.args.entrySet()
				.stream()
				.map((arg) -> "--" + arg.getKey() + "=" + arg.getValue())
				.toArray(String[]::new));
	}

	private ConfigurableApplicationContext context() {
		assertThat(this.context).isNotNull();
		return this.context;
	}

	/**
	 * Returns the values of a property, one for each source that has it.
	 */
	private List<String> env(String property) {
		List<String> values = new ArrayList<>();
		for (JsonNode source : json("env").get("propertySources")) {
			JsonNode found = source.get("properties").get(property);
			if (found != null) {
				values.add(found.get("value").asString());
			}
		}
		assertThat(values).as(property).isNotEmpty();
		return values;
	}

	private JsonNode bean(String prefix) {
		return json("configprops").get("contexts")
			.valueStream()
			.flatMap((context) -> context.get("beans").valueStream())
			.filter((bean) -> bean.get("prefix").asString().equals(prefix))
			.findFirst()
			.orElseThrow();
	}

	private JsonNode json(String path) {
		return new JsonMapper().readTree(get(path));
	}

	private String get(String path) {
		URI uri = UriComponentsBuilder.fromPath("/actuator/" + path).encode().build().toUri();
		MvcTestResult result = MockMvcTester.from((WebApplicationContext) context()).get().uri(uri).exchange();
		assertThat(result).hasStatusOk();
		return new String(result.getResponse().getContentAsByteArray(), StandardCharsets.UTF_8);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SecretsAutoConfiguration.class,
			ConfigurationPropertiesReportEndpointAutoConfiguration.class, EndpointAutoConfiguration.class,
			JacksonEndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
			EnvironmentEndpointAutoConfiguration.class, ManagementContextAutoConfiguration.class,
			HttpMessageConvertersAutoConfiguration.class, JacksonAutoConfiguration.class,
			DataSourceAutoConfiguration.class, ServletManagementContextAutoConfiguration.class,
			DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class,
			SecretsSanitizingAutoConfiguration.class })
	@EnableConfigurationProperties({ RecordProperties.class, BeanProperties.class, PartsProperties.class })
	static class Application {

		@Bean
		@ConfigurationPropertiesBinding
		static Converter<String, Pair> pairConverter() {
			return new PairConverter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Revealing {

		@Bean
		@Order(0)
		SanitizingFunction revealing() {
			return (data) -> data.withValue("revealed: " + data.getValue());
		}

	}

	@ConfigurationProperties("app.record")
	record RecordProperties(@Nullable String url, int count, @Nullable String label, @Nullable LiveSecret live,
			@Nullable List<Client> clients) {

		record Client(@Nullable String name, @Nullable String apiKey) {

		}

	}

	@ConfigurationProperties("app.bean")
	static class BeanProperties {

		private Map<String, String> keys = new HashMap<>();

		private Map<String, Object> nested = new HashMap<>();

		public Map<String, String> getKeys() {
			return this.keys;
		}

		public void setKeys(Map<String, String> keys) {
			this.keys = keys;
		}

		public Map<String, Object> getNested() {
			return this.nested;
		}

		public void setNested(Map<String, Object> nested) {
			this.nested = nested;
		}

	}

	@ConfigurationProperties("app.parts")
	static class PartsProperties {

		private List<String> list = new ArrayList<>();

		private List<String> listed = new ArrayList<>();

		private @Nullable Pair pair;

		private String other = "default";

		public List<String> getList() {
			return this.list;
		}

		public void setList(List<String> list) {
			this.list = list;
		}

		public List<String> getListed() {
			return this.listed;
		}

		public void setListed(List<String> listed) {
			this.listed = listed;
		}

		public @Nullable Pair getPair() {
			return this.pair;
		}

		public void setPair(@Nullable Pair pair) {
			this.pair = pair;
		}

		public String getOther() {
			return this.other;
		}

		public void setOther(String other) {
			this.other = other;
		}

	}

	static class Pair {

		private String user = "";

		public String getUser() {
			return this.user;
		}

		public void setUser(String user) {
			this.user = user;
		}

	}

	static class PairConverter implements Converter<String, Pair> {

		@Override
		public Pair convert(String source) {
			Pair pair = new Pair();
			pair.setUser(StringUtils.split(source, ":")[0]);
			return pair;
		}

	}

}
