// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.support.SpringBootServletInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestContextManager;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What is printed of a secret that makes a start fail is what {@code SECURITY.md} says.
 */
@ExtendWith(OutputCaptureExtension.class)
class PrintedFailuresIT {

	private static final Path DOCUMENT = Path.of("../SECURITY.md");

	private static final String CONFIGURATION = "spring.config.location=classpath:failures/application.yml";

	private static final String CANARY = "canary";

	@TempDir
	private Path folder;

	@ParameterizedTest
	@EnumSource
	void documentSaysWhatIsPrinted(Failing failing, CapturedOutput output) throws IOException {
		Failed start = fail(output, () -> application(failing.bean).run());
		String row = Stream
			.of(start.analysis(), start.warning(), start.thrown(), inTest(failing, output),
					inServletContainer(failing, output))
			.map((printed) -> printed.contains(CANARY) ? "prints it" : "no")
			.collect(Collectors.joining(" | ", "| " + failing.text + " | ", " |"));
		assertThat(start.analysis()).contains("Value: \"");
		assertThat(Files.readString(DOCUMENT)).contains(row);
	}

	/**
	 * As a request does whose handler needs the bean.
	 */
	@Test
	void beanWhenCreatedLaterThrowsValue() {
		try (ConfigurableApplicationContext context = application(Later.class).run()) {
			assertThatException().isThrownBy(() -> context.getBean(OfValue.class)).withMessageContaining(CANARY);
		}
	}

	/**
	 * Returns what a test runner prints: what the test prints, and what it throws.
	 */
	private static String inTest(Failing failing, CapturedOutput output) {
		Failed failed = fail(output, () -> new TestContextManager(failing.test)
			.prepareTestInstance(failing.test.getDeclaredConstructor().newInstance()));
		assertThat(failed.printed).contains("Caught exception while allowing TestExecutionListener");
		return failed.printed + failed.thrown();
	}

	/**
	 * Returns what a servlet container prints of an application in a WAR, and what that
	 * prints itself.
	 */
	private String inServletContainer(Failing failing, CapturedOutput output) {
		Tomcat tomcat = new Tomcat();
		tomcat.setBaseDir(this.folder.toString());
		tomcat.setPort(0);
		Context context = tomcat.addContext("", this.folder.toString());
		context.addServletContainerInitializer(
				(types, servletContext) -> new War(failing.bean).onStartup(servletContext), null);
		try (ContainerLog log = new ContainerLog()) {
			Failed failed = fail(output, tomcat::start);
			tomcat.destroy();
			assertThat(log.text.toString()).contains("A child container failed during start");
			return failed.printed + log.text;
		}
		catch (LifecycleException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static SpringApplicationBuilder application(Class<?> bean) {
		return new SpringApplicationBuilder(bean).web(WebApplicationType.NONE).properties(CONFIGURATION);
	}

	private static Failed fail(CapturedOutput output, ThrowingCallable start) {
		int begin = output.getAll().length();
		Throwable thrown = catchThrowable(start);
		assertThat(thrown).isNotNull();
		return new Failed(output.getAll().substring(begin), thrown);
	}

	/**
	 * Failed start.
	 */
	private record Failed(String printed, Throwable exception) {

		String analysis() {
			return this.printed.substring(this.printed.indexOf("APPLICATION FAILED TO START"));
		}

		String warning() {
			return this.printed.lines()
				.filter((line) -> line.contains("Exception encountered during context initialization"))
				.findFirst()
				.orElseThrow();
		}

		String thrown() {
			StringWriter stackTrace = new StringWriter();
			this.exception.printStackTrace(new PrintWriter(stackTrace));
			return stackTrace.toString();
		}

	}

	/**
	 * What Tomcat logs where Spring Boot has not taken over its logging.
	 */
	private static final class ContainerLog extends Handler implements AutoCloseable {

		private final Logger logger = Logger.getLogger("org.apache.catalina");

		private final StringBuilder text = new StringBuilder();

		ContainerLog() {
			this.logger.addHandler(this);
		}

		@Override
		public void publish(LogRecord record) {
			this.text.append(new SimpleFormatter().format(record));
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
			this.logger.removeHandler(this);
		}

	}

	/**
	 * A secret that makes a start fail.
	 */
	private enum Failing {

		VALUE("`@Value` of another type", OfValue.class, ValueTest.class),

		PLACEHOLDER("`@Value`, with an unresolvable `${...}` in the secret", OfPlaceholder.class,
				PlaceholderTest.class),

		PROPERTY("property of `@ConfigurationProperties` of another type", OfProperty.class, PropertyTest.class),

		VALIDATION("property of `@ConfigurationProperties` that validation rejects", OfValidation.class,
				ValidationTest.class),

		LOOK_UP("`Environment.getProperty` in a `@Bean` method, with an unresolvable `${...}`", OfLookUp.class,
				LookUpTest.class);

		private final String text;

		private final Class<?> bean;

		private final Class<?> test;

		Failing(String text, Class<?> bean, Class<?> test) {
			this.text = text;
			this.bean = bean;
			this.test = test;
		}

	}

	@SpringBootTest(classes = OfValue.class, properties = CONFIGURATION)
	static class ValueTest {

	}

	@SpringBootTest(classes = OfPlaceholder.class, properties = CONFIGURATION)
	static class PlaceholderTest {

	}

	@SpringBootTest(classes = OfProperty.class, properties = CONFIGURATION)
	static class PropertyTest {

	}

	@SpringBootTest(classes = OfValidation.class, properties = CONFIGURATION)
	static class ValidationTest {

	}

	@SpringBootTest(classes = OfLookUp.class, properties = CONFIGURATION)
	static class LookUpTest {

	}

	private static final class War extends SpringBootServletInitializer {

		private final Class<?> bean;

		War(Class<?> bean) {
			this.bean = bean;
		}

		@Override
		protected SpringApplicationBuilder configure(SpringApplicationBuilder application) {
			return application.sources(this.bean).properties(CONFIGURATION);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OfValue {

		@Value("${TOKEN}")
		int number;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OfPlaceholder {

		@Value("${PLACEHOLDER}")
		String text;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Client.class)
	static class OfProperty {

	}

	@ConfigurationProperties("client")
	record Client(int number) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Checked.class)
	static class OfValidation {

	}

	@ConfigurationProperties("checked")
	record Checked(String text) implements Validator {

		@Override
		public boolean supports(Class<?> type) {
			return type == Checked.class;
		}

		@Override
		public void validate(Object target, Errors errors) {
			errors.rejectValue("text", "wrong", "it is wrong");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OfLookUp {

		@Bean
		String text(Environment environment) {
			return environment.getRequiredProperty("PLACEHOLDER");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Later {

		@Bean
		@Lazy
		OfValue ofValue() {
			return new OfValue();
		}

	}

}
