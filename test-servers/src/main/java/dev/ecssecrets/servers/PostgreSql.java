// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A PostgreSQL.
 */
final class PostgreSql extends DatabaseServer {

	private static final String ADMIN = "admin";

	// PostgreSQL refuses to run as root. This is nobody.
	private static final int USER_ID = 65534;

	// Nothing of it has to survive a crash.
	private static final List<String> SETTINGS = List.of("-c", "fsync=off", "-c", "synchronous_commit=off", "-c",
			"full_page_writes=off");

	// In the order of their starts.
	private static final String SESSION_NUMBER = "(extract(epoch from backend_start) * 1000000)::bigint";

	PostgreSql(Way way, Path folder) throws IOException {
		super(way, folder);
	}

	@Override
	Path installed() throws IOException {
		// Where Debian has them, which puts none of them on the PATH.
		Path versions = Path.of("/usr/lib/postgresql");
		List<Path> newestFirst = new ArrayList<>();
		if (Files.isDirectory(versions)) {
			try (DirectoryStream<Path> found = Files.newDirectoryStream(versions, "[0-9]*")) {
				found.forEach(newestFirst::add);
			}
		}
		newestFirst
			.sort(Comparator.comparing((Path version) -> Double.valueOf(version.getFileName().toString())).reversed());
		newestFirst.replaceAll((version) -> version.resolve("bin"));
		return find(newestFirst, "initdb", "postgres");
	}

	@Override
	Path unpack() throws IOException, InterruptedException {
		String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
		String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
		String name = "postgres-" + system + "-" + architecture + ".txz";
		Path archive = folder().resolve(name);
		try (InputStream stream = PostgreSql.class.getResourceAsStream("/" + name)) {
			if (stream == null) {
				throw new IllegalStateException("no " + name + " on the class path");
			}
			Files.copy(stream, archive);
		}
		run(List.of("tar", "-xJf", archive.toString(), "-C", folder().toString()));
		Files.delete(archive);
		return folder().resolve("bin");
	}

	@Override
	List<String> initialize(Path programs) throws IOException, InterruptedException {
		Path data = folder().resolve("data");
		Path passwordFile = Files.writeString(folder().resolve("password"), adminPassword());
		List<String> user = new ArrayList<>();
		if (Files.getAttribute(folder(), "unix:uid").equals(0)) {
			user.addAll(List.of("setpriv", "--reuid=" + USER_ID, "--regid=" + USER_ID, "--clear-groups"));
			Files.setAttribute(folder(), "unix:uid", USER_ID);
			Files.setAttribute(passwordFile, "unix:uid", USER_ID);
		}
		List<String> initdb = new ArrayList<>(user);
		initdb.addAll(List.of(programs.resolve("initdb").toString(), "--pgdata=" + data, "--username=" + ADMIN,
				"--pwfile=" + passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"));
		run(initdb);
		Files.delete(passwordFile);
		List<String> postgres = new ArrayList<>(user);
		postgres.addAll(List.of(programs.resolve("postgres").toString(), "-D", data.toString(), "-p",
				Integer.toString(port()), "-c", "listen_addresses=" + HOST, "-c", "unix_socket_directories="));
		postgres.addAll(SETTINGS);
		return postgres;
	}

	@Override
	List<String> container(String name) {
		List<String> command = new ArrayList<>(
				List.of("docker", "run", "--rm", "--name", name, "--publish", HOST + ":" + port() + ":5432", "--env",
						"POSTGRES_USER=" + ADMIN, "--env", passwordVariable(), "postgres:18-alpine"));
		command.addAll(SETTINGS);
		return command;
	}

	@Override
	String passwordVariable() {
		return "POSTGRES_PASSWORD";
	}

	@Override
	String url(String database) {
		return "jdbc:postgresql://%s:%d/%s?loginTimeout=10".formatted(HOST, port(), database);
	}

	@Override
	public Connection connectAsAdmin() throws SQLException {
		return connect("postgres", ADMIN, adminPassword());
	}

	@Override
	public void createDatabase(String name, String password) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			execute(admin, "create role %I login password %L", name, password);
			execute(admin, "create database %I owner %I", name, name);
		}
	}

	@Override
	public void changePassword(Connection connection, String user, String password) throws SQLException {
		execute(connection, "alter role %I password %L", user, password);
	}

	@Override
	public void cloneUser(Connection admin, String user, String clone, String password) throws SQLException {
		if (jdbc(admin).sql("select rolname from pg_roles where rolname = ?")
			.param(clone)
			.query()
			.listOfRows()
			.isEmpty()) {
			execute(admin, "create role %I login password %L", clone, password);
			execute(admin, "grant %I to %I", user, clone);
		}
		else {
			changePassword(admin, clone, password);
		}
	}

	@Override
	public String sessionQuery() {
		return "select " + SESSION_NUMBER + ", session_user from pg_stat_get_activity(pg_backend_pid())";
	}

	@Override
	String sessionsQuery() {
		return "select " + SESSION_NUMBER
				+ ", usename from pg_stat_activity where datname = ? and backend_type = 'client backend'";
	}

	@Override
	String refusal(String user) {
		return "password authentication failed for user \"" + user + "\"";
	}

	@Override
	public void endSessions(String database) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			jdbc(admin).sql("""
					select pg_terminate_backend(pid) from pg_stat_activity
					where datname = ? and backend_type = 'client backend'
					""").param(database).query().listOfRows();
		}
	}

	/**
	 * Executes a statement that takes no parameters.
	 * @param connection the connection
	 * @param format the statement with {@code %I} for identifiers and {@code %L} for
	 * texts
	 * @param arguments what to put there, quoted
	 */
	private static void execute(Connection connection, String format, String... arguments) throws SQLException {
		try (PreparedStatement quoting = connection.prepareStatement("select format(?, variadic ?)");
				Statement statement = connection.createStatement()) {
			quoting.setString(1, format);
			quoting.setArray(2, connection.createArrayOf("text", arguments));
			try (ResultSet quoted = quoting.executeQuery()) {
				quoted.next();
				statement.execute(quoted.getString(1));
			}
		}
	}

}
