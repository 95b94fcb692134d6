// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * LocalStack as a process of a Python virtual environment, for Linux and macOS. The
 * virtual environment is made once per user, the process once per owner: all JVMs that
 * name the same owner share it, and it ends when the owner does.
 *
 * @param endpoint the endpoint of all services
 * @param python the Python that runs it
 */
record PythonLocalStack(URI endpoint, Path python) {

	// Without ensurepip, which Debian packages apart, a virtual environment has no pip.
	private static final String PYTHON_CHECK = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

	// On 3.11 LocalStack has no KMS and no STS.
	private static final List<String> PYTHONS = List.of("python3.13", "python3.12", "python3.11", "python3");

	/**
	 * Returns the JVM that forked this one, which is Maven's, else this JVM.
	 */
	static ProcessHandle owner() {
		Optional<ProcessHandle> parent = ProcessHandle.current().parent();
		// Between the two there may be the shell by which Surefire forks.
		return parent.filter(PythonLocalStack::isJava)
			.or(() -> parent.flatMap(ProcessHandle::parent).filter(PythonLocalStack::isJava))
			.orElseGet(ProcessHandle::current);
	}

	private static boolean isJava(ProcessHandle process) {
		return process.info().command().filter((command) -> command.endsWith("/java")).isPresent();
	}

	/**
	 * Returns the owner's LocalStack, which is started if need be.
	 * @throws IllegalStateException if it cannot be started, with the reason
	 */
	static PythonLocalStack start(Map<String, String> environment, ProcessHandle owner) {
		try {
			Path python = findPython(environment);
			Path cache = Files.createDirectories(cache(environment));
			Path log = Files.createTempFile(cache, "start-", ".log");
			Process process = new ProcessBuilder(python.toString(), "-I", "-c", resource("start.py"), cache.toString(),
					Long.toString(owner.pid()), uniqueName(owner), resource("requirements.txt"), resource("run.py"))
				.redirectError(log.toFile())
				.start();
			List<String> output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
				.toList();
			if (process.waitFor() != 0) {
				List<String> lines = Files.readAllLines(log);
				throw new IllegalStateException("see " + log + ", which ends with\n"
						+ String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())));
			}
			Files.delete(log);
			return new PythonLocalStack(URI.create(output.get(0)), Path.of(output.get(1)));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex.toString(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	static Path findPython(Map<String, String> environment) throws IOException, InterruptedException {
		String[] folders = environment.getOrDefault("PATH", "").split(File.pathSeparator, 0);
		for (String name : PYTHONS) {
			for (String folder : folders) {
				Path python = Path.of(folder, name);
				if (Files.isExecutable(python) && new ProcessBuilder(python.toString(), "-I", "-c", PYTHON_CHECK)
					.redirectError(ProcessBuilder.Redirect.DISCARD)
					.start()
					.waitFor() == 0) {
					return python;
				}
			}
		}
		throw new IllegalStateException("no Python 3.11 or newer with its venv module on the PATH");
	}

	private static Path cache(Map<String, String> environment) {
		String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
		Path parent = !caches.isEmpty() ? Path.of(caches) : Path.of(System.getProperty("user.home"), ".cache");
		return parent.resolve("ecs-secrets");
	}

	private static String uniqueName(ProcessHandle process) {
		// Process ids come again, together with the start they do not.
		return process.pid() + "-" + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
	}

	private static String resource(String name) throws IOException {
		try (InputStream stream = PythonLocalStack.class.getResourceAsStream(name)) {
			return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
