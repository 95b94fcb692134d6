// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

import org.springframework.util.FileSystemUtils;

/**
 * A server that asks for passwords: the one that is installed, else the one among the
 * dependencies, else one in a container. The system property {@code test-servers} with
 * the name of a {@link Way} leaves no choice. It ends with this JVM at the latest.
 */
abstract sealed class Server implements AutoCloseable permits DatabaseServer, RedisServer {

	static final String HOST = "127.0.0.1";

	private static final Pattern READY = Pattern.compile("[Rr]eady (?:to accept|for) connections|Sentinel ID is");

	private final Way way;

	private final Path folder;

	private final int port;

	private final String adminPassword = UUID.randomUUID().toString();

	private final AtomicBoolean closed = new AtomicBoolean();

	private final Queue<String> log = new ConcurrentLinkedQueue<>();

	private @Nullable Process process;

	Server(Way way, Path folder) throws IOException {
		this.way = way;
		this.folder = folder;
		this.port = freePort();
	}

	/**
	 * Starts a server in the first way that there is.
	 * @param name the server's name
	 * @param packages what to install on Debian
	 * @param factory makes the server
	 * @return the server, ready for connections
	 * @throws IllegalStateException if there is none, with what was tried and what to do
	 */
	static <S extends Server> S start(String name, String packages, Factory<S> factory) {
		abortIfSkipped(System.getProperty("skipTestServers"), System.getenv());
		String forced = System.getProperty("test-servers");
		if (forced != null) {
			return start(name, Way.valueOf(forced.toUpperCase(Locale.ROOT)), factory);
		}
		List<String> tried = new ArrayList<>();
		for (Way way : Way.values()) {
			try {
				return start(name, way, factory);
			}
			catch (IllegalStateException ex) {
				tried.add("- " + way + ": " + ex.getMessage());
			}
		}
		throw new IllegalStateException("""
				There is no %1$s for the tests. Tried:
				%2$s
				Install %1$s (on Debian %3$s), start Docker, or skip these tests with -DskipTestServers"""
			.formatted(name, String.join("\n", tried), packages));
	}

	/**
	 * Starts a server.
	 * @param name the server's name
	 * @param way where it is from
	 * @param factory makes the server
	 * @return the server, ready for connections
	 * @throws IllegalStateException if it cannot be started, with the reason
	 */
	static <S extends Server> S start(String name, Way way, Factory<S> factory) {
		abortIfSkipped(System.getProperty("skipTestServers"), System.getenv());
		try {
			Path folder = Files.createTempDirectory(name.toLowerCase(Locale.ROOT) + "-");
			try {
				S server = factory.create(way, folder);
				server.launch();
				return server;
			}
			catch (IllegalStateException | IOException ex) {
				FileSystemUtils.deleteRecursively(folder);
				throw ex;
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex.getMessage(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	static void abortIfSkipped(@Nullable String skip, Map<String, String> environment) {
		if (skip == null || skip.equals("false")) {
			return;
		}
		String ci = environment.getOrDefault("CI", "");
		if (!ci.isEmpty() && !ci.equals("false")) {
			throw new IllegalStateException("-DskipTestServers is refused where the environment variable CI is set");
		}
		Assumptions.abort("Skipped by -DskipTestServers");
	}

	void launch() throws IOException, InterruptedException {
		List<String> command = switch (this.way) {
			case INSTALLED -> initialize(installed());
			case EMBEDDED -> initialize(unpack());
			case DOCKER -> container(this.folder.getFileName().toString());
		};
		ProcessBuilder builder = builder(command);
		builder.environment().putAll(environment());
		Process started = builder.start();
		this.process = started;
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
		awaitReady(started);
	}

	/**
	 * {@return the folder with the server's program on this machine}
	 */
	abstract Path installed() throws IOException;

	/**
	 * {@return the folder with the server's program after it has been unpacked}
	 */
	abstract Path unpack() throws IOException, InterruptedException;

	/**
	 * Makes the files of a server that has no data yet.
	 * @param programs the folder with the server's program
	 * @return the command that serves them
	 */
	abstract List<String> initialize(Path programs) throws IOException, InterruptedException;

	/**
	 * Returns the command that runs a container.
	 * @param name the container's name
	 * @return the command
	 */
	abstract List<String> container(String name);

	/**
	 * {@return the environment variables of both commands}
	 */
	abstract Map<String, String> environment();

	/**
	 * {@return whether the server, whose log says that it is ready, lets the
	 * administrator log in}
	 */
	abstract boolean isReady();

	/**
	 * {@return the signal that ends the server at once}
	 */
	abstract String endSignal();

	/**
	 * {@return the address that the server listens on}
	 */
	public String host() {
		return HOST;
	}

	/**
	 * {@return the port that the server listens on}
	 */
	public int port() {
		return this.port;
	}

	Path folder() {
		return this.folder;
	}

	String adminPassword() {
		return this.adminPassword;
	}

	/**
	 * {@return the lines that the server has logged}
	 */
	Stream<String> log() {
		return this.log.stream();
	}

	/**
	 * Ends the server, and deletes what it has stored.
	 */
	@Override
	public void close() {
		Process started = this.process;
		if (started == null || !this.closed.compareAndSet(false, true)) {
			return;
		}
		try {
			if (started.isAlive()) {
				// The signals that the JDK sends would not reach the container, wait for
				// all clients, or leave shared memory behind.
				run((this.way == Way.DOCKER) ? List.of("docker", "rm", "--force", this.folder.getFileName().toString())
						: List.of("kill", "-" + endSignal(), Long.toString(started.pid())));
			}
			if (!started.waitFor(10, TimeUnit.SECONDS)) {
				started.destroyForcibly().waitFor();
			}
			FileSystemUtils.deleteRecursively(this.folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void awaitReady(Process started) throws IOException, InterruptedException {
		BufferedReader output = started.inputReader(StandardCharsets.UTF_8);
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			this.log.add(line);
			// A container's first server may be one for its own set-up, without a port.
			if (READY.matcher(line).find() && isReady()) {
				Thread reader = new Thread(() -> read(output), "server-log");
				reader.setDaemon(true);
				reader.start();
				return;
			}
		}
		started.waitFor();
		close();
		throw new IllegalStateException("the server ended:\n" + String.join("\n", this.log));
	}

	private void read(BufferedReader output) {
		try {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				this.log.add(line);
			}
		}
		catch (IOException ex) {
			// The server has been closed.
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Finds a folder.
	 * @param more folders after those of the PATH
	 * @param programs what the folder must have
	 * @return the first such folder
	 * @throws IllegalStateException if there is none
	 */
	static Path find(List<Path> more, String... programs) {
		return Stream
			.concat(Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, 0)).map(Path::of),
					more.stream())
			.filter((folder) -> Stream.of(programs).allMatch((program) -> Files.isExecutable(folder.resolve(program))))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"no folder on the PATH, nor one of " + more + ", has " + String.join(" and ", programs)));
	}

	static void run(List<String> command) throws IOException, InterruptedException {
		Process process = builder(command).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IllegalStateException(String.join(" ", command) + " ended with:\n" + output);
		}
	}

	private static ProcessBuilder builder(List<String> command) {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			// Nobody may not enter the folder that this JVM works in.
			.directory(new File("/"));
		builder.environment().keySet().removeIf((name) -> name.matches("(?:PG|MYSQL|MARIADB).*"));
		return builder;
	}

	enum Way {

		/**
		 * The programs of this machine.
		 */
		INSTALLED,

		/**
		 * The binaries that the build has as a dependency.
		 */
		EMBEDDED,

		/**
		 * A container.
		 */
		DOCKER

	}

	/**
	 * Makes servers that have not been started.
	 *
	 * @param <S> their type
	 */
	@FunctionalInterface
	interface Factory<S extends Server> {

		S create(Way way, Path folder) throws IOException;

	}

}
