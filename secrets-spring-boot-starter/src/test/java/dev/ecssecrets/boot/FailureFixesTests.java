// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.ecssecrets.FailureReason;
import dev.ecssecrets.SecretFailure.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FailureFixes} and {@link ConfigurationReason}.
 */
class FailureFixesTests {

	private static final Pattern KEY = Pattern.compile("ecs-secrets\\.[a-z.-]*[a-z]");

	static Stream<FailureReason> reasons() {
		return Stream.concat(Stream.of(Reason.values()), Stream.of(ConfigurationReason.values()));
	}

	@ParameterizedTest
	@MethodSource("reasons")
	void keysOfFixesAreThoseOfTheConfiguration(FailureReason reason) throws IOException {
		String metadata = Files.readString(Path.of("target/classes/META-INF/spring-configuration-metadata.json"));
		assertThat(KEY.matcher(reason.description() + " " + FailureFixes.of(reason)).results())
			.allSatisfy((key) -> assertThat(metadata).contains("\"name\": \"" + key.group() + "\""));
	}

	@Test
	void everyReasonHasAnEntryInTheDocumentation() throws IOException {
		assertThat(Pattern.compile("(?m)^## (.+)$")
			.matcher(Files.readString(Path.of("../docs/troubleshooting.md")))
			.results()
			.map((heading) -> heading.group(1)))
			.containsExactlyInAnyOrderElementsOf(reasons().map(FailureFixesTests::heading).toList());
	}

	private static String heading(FailureReason reason) {
		return reason.title().substring(0, 1).toUpperCase(Locale.ROOT) + reason.title().substring(1);
	}

}
