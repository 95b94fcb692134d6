// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.support.ConfigurableConversionService;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link LiveSecret}. What cannot be bound is in
 * {@link LiveSecretFailureAnalyzerTests}.
 */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class LiveSecretTests {

	private final InMemorySecretStore store = new InMemorySecretStore().put("token", "first-canary");

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@AfterEach
	void printsNoValue(CapturedOutput output) {
		assertThat(output).doesNotContain("canary");
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("places")
	void getWhenSecretChangesReturnsNewValue(String place, Class<?> application,
			Function<ConfigurableApplicationContext, LiveSecret> secret, String format) {
		try (ConfigurableApplicationContext context = run(application)) {
			LiveSecret live = secret.apply(context);
			assertThat(live.get()).isEqualTo(String.format(format, "first-canary"));
			this.store.put("token", "second-canary");
			context.getBean(Secrets.class).refresh();
			assertThat(live.get()).isEqualTo(String.format(format, "second-canary"));
			assertThat(live).hasToString("******");
		}
	}

	static List<Arguments> places() {
		List<Arguments> places = new ArrayList<>();
		for (Class<?> application : List.of(Bound.class, BoundInSlice.class)) {
			places.add(bound("component that is a secret", application, Mail::direct, "%s"));
			places.add(bound("component that refers to a secret", application, Mail::token, "%s"));
			places.add(bound("component that contains a secret", application, Mail::url, "https://x?key=%s&y=%%"));
			places.add(bound("component that refers to a property", application, Mail::indirect, "%s"));
			places.add(bound("component of a nested record", application, (mail) -> mail.nested().token(), "%s"));
			places.add(bound("element of a list", application, (mail) -> mail.keys().get(1), "%s"));
			places.add(bound("element of a list with a property of another source", application,
					(mail) -> mail.keys().get(2), "https://x?key=%s&path=/bin"));
			places.add(bound("element of an array", application, (mail) -> mail.array()[0], "%s"));
			places.add(bound("value of a map", application, (mail) -> mail.map().get("a.b"), "%s"));
			places.add(bound("value in a list of a map", application, (mail) -> mail.lists().get("a").get(0).token(),
					"%s"));
		}
		places.add(arguments("property with a setter", Bound.class, of(Setters.class, (bean) -> bean.token), "%s"));
		places.add(arguments("@Value in a field", Injected.class, of(Injected.class, (bean) -> bean.field), "%s"));
		places.add(arguments("@Value in a constructor", Injected.class, of(Injected.class, (bean) -> bean.parameter),
				"https://x?key=%s"));
		return places;
	}

	private static Arguments bound(String name, Class<?> application, Function<Mail, @Nullable LiveSecret> component,
			String format) {
		return arguments(name + ", " + application.getSimpleName(), application, of(Mail.class, component), format);
	}

	private static <T> Function<ConfigurableApplicationContext, @Nullable LiveSecret> of(Class<T> type,
			Function<T, @Nullable LiveSecret> secret) {
		return (context) -> secret.apply(context.getBean(type));
	}

	@Test
	void getWhenPropertyIsNoSecretReturnsItsValue() {
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			assertThat(context.getBean(Mail.class).number().get()).isEqualTo("42");
			assertThat(context.getBean(Mail.class).keys().get(0).get()).isEqualTo("fixed");
			assertThat(context.getBean(Mail.class).number()).hasToString("******");
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { Bound.class, BoundInSlice.class, Injected.class })
	void getWhenNoSecretIsDeclaredReturnsValueOfProperty(Class<?> application) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
			.web(WebApplicationType.NONE)
			.properties("mail.token=plain", "TOKEN=plain")
			.run()) {
			LiveSecret secret = (application == Injected.class) ? context.getBean(Injected.class).field
					: context.getBean(Mail.class).token();
			assertThat(Objects.requireNonNull(secret).get()).isEqualTo("plain");
		}
	}

	@Test
	void getWhenSecretIsInjectedReturnsIt() {
		this.processEnvironment.put("TOKEN", "injected-canary");
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			this.store.put("token", "second-canary");
			context.getBean(Secrets.class).refresh();
			assertThat(context.getBean(Mail.class).token().get()).isEqualTo("injected-canary");
		}
	}

	@Test
	void getWhenInjectedSecretIsOverriddenReturnsNewValue() {
		this.processEnvironment.put("TOKEN", "injected-canary");
		try (ConfigurableApplicationContext context = run(Bound.class,
				"--ecs-secrets.refresh.override-injected=true")) {
			this.store.put("token", "second-canary");
			context.getBean(Secrets.class).refresh();
			assertThat(context.getBean(Mail.class).token().get()).isEqualTo("second-canary");
		}
	}

	@Test
	void getWhenRefreshFailsKeepsValue() {
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			LiveSecret token = context.getBean(Mail.class).token();
			this.store.remove("token");
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> context.getBean(Secrets.class).refresh());
			assertThat(token.get()).isEqualTo("first-canary");
		}
	}

	@Test
	void getWhenOptionalSecretAppearsAndDisappearsFollows() {
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			Mail mail = context.getBean(Mail.class);
			assertThat(mail.optional().get()).isEmpty();
			assertThatIllegalStateException().isThrownBy(mail.required()::get)
				.withMessageStartingWith("The property mail.required has no value now");
			this.store.put("optional", "third-canary");
			context.getBean(Secrets.class).refresh();
			assertThat(mail.optional().get()).isEqualTo("third-canary");
			assertThat(mail.required().get()).isEqualTo("third-canary");
			this.store.remove("optional");
			context.getBean(Secrets.class).refresh();
			assertThat(mail.optional().get()).isEmpty();
			assertThatIllegalStateException().isThrownBy(mail.required()::get);
		}
	}

	@Test
	void getWhenSecretHasPlaceholderOfNothingReturnsItAsItIs() {
		this.store.put("token", "a${nothing}canary");
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			Mail mail = context.getBean(Mail.class);
			assertThat(mail.token().get()).isEqualTo("a${nothing}canary");
			this.store.put("token", "b${nothing}canary");
			context.getBean(Secrets.class).refresh();
			assertThat(mail.token().get()).isEqualTo("b${nothing}canary");
			assertThat(mail.keys().get(1).get()).isEqualTo("b${nothing}canary");
		}
	}

	@Test
	void getWhenPropertyIsInFrontOfTheSecretInItsOwnSourceFollows() {
		try (ConfigurableApplicationContext context = run(Bound.class, "--mail.keys[0]=${TOKEN}")) {
			LiveSecret first = context.getBean(Mail.class).keys().get(0);
			this.store.put("token", "second-canary");
			context.getBean(Secrets.class).refresh();
			assertThat(first.get()).isEqualTo("second-canary");
		}
	}

	@Test
	void componentWhenPropertyIsAbsentIsNullOrItsDefault() {
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			assertThat(context.getBean(Mail.class).absent()).isNull();
			assertThat(context.getBean(Mail.class).withDefault().get()).isEqualTo("a,b");
		}
	}

	@Test
	void getWhenApplicationIsClosedReturnsLastValue() {
		LiveSecret token;
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			token = context.getBean(Mail.class).token();
			this.store.put("token", "second-canary");
			context.getBean(Secrets.class).refresh();
		}
		assertThat(token.get()).isEqualTo("second-canary");
	}

	@Test
	void getWhenListenerIsCalledReturnsNewValue() {
		try (ConfigurableApplicationContext context = run(Bound.class)) {
			List<String> read = new ArrayList<>();
			Secrets secrets = context.getBean(Secrets.class);
			LiveSecret token = context.getBean(Mail.class).token();
			secrets.addListener((before, after) -> read.add(token.get()));
			CalledListeners listeners = new CalledListeners(secrets);
			this.store.put("token", "second-canary");
			secrets.refresh();
			listeners.awaitCurrent();
			assertThat(read).contains("second-canary").doesNotContain("first-canary");
		}
	}

	@Test
	void getWhenContextIsChildFollowsSecretsOfParent() {
		try (ConfigurableApplicationContext parent = run(Empty.class);
				ConfigurableApplicationContext child = new SpringApplicationBuilder(Bound.class).parent(parent)
					.web(WebApplicationType.NONE)
					.properties("mail.token=child of ${TOKEN}")
					.run()) {
			LiveSecret token = child.getBean(Mail.class).token();
			assertThat(token.get()).isEqualTo("child of first-canary");
			this.store.put("token", "second-canary");
			parent.getBean(Secrets.class).refresh();
			assertThat(token.get()).isEqualTo("child of second-canary");
		}
	}

	@Test
	void getWhenContextIsPlainChildFollowsSecretsOfParent() {
		try (ConfigurableApplicationContext parent = run(Empty.class);
				AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
			child.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("child", Map.of("mail.token", "child of ${TOKEN}")));
			child.setParent(parent);
			child.register(BoundInChild.class);
			child.refresh();
			LiveSecret token = child.getBean(MailOfChild.class).token();
			assertThat(token.get()).isEqualTo("child of first-canary");
			this.store.put("token", "second-canary");
			parent.getBean(Secrets.class).refresh();
			assertThat(token.get()).isEqualTo("child of second-canary");
		}
	}

	@Test
	void startWhenConversionServiceIsSharedChangesItNot() {
		StandardEnvironment environment = new StandardEnvironment();
		environment
			.setConversionService((ConfigurableConversionService) ApplicationConversionService.getSharedInstance());
		SpringApplication application = new SpringApplication(BoundInChild.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setEnvironment(environment);
		application.setAddConversionService(false);
		application.setDefaultProperties(Map.of("mail.token", "plain"));
		try (ConfigurableApplicationContext context = application.run()) {
			assertThat(context.getBean(MailOfChild.class).token().get()).isEqualTo("plain");
		}
	}

	@Test
	void equalsIsByIdentity() {
		LiveSecret secret = LiveSecret.constant("canary");
		assertThat(List.of(secret)).contains(secret).doesNotContain(LiveSecret.constant("canary"));
	}

	@Test
	void constantReturnsItsValueAndPrintsNone() {
		assertThat(LiveSecret.constant("canary").get()).isEqualTo("canary");
		assertThat(LiveSecret.constant("canary")).hasToString("******");
	}

	@Test
	void writeWhenByJacksonFails() {
		record Holder(LiveSecret token) {
		}
		JsonMapper mapper = JsonMapper.builder().build();
		assertThat(JsonMapper.builder()
			.changeDefaultVisibility((visibility) -> visibility.withVisibility(PropertyAccessor.ALL, Visibility.NONE)
				.withVisibility(PropertyAccessor.FIELD, Visibility.ANY))
			.disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
			.build()
			.writeValueAsString(new Holder(LiveSecret.constant("canary")))).isEqualTo("{\"token\":{}}");
		assertThatExceptionOfType(DatabindException.class)
			.isThrownBy(() -> mapper.writeValueAsString(new Holder(LiveSecret.constant("canary"))))
			.withMessageContaining("A LiveSecret is not serialized")
			.withMessageNotContaining("canary");
	}

	@Test
	void writeWhenByJavaFails() {
		record Holder(LiveSecret token) implements Serializable {
		}
		assertThatExceptionOfType(NotSerializableException.class)
			.isThrownBy(() -> new ObjectOutputStream(new ByteArrayOutputStream())
				.writeObject(new Holder(LiveSecret.constant("canary"))));
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		this.processEnvironment.put("PATH_OF_ANOTHER_SOURCE", "/bin");
		environment.getPropertySources()
			.replace("systemEnvironment",
					new SystemEnvironmentPropertySource("systemEnvironment", this.processEnvironment));
		List<String> all = new ArrayList<>(List.of("--ecs-secrets.refresh.min-interval=0s"));
		all.addAll(Arrays.asList(args));
		return new SpringApplicationBuilder(application).environment(environment)
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.secrets[0].name=TOKEN", "ecs-secrets.secrets[0].value-from=token",
					"ecs-secrets.secrets[1].name=MAIL_DIRECT", "ecs-secrets.secrets[1].value-from=token",
					"ecs-secrets.secrets[2].name=OPTIONAL", "ecs-secrets.secrets[2].value-from=optional",
					"ecs-secrets.secrets[2].optional=true", "percent=%", "mail.token=${TOKEN}",
					"mail.url=https://x?key=${TOKEN}&y=${percent}", "mail.indirect=${mail.token}",
					"mail.nested.token=${TOKEN}", "mail.keys[0]=fixed", "mail.keys[1]=${TOKEN}",
					"mail.keys[2]=https://x?key=${TOKEN}&path=${PATH_OF_ANOTHER_SOURCE}", "mail.array[0]=${TOKEN}",
					"mail.map.[a.b]=${TOKEN}", "mail.lists.a[0].token=${TOKEN}", "mail.number=42",
					"mail.optional=${OPTIONAL:}", "mail.required=${OPTIONAL}", "setters.token=${TOKEN}")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run(all.toArray(String[]::new));
	}

	@ConfigurationProperties("mail")
	@SuppressWarnings("ArrayRecordComponent")
	record Mail(LiveSecret direct, LiveSecret token, LiveSecret url, LiveSecret indirect, Nested nested,
			List<LiveSecret> keys, LiveSecret[] array, Map<String, LiveSecret> map, Map<String, List<Nested>> lists,
			LiveSecret number, LiveSecret optional, LiveSecret required, @Nullable LiveSecret absent,
			@DefaultValue("a,b") LiveSecret withDefault) {

	}

	@ConfigurationProperties("mail")
	record MailOfChild(LiveSecret token) {

	}

	record Nested(LiveSecret token) {

	}

	@ConfigurationProperties("setters")
	static class Setters {

		private @Nullable LiveSecret token;

		public @Nullable LiveSecret getToken() {
			return this.token;
		}

		public void setToken(LiveSecret token) {
			this.token = token;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Empty {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties({ Mail.class, Setters.class })
	@EnableRefresh
	static class Bound {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Mail.class)
	static class BoundInSlice {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(MailOfChild.class)
	static class BoundInChild {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Injected {

		@Value("${TOKEN}")
		@Nullable LiveSecret field;

		private final LiveSecret parameter;

		Injected(@Value("https://x?key=${TOKEN}") LiveSecret parameter) {
			this.parameter = parameter;
		}

	}

}
