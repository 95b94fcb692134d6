// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Path;
import java.util.List;

import dev.ecssecrets.boot.FailingApplication.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretPlaceholderFailureAnalyzer}.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretPlaceholderFailureAnalyzerTests {

	@TempDir
	private Path folder;

	private FailingApplication application;

	@BeforeEach
	void setUp(CapturedOutput output) {
		this.application = new FailingApplication(this.folder, output);
	}

	@Test
	void analyzeNamesSecretItsOriginAndWhatRefersToIt() {
		String analysis = analysis("before ${canary} after", "other: x${TOKEN}", OfOther.class);
		assertThat(analysis.replaceAll("Origin: .*/", "Origin: URL [file:")).startsWith("""
				APPLICATION FAILED TO START
				***************************

				Description:

				Failed to resolve a placeholder in the value of the secret TOKEN:

				    Value: "******"
				    Origin: URL [file:application.yml] - 2:11
				    Referenced by: "x${TOKEN}"
				    Referenced by: "${other}"

				Action:

				Define the property that the placeholder refers to, or change the secret. Spring replaces ${...} in the\
				 value of a secret, as in any property
				""");
	}

	@ParameterizedTest
	@ValueSource(strings = { "before ${canary} after", "${a${canary}b}", "canary ${TOKEN} canary", "a${c}" })
	void analyzeHasNoValue(String secret) {
		for (Class<?> bean : List.of(OfField.class, OfConstructor.class, OfInjected.class, AskingEnvironment.class)) {
			assertThat(analysis(secret, "", bean))
				.contains("Failed to resolve a placeholder in the value of the secret ")
				.doesNotContain(secret);
		}
	}

	@Test
	void analyzeWhenPropertiesReferToSecretThatRefersToItselfHasNoValue() {
		assertThat(analysis("canary ${TOKEN} canary", "client.text: a ${TOKEN}", Beans.class))
			.contains("Failed to bind properties under 'client.text' to java.lang.String:")
			.contains("org.springframework.util.PlaceholderResolutionException (the message is omitted");
	}

	@Test
	void analyzeWhenNoSecretIsInvolvedLeavesItToSpringBoot() {
		Failure failure = this.application.fail("canary", "other: x${absent}", OfOther.class);
		assertThat(failure.printed()).contains("Could not resolve placeholder 'absent' in value \"x${absent}\"")
			.doesNotContain("APPLICATION FAILED TO START");
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
		String text;

	}

	static class OfConstructor {

		OfConstructor(@Value("${TOKEN}") String text) {
		}

	}

	static class OfInjected {

		@Value("${INJECTED}")
		String text;

	}

	static class OfOther {

		@Value("${other}")
		String text;

	}

	static class AskingEnvironment {

		AskingEnvironment(Environment environment) {
			environment.getRequiredProperty("TOKEN");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Client.class)
	static class Beans {

	}

	@ConfigurationProperties("client")
	record Client(String text) {

	}

}
