// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link Server}.
 */
class ServerTests {

	@Test
	void startWhenAllWaysFailTellsWhatWasTriedAndWhatToDo() {
		assertThatIllegalStateException()
			.isThrownBy(() -> Server.<RedisServer>start("Redis", "the package redis-server", (way, folder) -> {
				throw new IllegalStateException("not " + way.name().toLowerCase(Locale.ROOT));
			}))
			.withMessage("""
					There is no Redis for the tests. Tried:
					- INSTALLED: not installed
					- EMBEDDED: not embedded
					- DOCKER: not docker
					Install Redis (on Debian the package redis-server), start Docker, \
					or skip these tests with -DskipTestServers""");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "true" })
	void abortIfSkippedWhenSkippedAborts(String skip) {
		assertThatExceptionOfType(TestAbortedException.class)
			.isThrownBy(() -> Server.abortIfSkipped(skip, Map.of("CI", "false")))
			.withMessageContaining("-DskipTestServers");
	}

	@Test
	void abortIfSkippedWhenNotSkippedDoesNothing() {
		assertThatNoException().isThrownBy(() -> {
			Server.abortIfSkipped(null, Map.of("CI", "true"));
			Server.abortIfSkipped("false", Map.of());
		});
	}

	@Test
	void abortIfSkippedWhenSkippedInCiFails() {
		assertThatIllegalStateException().isThrownBy(() -> Server.abortIfSkipped("true", Map.of("CI", "true")))
			.withMessage("-DskipTestServers is refused where the environment variable CI is set");
	}

}
