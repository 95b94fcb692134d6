package dev.ecssecrets.boot;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.CustomAutowireConfigurer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ValueFreeInjection}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ValueFreeInjectionTests {

	private static final String SECRET = "canary-7f/3a+%";

	@TempDir
	private Path folder;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.application = new FailingApplication(this.folder, output);
	}

	@ParameterizedTest
	@ValueSource(classes = { OfField.class, OfConstructor.class, OfSetter.class, OfBeanMethod.class, OfInjected.class,
			OfOtherProperty.class, OfPart.class, OfProvider.class, OfOptional.class, OfExpression.class,
			OfAnnotation.class })
	void startWhenConversionFailsPrintsNoValue(Class<?> bean) throws IOException {
		String printed = failure(SECRET, "other: ${TOKEN}", bean);
		assertThat(printed).contains("required type '")
			.contains("java.lang.NumberFormatException, whose message is left out as it may hold a secret");
	}

	@Test
	void startWhenConversionFailsNamesFieldAndTypes() throws IOException {
		assertThat(failure(SECRET, "", OfField.class))
			.contains("Unsatisfied dependency expressed through field 'number': Failed to convert value of type "
					+ "'java.lang.String' to required type 'int'; java.lang.NumberFormatException, whose message");
	}

	@Test
	void startWhenSecretIsShortPrintsNoValue() throws IOException {
		assertThat(failure("q~z", "", OfField.class)).contains("Failed to convert value of type");
	}

	@Test
	void startWhenPlaceholderInSecretIsUnknownPrintsNoValue() throws IOException {
		assertThat(failure("canary ${unknown} canary", "", OfText.class)).contains("'${TOKEN}' has no value; "
				+ "org.springframework.util.PlaceholderResolutionException, whose message is left out");
	}

	@Test
	void startWhenExpressionInSecretFailsPrintsNoValue() throws IOException {
		assertThat(failure("canary #{canary}", "", OfText.class)).contains("'${TOKEN}' has no value; "
				+ "org.springframework.expression.spel.SpelEvaluationException, whose message is left out");
		assertThat(failure("canary #{'canary}", "", OfText.class))
			.contains("'${TOKEN}' has no value; org.springframework.expression");
	}

	@Test
	void startWhenNoSecretIsReferredToPrintsAsBefore() throws IOException {
		assertThat(this.application.failure("1", "other: nonsense1", OfOtherProperty.class))
			.contains("For input string: \"nonsense1\"");
	}

	@Test
	void injectWhenNoSecretIsReferredToEvaluatesOnce() throws IOException {
		try (ConfigurableApplicationContext context = this.application.run("7", "other: 1", Counting.class)) {
			assertThat(context.getBean(Counting.class).counted).isEqualTo(1);
		}
	}

	@Test
	void injectWhenSecretsCanBeConvertedInjectsThem() throws IOException {
		try (ConfigurableApplicationContext context = this.application.run("7", "", OfField.class, OfExpression.class,
				OfText.class, OfOptional.class)) {
			assertThat(context.getBean(OfField.class).number).isEqualTo(7);
			assertThat(context.getBean(OfExpression.class).numbers).containsExactly(7);
			assertThat(context.getBean(OfText.class).text).isEqualTo("7");
			assertThat(context.getBean(OfOptional.class).number).contains(7);
		}
	}

	@Test
	void injectWhenResolverHasQualifiersOfTheApplicationKeepsThemAndLaziness() throws IOException {
		try (ConfigurableApplicationContext context = this.application.run("7", "", Qualified.class)) {
			assertThat(context.getBean(Chooser.class).chosen()).isEqualTo("second");
			assertThat(context.getBean(Chooser.class).lazy()).matches(AopUtils::isAopProxy).hasToString("second");
		}
	}

	@Test
	void startWhenExpressionAsksEnvironmentStillPrintsValue() throws IOException {
		assertThat(this.application.failure(SECRET, "", OfEnvironment.class)).contains(SECRET);
	}

	@Test
	void startWhenBeanAsksEnvironmentForNumberStillPrintsValue() throws IOException {
		assertThat(this.application.failure(SECRET, "", AskingEnvironment.class)).contains(SECRET);
	}

	@Test
	void startWhenBeanDefinitionHasPropertyStillPrintsValue() throws IOException {
		assertThat(this.application.failure(SECRET, "", Defining.class)).contains(SECRET);
	}

	private String failure(String secret, String yaml, Class<?> bean) throws IOException {
		String printed = this.application.failureWithout(secret, yaml, bean);
		assertThat(printed).doesNotContain("canary")
			.contains("Exception encountered during context initialization")
			.contains("Application run failed");
		return printed;
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

	static class OfProvider {

		OfProvider(@Value("${TOKEN}") ObjectProvider<Integer> number) {
			number.getObject();
		}

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

	static class OfText {

		@Value("${TOKEN}")
		String text;

	}

	static class OfEnvironment {

		@Value("#{environment['TOKEN']}")
		int number;

	}

	static class AskingEnvironment {

		AskingEnvironment(Environment environment) {
			environment.getProperty("TOKEN", Integer.class);
		}

	}

	static class Counting {

		static final AtomicInteger evaluations = new AtomicInteger();

		@Value("#{T(dev.ecssecrets.boot.ValueFreeInjectionTests$Counting).evaluate(${other})}")
		int counted;

		public static int evaluate(int number) {
			return evaluations.addAndGet(number);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Qualified {

		@Bean
		static CustomAutowireConfigurer qualifiers() {
			CustomAutowireConfigurer configurer = new CustomAutowireConfigurer();
			configurer.setCustomQualifierTypes(Set.of(Second.class));
			return configurer;
		}

		@Bean
		Chooser chooser(@Second CharSequence chosen, @Lazy @Second CharSequence lazy) {
			return new Chooser(chosen, lazy);
		}

		@Bean
		CharSequence first() {
			return "first";
		}

		@Second
		@Bean
		CharSequence second() {
			return "second";
		}

	}

	record Chooser(CharSequence chosen, CharSequence lazy) {

	}

	@Retention(RetentionPolicy.RUNTIME)
	@interface Second {

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
