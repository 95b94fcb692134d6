package dev.ecssecrets.boot;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link ValueFreeBindHandlerAdvisor}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ValueFreeBindHandlerAdvisorTests {

	private static final String SECRET = "canary-7f/3a+%";

	@TempDir
	private Path folder;

	private CapturedOutput output;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.output = output;
		this.application = new FailingApplication(this.folder, output);
	}

	@Test
	void reportWhenPropertyRefersToSecretNamesPropertyTypeAndOrigin() throws IOException {
		String report = report(SECRET, "client.number: ${TOKEN}", Beans.class);
		assertThat(report).contains("Failed to bind properties under 'client.number' to int:")
			.contains("Property: client.number")
			.contains("Value: \"${TOKEN}\"")
			.containsPattern("Origin: URL \\[file:.*application.yml] - 7:16")
			.contains("Reason: failed to convert java.lang.String to int (caused by ")
			.contains("java.lang.NumberFormatException, whose message is left out as it may hold a secret");
	}

	@Test
	void reportWhenPropertyIsSecretNamesItAndItsOriginWithMask() throws IOException {
		String report = report(SECRET, "", DirectBeans.class);
		assertThat(report).contains("Failed to bind properties under 'direct.number' to int:")
			.contains("Property: direct.number")
			.contains("Value: \"******\"")
			.containsPattern("Origin: memory, declared at .*application.yml")
			.contains("failed to convert java.lang.String to int");
	}

	@Test
	void reportWhenPropertyOfManyIsSecretNamesItWithMask() throws IOException {
		assertThat(report(SECRET, "", ListedBeans.class)).contains("java.util.List<java.lang.Integer>:")
			.contains("Property: listed.numbers")
			.contains("Value: \"******\"");
		assertThat(report(SECRET, "", MappedBeans.class))
			.contains("java.util.Map<java.lang.String, java.lang.Integer>:")
			.contains("Property: listed.map")
			.contains("Value: \"******\"");
	}

	@Test
	void reportWhenTypeIsEnumTellsWhatIsValid() throws IOException {
		assertThat(report(SECRET, "client.day: ${TOKEN}", Beans.class)).contains("to java.time.DayOfWeek:")
			.contains("The following values are valid:")
			.contains("MONDAY");
	}

	@ParameterizedTest
	@CsvSource({ "number, ${TOKEN}, int", "number, ${INJECTED}, int", "number, ${client.other}, int",
			"number, ${TOKEN:1}, int", "number, 1${TOKEN}, int", "duration, ${TOKEN}, java.time.Duration",
			"size, ${TOKEN}, org.springframework.util.unit.DataSize", "uri, ${TOKEN}, java.net.URI",
			"charset, ${TOKEN}, java.nio.charset.Charset", "type, ${TOKEN}, java.lang.Class<?>",
			"numbers, '1,${TOKEN}', java.util.List<java.lang.Integer>", "numbers[0], ${TOKEN}, java.lang.Integer",
			"array, '1,${TOKEN}', int[]", "map.Some_Key, ${TOKEN}, java.lang.Integer",
			"map[a.b], ${TOKEN}, java.lang.Integer", "nested.number, ${TOKEN}, int", "list[0].number, ${TOKEN}, int",
			"existing[0], ${TOKEN}, java.lang.Integer",
			"odd, ${TOKEN}, dev.ecssecrets.boot.ValueFreeBindHandlerAdvisorTests$Odd" })
	void reportWhenConversionFailsHasNoValue(String property, String value, String type) throws IOException {
		assertThat(report(SECRET, "client.other: ${TOKEN}\nclient." + property + ": '" + value + "'", Beans.class))
			.contains("to " + type + ":")
			.contains("Origin: ")
			.contains("Reason: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOKEN", "INJECTED" })
	void reportWhenSecretIsShortHasNoValue(String name) throws IOException {
		String report = report("q~z", "client.number: ${" + name + "}", Beans.class);
		assertThat(report).contains("failed to convert java.lang.String to int");
	}

	@Test
	void reportWhenSecretRefersToItselfHasNoValue() throws IOException {
		assertThat(report("canary ${TOKEN} canary", "client.text: a ${TOKEN}", Beans.class))
			.contains("Failed to bind properties under 'client.text' to java.lang.String:")
			.contains("org.springframework.util.PlaceholderResolutionException, whose message is left out");
	}

	@Test
	void reportWhenPropertyBesideSecretRefersToItselfHasItsMessage() throws IOException {
		assertThat(report(SECRET, "client: { text: '${client.text}', uri: '${TOKEN}' }", Beans.class))
			.contains("PlaceholderResolutionException: Circular placeholder reference 'client.text'");
	}

	@Test
	void reportWhenSetterThrowsHasNoValue() throws IOException {
		assertThat(report(SECRET, "client.setter: ${TOKEN}", Beans.class))
			.contains("Failed to bind properties under 'client' to " + Client.class.getName())
			.contains("Property: client.setter")
			.contains("java.lang.IllegalArgumentException, whose message is left out");
	}

	@Test
	void reportWhenSetterOfBeanWithoutPrefixThrowsHasNoValue() throws IOException {
		assertThat(report(SECRET, "", RootBeans.class)).contains(" to " + Root.class.getName())
			.contains("Property: token")
			.contains("Value: \"******\"")
			.contains("java.lang.IllegalArgumentException, whose message is left out");
	}

	@Test
	void bindAgainWhenConversionFailsThrowsNoValue() throws IOException {
		try (ConfigurableApplicationContext context = this.application.run("1", "client.number: ${TOKEN}",
				Beans.class)) {
			context.getEnvironment()
				.getPropertySources()
				.replace(SecretsPropertySource.NAME,
						new SystemEnvironmentPropertySource(SecretsPropertySource.NAME, Map.of("TOKEN", SECRET)));
			Throwable thrown = catchThrowable(
					() -> context.publishEvent(new EnvironmentChangeEvent(context, Set.of("TOKEN"))));
			assertThat(SecretTraces.text(thrown)).contains("Failed to bind properties under 'client.number' to int")
				.contains("java.lang.NumberFormatException, whose message is left out")
				.doesNotContain("canary");
			assertThat(this.output).doesNotContain("canary");
		}
	}

	@Test
	void reportWhenConstructorThrowsHasNoValue() throws IOException {
		assertThat(report(SECRET, "throwing: { word: '${TOKEN}', unbound: { Some_Key: 1 } }", ThrowingBeans.class))
			.contains("Failed to bind properties under 'throwing' to " + Throwing.class.getName())
			.contains("java.lang.IllegalArgumentException, whose message is left out");
	}

	@Test
	void reportWhenConstructorThrowsWithoutValueKeepsItsMessage() throws IOException {
		assertThat(report(SECRET, "throwing: { word: '${TOKEN}', number: 0 }", ThrowingBeans.class))
			.contains("java.lang.IllegalArgumentException: 0 is too few");
	}

	@Test
	void reportWhenConstructorThrowsChangedValueStillPrintsIt() throws IOException {
		String printed = this.application.failure(SECRET, "throwing: { word: '${TOKEN}', reversed: true }",
				ThrowingBeans.class);
		assertThat(printed).contains(new StringBuilder(SECRET).reverse());
	}

	@Test
	void reportWhenValidatorRejectsHasNoValue() throws IOException {
		String report = report("3987654", "checked: { number: '${TOKEN}', other: 5 }", CheckedBeans.class);
		assertThat(report).contains("Binding to target " + Checked.class.getName())
			.contains("Property: checked.number")
			.contains("Value: \"******\"")
			.containsPattern("Origin: .*application.yml] - 7:20")
			.contains("Reason: it is too large")
			.contains("Property: checked.other")
			.contains("Value: \"5\"")
			.contains("Reason: it is odd");
	}

	@Test
	void reportWhenValidatorQuotesHasNoValue() throws IOException {
		String report = report("3987654", "checked: { number: '${TOKEN}', quoting: true }", CheckedBeans.class);
		assertThat(report).contains("Property: checked.number")
			.contains("Reason: the message is left out as it may hold a secret");
	}

	@Test
	void reportWhenKeyIsUnboundHasNoValue() throws IOException {
		assertThat(report(SECRET, "strict: { unknown: '" + SECRET + "' }", StrictBeans.class))
			.contains("Property: strict.unknown")
			.contains("Value: \"******\"")
			.contains("The elements [strict.unknown] were left unbound.");
	}

	@Test
	void reportWhenNoSecretIsNearIsAsBefore() throws IOException {
		String printed = this.application.failure("1", "checked: { number: nonsense1 }", CheckedBeans.class);
		assertThat(printed).contains("Value: \"nonsense1\"")
			.contains("caused by java.lang.NumberFormatException: For input string: \"nonsense1\"");
	}

	@Test
	void bindByBinderStillPrintsValue() throws IOException {
		assertThat(this.application.failure(SECRET, "client.number: ${TOKEN}", BinderBeans.class)).contains(SECRET);
	}

	/**
	 * Returns the report of a start that prints no form of the secret anywhere.
	 */
	private String report(String secret, String yaml, Class<?> beans) throws IOException {
		String printed = this.application.failureWithout(secret, yaml, beans);
		assertThat(printed).doesNotContain("canary").contains("APPLICATION FAILED TO START");
		return printed.substring(printed.indexOf("APPLICATION FAILED TO START"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Client.class)
	static class Beans {

		@Bean
		@ConfigurationPropertiesBinding
		static OddConverter oddConverter() {
			return new OddConverter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Throwing.class)
	static class ThrowingBeans {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Checked.class)
	static class CheckedBeans {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Strict.class)
	static class StrictBeans {

	}

	@Configuration(proxyBeanMethods = false)
	static class BinderBeans {

		@Bean
		Integer number(ConfigurableEnvironment environment) {
			return Binder.get(environment).bind("client.number", Integer.class).get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Direct.class)
	static class DirectBeans {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Listed.class)
	static class ListedBeans {

	}

	@ConfigurationProperties("listed")
	record Listed(List<Integer> numbers) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Mapped.class)
	static class MappedBeans {

	}

	@ConfigurationProperties("listed")
	record Mapped(Map<String, Integer> map) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Root.class)
	static class RootBeans {

	}

	@ConfigurationProperties
	static class Root {

		public void setToken(String token) {
			throw new IllegalArgumentException("'" + token + "'");
		}

	}

	@ConfigurationProperties("direct")
	record Direct(int number) {

	}

	record Odd(String word) {

	}

	static class OddConverter implements Converter<String, Odd> {

		@Override
		public Odd convert(String source) {
			throw new IllegalStateException("odd: " + source, new IllegalArgumentException(source));
		}

	}

	@ConfigurationProperties("throwing")
	record Throwing(String word, Integer number, boolean reversed) {

		Throwing {
			if (number != null) {
				throw new IllegalArgumentException(number + " is too few");
			}
			throw new IllegalArgumentException(
					"'" + (reversed ? new StringBuilder(word).reverse() : word.toUpperCase(Locale.ROOT)) + "'");
		}

	}

	@ConfigurationProperties("checked")
	record Checked(int number, int other, boolean quoting) implements Validator {

		@Override
		public boolean supports(Class<?> type) {
			return type == Checked.class;
		}

		@Override
		public void validate(Object target, Errors errors) {
			Checked checked = (Checked) target;
			errors.rejectValue("number", "large", new Object[] { checked.number },
					checked.quoting ? checked.number + " is too large" : "it is too large");
			errors.rejectValue("other", "odd", "it is odd");
		}

	}

	@ConfigurationProperties(prefix = "strict", ignoreUnknownFields = false)
	record Strict(String known) {

	}

	@ConfigurationProperties("client")
	static class Client {

		private final Nested nested = new Nested();

		private final List<Integer> existing = new ArrayList<>(List.of(1));

		private final Map<String, Integer> map = new HashMap<>();

		private final List<Nested> list = new ArrayList<>();

		public void setNumber(int number) {
		}

		public void setDay(DayOfWeek day) {
		}

		public void setDuration(Duration duration) {
		}

		public void setSize(DataSize size) {
		}

		public void setUri(URI uri) {
		}

		public void setCharset(Charset charset) {
		}

		public void setType(Class<?> type) {
		}

		public void setNumbers(List<Integer> numbers) {
		}

		public void setArray(int[] array) {
		}

		public void setOdd(Odd odd) {
		}

		public void setText(String text) {
		}

		public void setSetter(String word) {
			throw new IllegalArgumentException("'" + word + "'");
		}

		public Map<String, Integer> getMap() {
			return this.map;
		}

		public Nested getNested() {
			return this.nested;
		}

		public List<Nested> getList() {
			return this.list;
		}

		public List<Integer> getExisting() {
			return this.existing;
		}

	}

	static class Nested {

		public void setNumber(int number) {
		}

	}

}
