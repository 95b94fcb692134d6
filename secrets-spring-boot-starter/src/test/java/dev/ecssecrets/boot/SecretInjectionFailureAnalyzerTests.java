// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.ecssecrets.boot.FailingApplication.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretInjectionFailureAnalyzer}.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretInjectionFailureAnalyzerTests {

	private static final String SECRET = "canary-7f/3a+%";

	@TempDir
	private Path folder;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.application = new FailingApplication(this.folder, output);
	}

	@Test
	void analyzeNamesExpressionTypeInjectionPointAndReason() {
		assertThat(analysis(SECRET, "", OfField.class)).startsWith("""
				APPLICATION FAILED TO START
				***************************

				Description:

				Failed to inject @Value("${TOKEN}") as int:

				    Injection point: Field number in dev.ecssecrets.boot.SecretInjectionFailureAnalyzerTests$OfField
				    Value: "******"
				    Reason: java.lang.NumberFormatException (the message is omitted, because it may contain a secret)

				Action:

				Correct the secret, or change the type of the injection point
				""");
	}

	@ParameterizedTest
	@ValueSource(classes = { OfField.class, OfConstructor.class, OfSetter.class, OfAnnotatedSetter.class,
			OfBeanMethod.class, OfInjected.class, OfOtherProperty.class, OfPart.class, OfOptional.class,
			OfExpression.class, OfAnnotation.class, OfDuration.class })
	void analyzeHasNoValue(Class<?> bean) {
		assertThat(analysis(SECRET, "other: 'x${TOKEN}'", bean)).contains("Failed to inject @Value(\"")
			.contains(" in " + bean.getName())
			.containsPattern("Reason: java\\.\\S+Exception \\(the message is omitted");
	}

	@ParameterizedTest
	@ValueSource(classes = { OfField.class, OfInjected.class, OfDuration.class })
	void analyzeWhenSecretIsShortHasNoValue(Class<?> bean) {
		assertThat(analysis("q~z", "", bean)).contains("Failed to inject @Value(\"").doesNotContain("q~z");
	}

	@Test
	void analyzeWhenPartOfSecretFailsHasNoPart() {
		assertThat(analysis("1,canary2,3", "", OfList.class)).contains("as java.util.List<java.lang.Integer>:");
	}

	@ParameterizedTest
	@ValueSource(strings = { "canary #{canary}", "canary #{'canary}" })
	void analyzeWhenExpressionInSecretFailsHasNoValue(String secret) {
		assertThat(analysis(secret, "", OfText.class)).contains("Failed to inject @Value(\"${TOKEN}\")")
			.contains("Reason: org.springframework.expression.");
	}

	@Test
	void analyzeWhenNoSecretIsReferredToLeavesItToSpringBoot() {
		Failure failure = this.application.fail(SECRET, "other: nonsense", OfOtherProperty.class);
		assertThat(failure.printed()).contains("Application run failed")
			.contains("For input string: \"nonsense\"")
			.doesNotContain("APPLICATION FAILED TO START");
	}

	@Test
	void analyzeWhenDependencyOfAnotherKindIsMissingLeavesItToSpringBoot() {
		assertThat(analysis(SECRET, "", Needing.class)).contains("required a bean of type 'java.lang.Number'");
	}

	/**
	 * Returns the analysis. What Spring logs before it is another matter.
	 */
	private String analysis(String secret, String yaml, Class<?> bean) {
		String analysis = this.application.fail(secret, yaml, bean).analysis();
		assertThat(analysis).doesNotContain("canary");
		return analysis;
	}

	static class OfField {

		@Value("${TOKEN}")
		int number;

	}

	static class OfConstructor {

		OfConstructor(@Value("${TOKEN}") int number) {
		}

	}

	static class OfSetter {

		@Autowired
		void setNumber(@Value("${TOKEN}") long number) {
		}

	}

	static class OfAnnotatedSetter {

		@Autowired
		@Value("${TOKEN}")
		void setNumber(long number) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfBeanMethod {

		@Bean
		Object number(@Value("${TOKEN}") Integer number) {
			return number;
		}

	}

	static class OfInjected {

		@Value("${INJECTED}")
		int number;

	}

	static class OfOtherProperty {

		@Value("${other}")
		int number;

	}

	static class OfPart {

		@Value("1,${TOKEN:2}")
		List<Integer> numbers;

	}

	static class OfOptional {

		@Value("${TOKEN}")
		Optional<Integer> number;

	}

	static class OfExpression {

		@Value("#{'${TOKEN}'.split(',')}")
		List<Integer> numbers;

	}

	static class OfAnnotation {

		@Token
		int number;

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Value("${TOKEN}")
	@interface Token {

	}

	static class OfDuration {

		@Value("${TOKEN}")
		Duration duration;

	}

	static class OfList {

		@Value("${TOKEN}")
		List<Integer> numbers;

	}

	static class OfText {

		@Value("${TOKEN}")
		String text;

	}

	static class Needing {

		Needing(@Value("${TOKEN}") String token, Number number) {
		}

	}

}
