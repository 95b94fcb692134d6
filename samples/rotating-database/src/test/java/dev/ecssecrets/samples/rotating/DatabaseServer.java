package dev.ecssecrets.samples.rotating;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * A server that asks for passwords: the one that is installed, else the one among the
 * dependencies, else one in a container. The system property {@code database-server} with
 * the name of a {@link Way} leaves no choice. It ends with this JVM at the latest.
 */
abstract sealed class DatabaseServer implements AutoCloseable permits MariaDb, PostgreSql {

	static final String HOST = "127.0.0.1";

	private static final Map<Engine, DatabaseServer> SHARED = new ConcurrentHashMap<>();

	private static final Pattern READY = Pattern.compile("ready (?:to accept|for) connections");

	private final Way way;

	private final Path folder;

	private final int port;

	private final String adminPassword = UUID.randomUUID().toString();

	private final AtomicBoolean closed = new AtomicBoolean();

	private Process process;

	DatabaseServer(Way way, Path folder) throws IOException {
		this.way = way;
		this.folder = folder;
		this.port = freePort();
	}

	/**
	 * Returns the server that all tests share, from the first way that there is.
	 * @param engine its engine
	 * @return the server, which stays open
	 * @throws IllegalStateException if there is none, with what was tried and what to do
	 */
	static DatabaseServer get(Engine engine) {
		return SHARED.computeIfAbsent(engine, DatabaseServer::start);
	}

	private static DatabaseServer start(Engine engine) {
		String forced = System.getProperty("database-server");
		if (forced != null) {
			return start(engine, Way.valueOf(forced.toUpperCase(Locale.ROOT)));
		}
		List<String> tried = new ArrayList<>();
		for (Way way : Way.values()) {
			try {
				return start(engine, way);
			}
			catch (IllegalStateException ex) {
				tried.add("- " + way + ": " + ex.getMessage());
			}
		}
		throw new IllegalStateException(
				"There is no %1$s for the tests. Tried:%n%2$s%nInstall %1$s (on Debian %3$s), or start Docker"
					.formatted(engine, String.join("\n", tried), engine.packages));
	}

	/**
	 * Starts a server.
	 * @param engine its engine
	 * @param way where it is from
	 * @return the server, ready for connections
	 * @throws IllegalStateException if it cannot be started, with the reason
	 */
	static DatabaseServer start(Engine engine, Way way) {
		try {
			Path folder = Files.createTempDirectory(engine.key() + "-");
			try {
				DatabaseServer server = switch (engine) {
					case MARIADB -> new MariaDb(way, folder);
					case POSTGRES -> new PostgreSql(way, folder);
				};
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

	private void launch() throws IOException, InterruptedException {
		List<String> command = switch (this.way) {
			case INSTALLED -> initialize(installed());
			case EMBEDDED -> initialize(unpack());
			case DOCKER -> container(this.folder.getFileName().toString());
		};
		ProcessBuilder builder = builder(command);
		builder.environment().put(passwordVariable(), this.adminPassword);
		this.process = builder.start();
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
		awaitReady();
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
	 * Makes the files of a server that has no databases yet.
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
	 * {@return the variable from which a container has the administrator's password}
	 */
	abstract String passwordVariable();

	/**
	 * Returns the URL of a database.
	 * @param database the database
	 * @return the URL, with a time limit for logins
	 */
	abstract String url(String database);

	/**
	 * Logs in as a user who may do everything.
	 * @return the connection, to be closed
	 */
	abstract Connection connectAsAdmin() throws SQLException;

	/**
	 * Makes a database, and a user of the same name who may do everything in it.
	 * @param name the name
	 * @param password the user's password
	 */
	abstract void createDatabase(String name, String password) throws SQLException;

	/**
	 * Changes a password.
	 * @param connection of the user or an administrator
	 * @param user the user
	 * @param password the new password
	 */
	abstract void changePassword(Connection connection, String user, String password) throws SQLException;

	/**
	 * Gives a user a new password and what another user may do. Makes the user if there
	 * is none.
	 * @param admin a connection of an administrator
	 * @param user the user who may do it already
	 * @param clone the user who gets the password
	 * @param password the new password
	 */
	abstract void cloneUser(Connection admin, String user, String clone, String password) throws SQLException;

	/**
	 * {@return the query for the session that it runs in}
	 */
	abstract String sessionQuery();

	/**
	 * {@return the query for all sessions of clients in the database that is its
	 * parameter}
	 */
	abstract String sessionsQuery();

	/**
	 * Ends all sessions in a database, as a failover or a restart does.
	 * @param database the database
	 */
	abstract void endSessions(String database) throws SQLException;

	/**
	 * Returns all sessions in a database.
	 * @param database the database
	 * @return the sessions
	 */
	List<Session> sessions(String database) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			return jdbc(admin).sql(sessionsQuery()).param(database).query(Session::read).list();
		}
	}

	/**
	 * {@return a session that was opened after all that there are, and has been closed}
	 */
	Session newSession() throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			return jdbc(admin).sql(sessionQuery()).query(Session::read).single();
		}
	}

	/**
	 * Logs in.
	 * @param database the database
	 * @param user the user
	 * @param password the password
	 * @return the connection, to be closed
	 */
	Connection connect(String database, String user, String password) throws SQLException {
		return DriverManager.getConnection(url(database), user, password);
	}

	String host() {
		return HOST;
	}

	int port() {
		return this.port;
	}

	Path folder() {
		return this.folder;
	}

	String adminPassword() {
		return this.adminPassword;
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
				run((this.way == Way.DOCKER) ? List.of("docker", "rm", "--force", this.folder.getFileName().toString())
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

	private void awaitReady() throws IOException, InterruptedException {
		BufferedReader log = this.process.inputReader(StandardCharsets.UTF_8);
		StringBuilder lines = new StringBuilder();
		for (String line = log.readLine(); line != null; line = log.readLine()) {
			lines.append('\n').append(line);
			// The container's first server is one for its own set-up, without a port.
			if (READY.matcher(line).find() && isReady()) {
				Thread drain = new Thread(() -> drain(log), "database-log");
				drain.setDaemon(true);
				drain.start();
				return;
			}
		}
		this.process.waitFor();
		close();
		throw new IllegalStateException("the server ended:" + lines);
	}

	private boolean isReady() {
		try (Connection connection = connectAsAdmin()) {
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

	static JdbcClient jdbc(Connection connection) {
		return JdbcClient.create(new SingleConnectionDataSource(connection, true));
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

	enum Engine {

		/**
		 * MariaDB.
		 */
		MARIADB("the package mariadb-server"),

		/**
		 * PostgreSQL.
		 */
		POSTGRES("the package postgresql, and util-linux if you are root");

		private final String packages;

		Engine(String packages) {
			this.packages = packages;
		}

		/**
		 * {@return the name of the engine in a secret}
		 */
		String key() {
			return name().toLowerCase(Locale.ROOT);
		}

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
	 * A session of a client.
	 *
	 * @param number greater than that of any session that was opened before
	 * @param user who logged in
	 */
	record Session(long number, String user) {

		boolean isAfter(Session other) {
			return this.number > other.number;
		}

		static Session read(ResultSet row, int rowNumber) throws SQLException {
			return new Session(row.getLong(1), row.getString(2));
		}

	}

}
