// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link LiveSecretFailureAnalyzer}: where a {@link LiveSecret} would be
 * constant, the application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class LiveSecretFailureAnalyzerTests {

	private static final String SECRET = "canary-7f/3a+%";

	@TempDir
	private Path folder;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.application = new FailingApplication(this.folder, output);
	}

	@Test
	void analysisWhenListIsInOneTextNamesItsProperty() {
		assertThat(analysis("mail.keys: \"${TOKEN},${TOKEN}\"", Listed.class)).contains(
				"""
						Description:

						A text cannot become a LiveSecret, as it would never change.

						    Property: mail.keys

						Action:

						Declare each element of a list as a property of its own, such as keys[0], and write map keys with dots in \
						brackets, such as map.[a.b]. In @Value, write placeholders that the Environment resolves, such as ${NAME}, \
						on the field or parameter itself, and no #{...}. Where the application has a bean named \
						conversionService, use @ConfigurationProperties instead of @Value, and no @DefaultValue. In a Binder of \
						your own, bind a String. In a test without SpringApplication, call LiveSecret.constant
						""");
	}

	@ParameterizedTest
	@ValueSource(strings = { "${TOKEN}", "fixed", "fixed,${TOKEN}" })
	void analysisWhenListIsInOneTextNamesItsProperty(String text) {
		assertThat(analysis("mail.keys: \"" + text + "\"", Listed.class)).contains("Property: mail.keys\n");
		assertThat(analysis("mail.keys: \"" + text + "\"", ListedWithDefault.class)).contains("Property: mail.keys\n");
	}

	@ParameterizedTest
	@CsvSource({ "Expression, Field token in", "Setter, Parameter 0 of method setToken in",
			"OwnConversionService, Field token in", "LocalProperties, Field token in",
			"LocalPropertiesWithOthers, Field token in", "Elements, Field tokens in" })
	void analysisWhenValueCannotFollowNamesInjectionPoint(String type, String place) throws ClassNotFoundException {
		assertThat(analysis("", Class.forName(getClass().getName() + "$" + type))).contains("as it would never change.")
			.contains("Injection point: " + place + " " + getClass().getName() + "$" + type + "\n");
	}

	@Test
	void analysisWhenMapHasKeyWithDotsNamesItsProperty() {
		assertThat(analysis("mail.map.api.example.com: ${TOKEN}", Mapped.class)).contains("Property: mail.map\n");
	}

	@Test
	void analysisWhenBinderIsOfTheApplicationNamesProperty() {
		assertThat(analysis("mail.token: ${TOKEN}", OwnBinder.class)).contains("as it would never change.")
			.contains("Property: mail.token");
	}

	@Test
	void bindWhenThereIsNoApplicationSaysWhatToDo() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getSystemProperties().put("live-secret.token", "fixed");
		try {
			assertThatException().isThrownBy(() -> Binder.get(environment).bind("live-secret.token", LiveSecret.class))
				.havingRootCause()
				.withMessageStartingWith("A text cannot become a LiveSecret, as it would never change. Declare ");
		}
		finally {
			environment.getSystemProperties().remove("live-secret.token");
		}
	}

	private String analysis(String yaml, Class<?> source) {
		FailingApplication.Failure failure = this.application.fail(SECRET, yaml, source);
		assertThat(failure.analysis()).doesNotContain(SECRET);
		assertThat(failure.debug()).doesNotContain(SECRET);
		return failure.analysis();
	}

	@ConfigurationProperties("mail")
	record Keys(List<LiveSecret> keys) {

	}

	@ConfigurationProperties("mail")
	record KeysWithDefault(@DefaultValue( {
			"a", "b" }) List<LiveSecret> keys){

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Keys.class)
	static class Listed {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(KeysWithDefault.class)
	static class ListedWithDefault {

	}

	@Configuration(proxyBeanMethods = false)
	static class Expression {

		@Value("#{'${TOKEN}'.trim()}")
		LiveSecret token;

	}

	@Configuration(proxyBeanMethods = false)
	static class Setter {

		@Value("${TOKEN}")
		void setToken(LiveSecret token) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConversionService {

		@Value("${TOKEN}")
		LiveSecret token;

		@Bean
		static ConversionService conversionService() {
			return new DefaultConversionService();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LocalProperties {

		@Value("${local.token}")
		LiveSecret token;

		@Bean
		static PropertySourcesPlaceholderConfigurer placeholders() {
			Properties properties = new Properties();
			properties.put("local.token", "${TOKEN}");
			PropertySourcesPlaceholderConfigurer placeholders = new PropertySourcesPlaceholderConfigurer();
			placeholders.setProperties(properties);
			return placeholders;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LocalPropertiesWithOthers {

		@Value("${local.token}@${TOKEN}")
		LiveSecret token;

		@Bean
		static PropertySourcesPlaceholderConfigurer placeholders() {
			return LocalProperties.placeholders();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Elements {

		@Value("${TOKEN},other")
		List<LiveSecret> tokens;

	}

	@ConfigurationProperties("mail")
	record Mapping(Map<String, LiveSecret> map) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Mapping.class)
	static class Mapped {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBinder {

		@Bean
		LiveSecret token(Environment environment) {
			return Binder.get(environment).bind("mail.token", Bindable.of(LiveSecret.class)).get();
		}

	}

}
