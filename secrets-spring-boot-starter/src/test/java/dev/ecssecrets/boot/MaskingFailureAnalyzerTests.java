// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Path;

import dev.ecssecrets.boot.FailingApplication.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MaskingFailureAnalyzer}.
 */
@ExtendWith(OutputCaptureExtension.class)
class MaskingFailureAnalyzerTests {

	private static final String SECRET = "canary-7f/3a+%";

	@TempDir
	private Path folder;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.application = new FailingApplication(this.folder, output);
	}

	@ParameterizedTest
	@ValueSource(strings = { "3987654", "39876543210" })
	void validationHasPropertyOriginAndReasonWithoutValue(String secret) {
		assertThat(analysis(secret, "checked: { number: '${TOKEN}', other: 5 }", CheckedBeans.class))
			.contains("Binding to target " + Checked.class.getName())
			.contains("Property: checked.number\n    Value: \"******\"\n    Origin: ")
			.containsPattern("Origin: .*application.yml] - 7:20")
			.contains("Reason: it is too large")
			.contains("Property: checked.other\n    Value: \"5\"")
			.contains("Reason: it is odd");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3987654", "0003987654", "39876543210" })
	void validationWhenMessageQuotesHasNoValue(String secret) {
		assertThat(analysis(secret, "checked: { number: '${TOKEN}', quoting: true }", CheckedBeans.class))
			.contains("Property: checked.number\n    Value: \"******\"")
			.contains("Reason: the message is omitted, because it may contain a secret")
			.doesNotContain("3987654");
	}

	@Test
	void validationWhenThereIsNoSecretIsThatOfSpringBoot() {
		Failure failure = this.application.fail("canary-1", "checked: { number: 7, other: 5, text: '${TOKEN}' }",
				CheckedBeans.class);
		assertThat(failure.analysis()).contains("Property: checked.number\n    Value: \"7\"");
		assertThat(failure.debug()).contains("BindValidationException: Binding validation errors on checked");
	}

	@Test
	void bindByBinderHasNoValue() {
		assertThat(analysis(SECRET, "client.number: ${TOKEN}", BinderBeans.class))
			.contains("Property: client.number\n    Value: \"${TOKEN}\"")
			.contains("caused by java.lang.NumberFormatException (the message is omitted, because it may contain a"
					+ " secret)");
		assertThat(analysis("q~z", "client.number: ${TOKEN}", BinderBeans.class)).contains("Property: client.number");
	}

	@Test
	void unboundKeyHasNoValue() {
		assertThat(analysis(SECRET, "strict: { unknown: '" + SECRET + "' }", StrictBeans.class))
			.contains("Property: strict.unknown")
			.contains("Value: \"******\"")
			.contains("The elements [strict.unknown] were left unbound.");
	}

	@Test
	void invalidValueHasNoValue() {
		assertThat(analysis(SECRET, "client.mode: ${TOKEN}", InvalidValueBeans.class))
			.contains("Invalid value '${TOKEN}' for configuration property 'client.mode'")
			.contains("'******' is no mode");
	}

	@ParameterizedTest
	@ValueSource(classes = { AskingEnvironment.class, AskingProvider.class, OfEnvironment.class, Defining.class })
	void failureWhenNobodyAnalyzesItHasStackTraceWithoutValue(Class<?> beans) {
		assertThat(analysis(SECRET, "", beans))
			.contains("Startup failed with an exception that contains a secret. The secret is masked below:")
			.contains("dev.ecssecrets.boot.MaskedException: org.springframework.beans.factory.")
			.contains("Caused by: ")
			.contains("******")
			.contains("\tat dev.ecssecrets.boot.MaskingFailureAnalyzerTests");
	}

	@Test
	void frameworkWhenNamedLikeASecretIsNotMaskedInFrames() {
		assertThat(this.application.fail("ecssecrets", "", Throwing.class).analysis())
			.contains("IllegalStateException: cannot connect as ******")
			.contains("\tat dev.ecssecrets.boot.MaskingFailureAnalyzerTests$Throwing.<init>");
	}

	@Test
	void failureWhenThereIsNoSecretIsLeftToSpringBoot() {
		Failure failure = this.application.fail("q~z", "", Throwing.class);
		assertThat(failure.printed()).contains("Application run failed").doesNotContain("APPLICATION FAILED TO START");
	}

	/**
	 * Returns the analysis. What Spring logs before is another matter, but not what
	 * Spring Boot logs at DEBUG.
	 */
	private String analysis(String secret, String yaml, Class<?> beans) {
		Failure failure = this.application.fail(secret, yaml, beans);
		assertThat(failure.debug()).contains("dev.ecssecrets.boot.MaskedException: ").doesNotContain(secret, "canary");
		assertThat(failure.analysis()).doesNotContain(secret, "canary");
		return failure.analysis();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Checked.class)
	static class CheckedBeans {

	}

	@ConfigurationProperties("checked")
	record Checked(long number, int other, boolean quoting) implements Validator {

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

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Strict.class)
	static class StrictBeans {

	}

	@ConfigurationProperties(prefix = "strict", ignoreUnknownFields = false)
	record Strict(String known) {

	}

	@Configuration(proxyBeanMethods = false)
	static class BinderBeans {

		@Bean
		Integer number(ConfigurableEnvironment environment) {
			return Binder.get(environment).bind("client.number", Integer.class).get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InvalidValueBeans {

		@Bean
		String mode(@Value("${client.mode}") String mode) {
			throw new InvalidConfigurationPropertyValueException("client.mode", mode, "'" + mode + "' is no mode");
		}

	}

	static class AskingEnvironment {

		AskingEnvironment(Environment environment) {
			environment.getProperty("TOKEN", Integer.class);
		}

	}

	static class AskingProvider {

		AskingProvider(@Value("${TOKEN}") ObjectProvider<Integer> number) {
			number.getObject();
		}

	}

	static class OfEnvironment {

		@Value("#{environment['TOKEN']}")
		int number;

	}

	static class Throwing {

		Throwing(@Value("${TOKEN}") String user) {
			throw new IllegalStateException("cannot connect as " + user);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Registrar.class)
	static class Defining {

	}

	static class Registrar implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			BeanDefinition definition = BeanDefinitionBuilder.genericBeanDefinition(Defined.class)
				.addPropertyValue("number", "${TOKEN}")
				.getBeanDefinition();
			registry.registerBeanDefinition("defined", definition);
		}

	}

	static class Defined {

		public void setNumber(int number) {
		}

	}

}
