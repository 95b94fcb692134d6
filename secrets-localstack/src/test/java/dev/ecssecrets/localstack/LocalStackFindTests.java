// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for how {@link LocalStack} finds one, and when it does not look for one.
 */
class LocalStackFindTests {

	private static final LocalStack DOCKER = new LocalStack(URI.create("http://docker"), null);

	private static final LocalStack PYTHON = new LocalStack(URI.create("http://python"), Path.of("python"));

	@Test
	void findWhenGivenAndReadyReturnsTheGiven() throws IOException {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.createContext("/_localstack/health", (exchange) -> {
			exchange.sendResponseHeaders(200, -1);
			exchange.close();
		});
		server.start();
		try {
			String given = "http://127.0.0.1:" + server.getAddress().getPort();
			assertThat(LocalStack.find(Map.of("LOCALSTACK_ENDPOINT", given), () -> DOCKER, () -> PYTHON).endpoint())
				.isEqualTo(URI.create(given));
		}
		finally {
			server.stop(0);
		}
	}

	@Test
	void findWhenGivenAnswersWithErrorFails() throws IOException {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.start();
		try {
			String given = "http://127.0.0.1:" + server.getAddress().getPort();
			assertThatIllegalStateException()
				.isThrownBy(() -> LocalStack.find(Map.of("LOCALSTACK_ENDPOINT", given), () -> DOCKER, () -> PYTHON))
				.withMessageStartingWith("LOCALSTACK_ENDPOINT is '" + given + "', but no LocalStack answers there");
		}
		finally {
			server.stop(0);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://127.0.0.1:1", "localhost:4566", "4566", "not a URI" })
	void findWhenGivenIsNotReachableFails(String given) {
		assertThatIllegalStateException()
			.isThrownBy(() -> LocalStack.find(Map.of("LOCALSTACK_ENDPOINT", given), () -> DOCKER, () -> PYTHON))
			.withMessage("LOCALSTACK_ENDPOINT is '%s', but no LocalStack answers there: "
					+ "it has to be like http://127.0.0.1:4566, and run", given);
	}

	@Test
	void findWhenDockerStartsReturnsIt() {
		assertThat(LocalStack.find(Map.of("LOCALSTACK_ENDPOINT", ""), () -> DOCKER, failing("unused")))
			.isSameAs(DOCKER);
	}

	@Test
	void findWhenDockerFailsReturnsPythons() {
		assertThat(LocalStack.find(Map.of(), failing("no engine"), () -> PYTHON)).isSameAs(PYTHON);
	}

	@Test
	void findWhenAllFailTellsWhatWasTriedAndWhatToDo() {
		assertThatIllegalStateException()
			.isThrownBy(() -> LocalStack.find(Map.of(), failing("no engine"), failing("no Python")))
			.withMessage("""
					There is no LocalStack for the tests. Tried:
					- LOCALSTACK_ENDPOINT: not set
					- Docker: no engine
					- Python: no Python
					Set LOCALSTACK_ENDPOINT, start Docker, install Python 3.11 or newer with its venv module, \
					or skip these tests with -DskipLocalStack""");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "true" })
	void abortIfSkippedWhenSkippedAborts(String skip) {
		assertThatExceptionOfType(TestAbortedException.class)
			.isThrownBy(() -> LocalStack.abortIfSkipped(skip, Map.of("CI", "false")))
			.withMessageContaining("-DskipLocalStack");
	}

	@Test
	void abortIfSkippedWhenNotSkippedDoesNothing() {
		assertThatNoException().isThrownBy(() -> {
			LocalStack.abortIfSkipped(null, Map.of("CI", "true"));
			LocalStack.abortIfSkipped("false", Map.of());
		});
	}

	@Test
	void abortIfSkippedWhenSkippedInCiFails() {
		assertThatIllegalStateException().isThrownBy(() -> LocalStack.abortIfSkipped("true", Map.of("CI", "true")))
			.withMessage("-DskipLocalStack is refused where the environment variable CI is set");

	}

	private static Supplier<LocalStack> failing(String reason) {
		return () -> {
			throw new IllegalStateException(reason);
		};
	}

}
