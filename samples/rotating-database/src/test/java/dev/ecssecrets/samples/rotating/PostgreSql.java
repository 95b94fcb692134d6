package dev.ecssecrets.samples.rotating;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL that asks for passwords: the one that is installed, else the one among the
 * dependencies, else one in a container. The system property {@code postgresql} with the
 * name of a {@link Way} leaves no choice. It ends with this JVM at the latest.
 */
final class PostgreSql implements AutoCloseable {

	private static final String HOST = "127.0.0.1";

	private static final String ADMIN = "admin";

	// PostgreSQL refuses to run as root. This is nobody.
	private static final int USER_ID = 65534;

	// Nothing of it has to survive a crash.
	private static final List<String> SETTINGS = List.of("-c", "fsync=off", "-c", "synchronous_commit=off", "-c",
			"full_page_writes=off");

	private final Way way;

	private final Path folder;

	private final int port;

	private final String adminPassword;

	private final Process process;

	private final AtomicBoolean closed = new AtomicBoolean();

	private PostgreSql(Way way, Path folder) throws IOException, InterruptedException {
		this.way = way;
		this.folder = folder;
		this.port = freePort();
		this.adminPassword = UUID.randomUUID().toString();
		List<String> command = switch (way) {
			case INSTALLED -> initialize(installed());
			case EMBEDDED -> initialize(unpack());
			case DOCKER -> container();
		};
		ProcessBuilder builder = builder(command);
		builder.environment().put("POSTGRES_PASSWORD", this.adminPassword);
		this.process = builder.start();
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
	}

	/**
	 * Starts a server in the first way that there is.
	 * @return the server, ready for connections
	 * @throws IllegalStateException if there is none, with what was tried and what to do
	 */
	static PostgreSql start() {
		String forced = System.getProperty("postgresql");
		if (forced != null) {
			return start(Way.valueOf(forced.toUpperCase(Locale.ROOT)));
		}
		List<String> tried = new ArrayList<>();
		for (Way way : Way.values()) {
			try {
				return start(way);
			}
			catch (IllegalStateException ex) {
				tried.add("- " + way + ": " + ex.getMessage());
			}
		}
		throw new IllegalStateException("There is no PostgreSQL for the tests. Tried:\n" + String.join("\n", tried)
				+ "\nInstall PostgreSQL (on Debian the package postgresql, and util-linux if you are root), or start Docker");
	}

	/**
	 * Starts a server.
	 * @param way where it is from
	 * @return the server, ready for connections
	 * @throws IllegalStateException if it cannot be started, with the reason
	 */
	static PostgreSql start(Way way) {
		try {
			Path folder = Files.createTempDirectory("postgresql-");
			try {
				PostgreSql server = new PostgreSql(way, folder);
				server.awaitReady();
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

	String host() {
		return HOST;
	}

	int port() {
		return this.port;
	}

	/**
	 * Logs in as a user who may do everything.
	 * @param database the database
	 * @return the connection, to be closed
	 */
	Connection connectAsAdmin(String database) throws SQLException {
		return connect(database, ADMIN, this.adminPassword);
	}

	/**
	 * Logs in.
	 * @param database the database
	 * @param user the user
	 * @param password the password
	 * @return the connection, to be closed
	 */
	Connection connect(String database, String user, String password) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", user);
		properties.setProperty("password", password);
		properties.setProperty("loginTimeout", "10");
		return DriverManager.getConnection("jdbc:postgresql://" + HOST + ":" + this.port + "/" + database, properties);
	}

	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		try {
			if (this.process.isAlive()) {
				// The signals that the JDK sends would not reach the container, wait for
				// all clients, or leave shared memory behind.
				run((this.way == Way.DOCKER) ? List.of("docker", "rm", "--force", containerName())
						: List.of("kill", "-QUIT", Long.toString(this.process.pid())));
			}
			if (!this.process.waitFor(10, TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
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

	private void awaitReady() throws IOException {
		BufferedReader log = this.process.inputReader(StandardCharsets.UTF_8);
		StringBuilder lines = new StringBuilder();
		for (String line = log.readLine(); line != null; line = log.readLine()) {
			lines.append('\n').append(line);
			// The container's first server is one for its own set-up, without a port.
			if (line.contains("ready to accept connections") && isReady()) {
				Thread drain = new Thread(() -> drain(log), "postgresql-log");
				drain.setDaemon(true);
				drain.start();
				return;
			}
		}
		close();
		throw new IllegalStateException("the server ended:" + lines);
	}

	private boolean isReady() {
		try (Connection connection = connectAsAdmin("postgres")) {
			return connection.isValid(0);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private static void drain(BufferedReader log) {
		try {
			log.transferTo(Writer.nullWriter());
		}
		catch (IOException ex) {
			// The server has been closed.
		}
	}

	/**
	 * Makes an empty database cluster.
	 * @param binaries the folder with PostgreSQL's programs
	 * @return the command that serves it
	 */
	private List<String> initialize(Path binaries) throws IOException, InterruptedException {
		Path data = this.folder.resolve("data");
		Path passwordFile = Files.writeString(this.folder.resolve("password"), this.adminPassword);
		List<String> user = new ArrayList<>();
		if (Files.getAttribute(this.folder, "unix:uid").equals(0)) {
			user.addAll(List.of("setpriv", "--reuid=" + USER_ID, "--regid=" + USER_ID, "--clear-groups"));
			Files.setAttribute(this.folder, "unix:uid", USER_ID);
			Files.setAttribute(passwordFile, "unix:uid", USER_ID);
		}
		List<String> initdb = new ArrayList<>(user);
		initdb.addAll(List.of(binaries.resolve("initdb").toString(), "--pgdata=" + data, "--username=" + ADMIN,
				"--pwfile=" + passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"));
		run(initdb);
		Files.delete(passwordFile);
		List<String> postgres = new ArrayList<>(user);
		postgres.addAll(List.of(binaries.resolve("postgres").toString(), "-D", data.toString(), "-p",
				Integer.toString(this.port), "-c", "listen_addresses=" + HOST, "-c", "unix_socket_directories="));
		postgres.addAll(SETTINGS);
		return postgres;
	}

	private static Path installed() throws IOException {
		List<Path> folders = new ArrayList<>();
		for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, 0)) {
			folders.add(Path.of(folder));
		}
		// Where Debian has them, which puts none of them on the PATH.
		Path versions = Path.of("/usr/lib/postgresql");
		if (Files.isDirectory(versions)) {
			try (DirectoryStream<Path> found = Files.newDirectoryStream(versions, "[0-9]*")) {
				List<Path> newestFirst = new ArrayList<>();
				found.forEach(newestFirst::add);
				newestFirst
					.sort(Comparator.comparing((Path version) -> Double.valueOf(version.getFileName().toString()))
						.reversed());
				newestFirst.forEach((version) -> folders.add(version.resolve("bin")));
			}
		}
		return folders.stream()
			.filter((folder) -> Files.isExecutable(folder.resolve("initdb"))
					&& Files.isExecutable(folder.resolve("postgres")))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"neither on the PATH nor under " + versions + " are initdb and postgres"));
	}

	private Path unpack() throws IOException, InterruptedException {
		String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
		String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
		String name = "postgres-" + system + "-" + architecture + ".txz";
		Path archive = this.folder.resolve(name);
		try (InputStream stream = PostgreSql.class.getResourceAsStream("/" + name)) {
			if (stream == null) {
				throw new IllegalStateException("no " + name + " on the class path");
			}
			Files.copy(stream, archive);
		}
		run(List.of("tar", "-xJf", archive.toString(), "-C", this.folder.toString()));
		Files.delete(archive);
		return this.folder.resolve("bin");
	}

	private List<String> container() {
		List<String> command = new ArrayList<>(List.of("docker", "run", "--rm", "--name", containerName(), "--publish",
				HOST + ":" + this.port + ":5432", "--env", "POSTGRES_USER=" + ADMIN, "--env", "POSTGRES_PASSWORD",
				"postgres:18-alpine"));
		command.addAll(SETTINGS);
		return command;
	}

	private String containerName() {
		return this.folder.getFileName().toString();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static void run(List<String> command) throws IOException, InterruptedException {
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
		builder.environment().keySet().removeIf((name) -> name.startsWith("PG"));
		return builder;
	}

	enum Way {

		/**
		 * {@code initdb} and {@code postgres} of this machine.
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

}
