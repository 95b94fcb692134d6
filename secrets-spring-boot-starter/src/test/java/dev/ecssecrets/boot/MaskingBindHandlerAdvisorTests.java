// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.boot.FailingApplication.Failure;
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
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.properties.ConfigurationPropertiesRebinder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link MaskingBindHandlerAdvisor}, with {@link MaskingFailureAnalyzer}, which
 * masks what it cannot.
 */
@ExtendWith(OutputCaptureExtension.class)
class MaskingBindHandlerAdvisorTests {

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
	void analysisWhenPropertyRefersToSecretNamesPropertyTypeAndOrigin() {
		assertThat(analysis(SECRET, "client.number: ${TOKEN}", Beans.class))
			.contains("Failed to bind properties under 'client.number' to int:")
			.contains("Property: client.number")
			.contains("Value: \"${TOKEN}\"")
			.containsPattern("Origin: URL \\[file:.*application.yml] - 7:16")
			.contains("Reason: failed to convert java.lang.String to int (caused by ")
			.contains("java.lang.NumberFormatException (the message is omitted, because it may contain a secret)")
			.contains("Update your application's configuration");
	}

	@Test
	void analysisWhenPropertyIsSecretNamesItAndItsOriginWithMask() {
		assertThat(analysis(SECRET, "", DirectBeans.class))
			.contains("Failed to bind properties under 'direct.number' to int:")
			.contains("Property: direct.number")
			.contains("Value: \"******\"")
			.containsPattern("Origin: memory, declared at .*application.yml")
			.contains("failed to convert java.lang.String to int");
	}

	@ParameterizedTest
	@ValueSource(strings = { SECRET, "1,canary2", "q~z" })
	void analysisWhenSecretIsSeveralNamesItWithMask(String secret) {
		assertThat(analysis(secret, "", ListedBeans.class)).contains("java.util.List<java.lang.Integer>:")
			.contains("Property: listed.numbers")
			.contains("Value: \"******\"");
		assertThat(analysis(secret, "", MappedBeans.class))
			.contains("java.util.Map<java.lang.String, java.lang.Integer>:")
			.contains("Property: listed.map")
			.contains("Value: \"******\"");
	}

	@Test
	void analysisWhenTypeIsEnumListsWhatIsValid() {
		assertThat(analysis(SECRET, "client.day: ${TOKEN}", Beans.class)).contains("to java.time.DayOfWeek:")
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
			"odd, ${TOKEN}, dev.ecssecrets.boot.MaskingBindHandlerAdvisorTests$Odd" })
	void failureWhenConversionFailsHasNoValue(String property, String value, String type) {
		assertThat(analysis(SECRET, "client.other: ${TOKEN}\nclient." + property + ": '" + value + "'", Beans.class))
			.contains("to " + type + ":")
			.contains("Origin: ")
			.contains("Reason: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOKEN", "INJECTED" })
	void failureWhenSecretIsShortHasNoValue(String name) {
		assertThat(analysis("q~z", "client.number: ${" + name + "}", Beans.class))
			.contains("failed to convert java.lang.String to int");
	}

	@Test
	void failureWhenSetterThrowsHasNoValue() {
		assertThat(analysis(SECRET, "client.setter: ${TOKEN}", Beans.class))
			.contains("Failed to bind properties under 'client' to " + Client.class.getName())
			.contains("Property: client.setter")
			.contains("java.lang.IllegalArgumentException (the message is omitted");
	}

	@Test
	void failureWhenSetterOfBeanWithoutPrefixThrowsHasNoValue() {
		assertThat(analysis(SECRET, "", RootBeans.class)).contains(" to " + Root.class.getName())
			.contains("Property: token")
			.contains("Value: \"******\"")
			.contains("java.lang.IllegalArgumentException (the message is omitted");
	}

	@Test
	void failureWhenConstructorQuotesSecretMasksIt() {
		assertThat(analysis(SECRET, "throwing: { word: '${TOKEN}', number: 1, unbound: { Some_Key: 1 } }",
				ThrowingBeans.class))
			.contains("Failed to bind properties under 'throwing' to " + Throwing.class.getName())
			.contains("Reason: dev.ecssecrets.boot.MaskedException: java.lang.IllegalArgumentException: "
					+ "'******' is not the first of 1");
	}

	@Test
	void failureWhenConstructorThrowsWithoutValueIsAsBefore() {
		assertThat(analysis(SECRET, "throwing: { word: '${TOKEN}', number: 0 }", ThrowingBeans.class))
			.contains("Reason: java.lang.IllegalArgumentException: 0 is too few");
	}

	@Test
	void bindAgainWhenConversionFailsThrowsNoValue() {
		try (ConfigurableApplicationContext context = this.application.run("1", "client.number: ${TOKEN}",
				Beans.class)) {
			context.getEnvironment()
				.getPropertySources()
				.replace(SecretsPropertySource.NAME,
						new SystemEnvironmentPropertySource(SecretsPropertySource.NAME, Map.of("TOKEN", SECRET)));
			Throwable thrown = catchThrowable(() -> context.getBean(ConfigurationPropertiesRebinder.class)
				.rebind("client-" + Client.class.getName()));
			assertThat(thrown).rootCause()
				.hasMessage("java.lang.NumberFormatException (the message is omitted, because it may contain a"
						+ " secret)");
			assertThat(new Failure("", thrown).stackTrace())
				.contains("Failed to bind properties under 'client.number' to int")
				.doesNotContain("canary");
			assertThat(this.output).doesNotContain("canary");
		}
	}

	@Test
	void failureWhenNoSecretIsInvolvedIsThatOfSpringBoot() {
		Failure failure = this.application.fail(SECRET, "client: { number: nonsense, other: '${TOKEN}' }", Beans.class);
		assertThat(failure.analysis()).contains("Value: \"nonsense\"")
			.contains("(caused by java.lang.NumberFormatException: For input string: \"nonsense\")");
		assertThat(failure.thrown()).hasRootCauseInstanceOf(NumberFormatException.class);
	}

	/**
	 * Returns the analysis of a failure that has no secret anywhere: neither in what is
	 * printed nor in the stack trace.
	 */
	private String analysis(String secret, String yaml, Class<?> beans) {
		Failure failure = this.application.fail(secret, yaml, beans);
		assertThat(failure.printed() + failure.stackTrace()).doesNotContain(secret, "canary");
		return failure.analysis();
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
	record Throwing(String word, int number) {

		Throwing {
			throw new IllegalArgumentException(
					(number == 0) ? number + " is too few" : "'" + word + "' is not the first of " + number);
		}

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
