// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.context.annotation.PropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Training runs, in processes of their own without AWS.
 */
class TrainingRunIT {

	private static final String EXIT = "-Dspring.context.exit=onRefresh";

	private static final String PLACEHOLDERS = "--ecs-secrets.store=placeholder";

	private final Map<String, String> variables = new HashMap<>(Map.of("AWS_REGION", "eu-west-1"));

	@TempDir
	private Path folder;

	@Test
	void startWithPlaceholdersEndsWhenTheContextIsRefreshed() {
		String output = start(EXIT, PLACEHOLDERS);
		assertThat(output).containsOnlyOnce("WARN")
			.containsPattern("WARN .*TRAINING RUN: secrets that are not injected have placeholders")
			.contains("Secrets: 0 injected, 2 fetched from placeholders")
			.contains("WORD=<placeholder-for-WORD>", "PORT=<placeholder-for-PORT>")
			.doesNotContain("Started");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void startWithPlaceholdersKeepsWhatIsInjected(boolean overrideInjected) {
		this.variables.put("WORD", "wassyoi");
		assertThat(start(EXIT, PLACEHOLDERS, "--ecs-secrets.refresh.override-injected=" + overrideInjected))
			.contains("WORD=<wassyoi>", "PORT=<placeholder-for-PORT>");
	}

	@Test
	void startWithPlaceholdersWhenAllIsInjectedHasNone() {
		this.variables.putAll(Map.of("WORD", "wassyoi", "PORT", "80"));
		assertThat(start(EXIT, PLACEHOLDERS)).contains("WORD=<wassyoi>", "PORT=<80>").doesNotContain("TRAINING RUN");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Dany=option", "-Dspring.context.exit=never" })
	void startWithPlaceholdersWhenItIsNoTrainingRunIsRefused(String option) {
		this.variables.put("WORD", "wassyoi");
		assertThat(start(option, PLACEHOLDERS)).contains("APPLICATION FAILED TO START")
			.contains("NO TRAINING RUN")
			.contains("-Dspring.context.exit=onRefresh")
			.doesNotContain("=<", "TRAINING RUN:");
		this.variables.put("PORT", "80");
		assertThat(start(option, PLACEHOLDERS)).contains("NO TRAINING RUN").doesNotContain("=<");
	}

	@ParameterizedTest
	@ValueSource(strings = { "bound", "injected", "validated", "joined" })
	void startWithPlaceholdersWhenOneDoesNotFitNamesTheVariable(String profile) {
		String archive = "-XX:ArchiveClassesAtExit=" + this.folder.resolve("application.jsa") + " ";
		this.variables.put("WORD", "pin1234");
		String failed = start(archive + EXIT, PLACEHOLDERS, "--spring.profiles.active=" + profile);
		assertThat(failed).contains("The application cannot start with the placeholder for PORT.")
			.contains("set the environment variable PORT to a value that fits")
			.contains("saves nothing after a start that has failed");
		assertThat(failed.substring(failed.indexOf("APPLICATION FAILED"))).doesNotContain("pin1234");
		this.variables.put("PORT", "80");
		assertThat(start(EXIT, PLACEHOLDERS, "--spring.profiles.active=" + profile)).contains("PORT=<80>")
			.doesNotContain("with the placeholder");
	}

	@Test
	void startWithPlaceholdersLoadsTwice() {
		assertThat(start(EXIT, PLACEHOLDERS, "--spring.profiles.active=refreshing")).contains("REFRESHED=<[]>");
	}

	@Test
	void startWithPlaceholdersWhenItDoesNotEndIsRefused() {
		assertThat(start(EXIT, PLACEHOLDERS, "--spring.profiles.active=endless"))
			.contains("Secrets have placeholders, but the process does not end")
			.doesNotContain("SERVES");
	}

	@Test
	void startWhenItFailsSaysThatTheCacheIsWorthless() {
		String archive = "-XX:ArchiveClassesAtExit=" + this.folder.resolve("application.jsa");
		assertThat(start(archive + " " + EXIT)).contains("APPLICATION FAILED TO START")
			.contains("saves nothing after a start that has failed")
			.contains("-Decs-secrets.store=placeholder");
		assertThat(start(archive)).contains("APPLICATION FAILED TO START").doesNotContain("saves nothing");
		assertThat(start(EXIT)).contains("APPLICATION FAILED TO START").doesNotContain("saves nothing");
	}

	private String start(String options, String... args) {
		this.variables.put("JAVA_TOOL_OPTIONS", options);
		List<String> all = new ArrayList<>(
				List.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word",
						"--ecs-secrets.secrets[1].name=PORT", "--ecs-secrets.secrets[1].value-from=port"));
		all.addAll(List.of(args));
		return ChildProcess.start(this.folder, Trained.class, ChildProcess.CLASS_PATH, this.variables, all).output();
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ BoundConfiguration.class, InjectedConfiguration.class, ValidatedConfiguration.class,
			JoinedConfiguration.class, RefreshingConfiguration.class, EndlessConfiguration.class })
	static class Trained {

		Trained(ConfigurableEnvironment environment) {
			for (String name : List.of("WORD", "PORT")) {
				System.out.println(name + "=<" + environment.getProperty(name) + ">");
			}
		}

		public static void main(String[] args) {
			new SpringApplicationBuilder(Trained.class).web(WebApplicationType.NONE).run(args);
			System.out.println("SERVES");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Bound.class)
	@Profile("bound")
	static class BoundConfiguration {

	}

	/**
	 * The root of the environment's properties.
	 *
	 * @param port a secret
	 */
	@ConfigurationProperties
	record Bound(int port) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Joined.class)
	@Profile("joined")
	@PropertySource("classpath:training/joined.properties")
	static class JoinedConfiguration {

	}

	/**
	 * Properties that refer to secrets.
	 *
	 * @param port a secret
	 */
	@ConfigurationProperties("joined")
	record Joined(int port) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Checked.class)
	@Profile("validated")
	@PropertySource("classpath:training/joined.properties")
	static class ValidatedConfiguration {

	}

	/**
	 * Properties that refer to secrets, and quote them when they are not valid.
	 */
	@ConfigurationProperties("joined")
	static class Checked implements Validator {

		private String text;

		public String getText() {
			return this.text;
		}

		public void setText(String text) {
			this.text = text;
		}

		@Override
		public boolean supports(Class<?> type) {
			return type == Checked.class;
		}

		@Override
		public void validate(Object target, Errors errors) {
			if (this.text.length() > 12) {
				errors.rejectValue("text", "long", "too long: " + this.text);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(SecretsAutoConfiguration.class)
	@Profile("refreshing")
	static class RefreshingConfiguration {

		@Bean
		String refreshed(Secrets secrets) {
			System.out.println("REFRESHED=<" + secrets.refresh() + ">");
			return "refreshed";
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(SecretsAutoConfiguration.class)
	@Profile("endless")
	static class EndlessConfiguration {

		@Bean
		LifecycleProcessor lifecycleProcessor() {
			return new LifecycleProcessor() {

				@Override
				public void onRefresh() {
				}

				@Override
				public void onClose() {
				}

				@Override
				public void start() {
				}

				@Override
				public void stop() {
				}

				@Override
				public boolean isRunning() {
					return true;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Profile("injected")
	static class InjectedConfiguration {

		@Bean
		String address(@Value("${PORT}") int port) {
			return "localhost:" + port;
		}

	}

}
