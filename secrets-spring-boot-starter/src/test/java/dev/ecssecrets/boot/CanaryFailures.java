// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Applications that do not start, one after another in one process: one for each file of
 * properties in a folder.
 */
final class CanaryFailures {

	/**
	 * What the files name the application with.
	 */
	static final String APPLICATION = "canary.application";

	/**
	 * The SDK's clients are used where a system property may concern them.
	 */
	static final String SDK = "canary.sdk";

	private CanaryFailures() {
	}

	public static void main(String[] args) throws IOException {
		SLF4JBridgeHandler.removeHandlersForRootLogger();
		SLF4JBridgeHandler.install();
		try (Stream<Path> files = Files.list(Path.of(args[0]))) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".properties")).sorted().toList()) {
				start(file);
			}
		}
	}

	private static void start(Path file) throws IOException {
		Properties properties = new Properties();
		try (Reader reader = Files.newBufferedReader(file)) {
			properties.load(reader);
		}
		String name = file.getFileName().toString().replace(".properties", "");
		if (properties.containsKey(SDK)) {
			System.setProperty("aws.canary", "true");
		}
		System.out.println("=== " + name + " begins");
		System.err.println("=== " + name + " begins");
		Class<?> application = ClassUtils.resolveClassName(properties.getProperty(APPLICATION), null);
		try {
			new SpringApplicationBuilder(application)
				.web((application == Web.class) ? WebApplicationType.SERVLET : WebApplicationType.NONE)
				.run("--spring.config.location=file:" + file)
				.close();
			System.out.println("=== " + name + " has started");
		}
		catch (RuntimeException ex) {
			System.out.println("=== " + name + " has failed");
			ex.printStackTrace();
		}
		System.clearProperty("aws.canary");
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Web {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Types.class)
	static class Bound {

	}

	/**
	 * Each start sets another one.
	 */
	@ConfigurationProperties("canary.types")
	record Types(@Nullable Integer number, @Nullable Duration duration, @Nullable DataSize size,
			@Nullable WebApplicationType constant, @Nullable List<Integer> list, @Nullable Map<String, Integer> map,
			@Nullable Class<?> type, @Nullable InetAddress address, @Nullable String text, @Nullable Inner inner) {

		record Inner(int number) {

		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Mutable.class)
	static class MutableBound {

	}

	@ConfigurationProperties("canary.mutable")
	static class Mutable {

		private int number;

		public int getNumber() {
			return this.number;
		}

		public void setNumber(int number) {
			this.number = number;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class IntValue {

		@Bean
		Object bean(@Value("${TOKEN}") int value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class IntField {

		@Value("${NUMBER}")
		int value;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class DurationValue {

		@Bean
		Object bean(@Value("${TOKEN}") Duration value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ListValue {

		@Bean
		Object bean(@Value("${TOKEN}") List<Integer> value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class PlaceholderValue {

		@Bean
		Object bean(@Value("${PLACEHOLDER}") String value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class PlaceholderLookUp {

		@Bean
		Object bean(Environment environment) {
			return environment.getRequiredProperty("PLACEHOLDER");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class LookUp {

		@Bean
		Object bean(Environment environment) {
			return environment.getRequiredProperty("TOKEN", Integer.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ExpressionValue {

		@Bean
		Object bean(@Value("${EXPRESSION}") String value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ValueInExpression {

		@Bean
		Object bean(@Value("#{${TOKEN}}") String value) {
			return value;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Throwing {

		@Bean
		Object bean(@Value("${TOKEN}") String value) {
			throw new IllegalStateException("The bean fails with " + value.length() + " characters");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Pool {

		@Bean
		String user(DataSource dataSource) throws SQLException {
			return Database.userOf(dataSource);
		}

	}

}
