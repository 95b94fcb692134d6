// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThatCode;

/**
 * Tests for {@link PythonLocalStack}.
 */
@DisabledOnOs(OS.WINDOWS)
class PythonLocalStackIT {

	private static final String REFUSES_CHECK = "exit 1";

	@TempDir
	private Path folder;

	@Test
	void startWhenSameOwnerReusesUntilOwnerEnds() throws IOException {
		LocalStack.abortIfSkipped(System.getProperty("skipLocalStack"), System.getenv());
		assumeThatCode(() -> PythonLocalStack.findPython(System.getenv())).doesNotThrowAnyException();
		Process owner = new ProcessBuilder("cat").start();
		try {
			PythonLocalStack started = PythonLocalStack.start(System.getenv(), owner.toHandle());
			URI endpoint = started.endpoint();
			assertThat(PythonLocalStack.start(System.getenv(), owner.toHandle()).endpoint()).isEqualTo(endpoint);
			assertThat(started.python()).isExecutable();
			try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
				// LocalStack itself closes idle connections too, but later.
				socket.setSoTimeout(20_000);
				owner.destroy();
				assertThat(socket.getInputStream().read()).isEqualTo(-1);
			}
			assertThat(LocalStack.isReady(endpoint.toString())).isFalse();
		}
		finally {
			owner.destroy();
		}
	}

	@Test
	void startWhenThereIsNoPythonFails() {
		assertThatIllegalStateException().isThrownBy(() -> start())
			.withMessage("no Python 3.11 or newer with its venv module on the PATH");
	}

	@Test
	void startWhenPythonIsUnsuitableTakesTheNext() throws IOException {
		python("python3.12", REFUSES_CHECK);
		python("python3", "echo http://127.0.0.1:4566; echo /python");
		PythonLocalStack started = start();
		assertThat(started.endpoint()).isEqualTo(URI.create("http://127.0.0.1:4566"));
		assertThat(started.python()).isEqualTo(Path.of("/python"));
	}

	@Test
	void startWhenAllPythonsAreUnsuitableFails() throws IOException {
		python("python3", REFUSES_CHECK);
		assertThatIllegalStateException().isThrownBy(() -> start()).withMessageStartingWith("no Python 3.11 or newer");
	}

	@Test
	void startWhenProgramFailsTellsTheEndOfItsLog() throws IOException {
		python("python3", "[ $# -le 3 ] || { seq 99 >&2; echo No space left on device >&2; exit 1; }");
		assertThatIllegalStateException().isThrownBy(() -> start())
			.withMessageMatching(
					"(?s)see .+/ecs-secrets/start-\\d+\\.log, which ends with\n81\n.*\n99\nNo space left on device");
	}

	private PythonLocalStack start() {
		return PythonLocalStack.start(Map.of("PATH", this.folder.toString(), "XDG_CACHE_HOME", this.folder.toString()),
				ProcessHandle.current());
	}

	private void python(String name, String script) throws IOException {
		Path python = this.folder.resolve(name);
		Files.writeString(python, "#!/bin/sh\n" + script + "\n");
		Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
	}

}
