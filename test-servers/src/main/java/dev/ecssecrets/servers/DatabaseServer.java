// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * A database server that asks for passwords: the one that is installed, else the one
 * among the dependencies, else one in a container. The system property
 * {@code test-servers} leaves no choice: {@code installed}, {@code embedded} or
 * {@code docker}. It ends with this JVM at the latest.
 */
public abstract sealed class DatabaseServer extends Server permits MariaDb, PostgreSql {

	private static final Map<Engine, DatabaseServer> SHARED = new ConcurrentHashMap<>();

	DatabaseServer(Way way, Path folder) throws IOException {
		super(way, folder);
	}

	/**
	 * Returns the server that all tests of this JVM share, which the first call starts.
	 * With the system property {@code skipTestServers} it aborts the test that calls it.
	 * @param engine its engine
	 * @return the server, which stays open
	 * @throws IllegalStateException if there is none, with what was tried and what to do;
	 * also if tests are to be skipped where the environment variable {@code CI} is set
	 */
	public static DatabaseServer get(Engine engine) {
		return SHARED.computeIfAbsent(engine, DatabaseServer::start);
	}

	private static DatabaseServer start(Engine engine) {
		return start(engine.name(), engine.packages, factory(engine));
	}

	static DatabaseServer start(Engine engine, Way way) {
		return start(engine.name(), way, factory(engine));
	}

	private static Factory<DatabaseServer> factory(Engine engine) {
		return switch (engine) {
			case MARIADB -> MariaDb::new;
			case POSTGRES -> PostgreSql::new;
		};
	}

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
	public abstract Connection connectAsAdmin() throws SQLException;

	/**
	 * Makes a database, and a user of the same name who may do everything in it.
	 * @param name the name
	 * @param password the user's password
	 */
	public abstract void createDatabase(String name, String password) throws SQLException;

	/**
	 * Changes a password.
	 * @param connection of the user or an administrator
	 * @param user the user
	 * @param password the new password
	 */
	public abstract void changePassword(Connection connection, String user, String password) throws SQLException;

	/**
	 * Gives a user a new password and what another user may do. Makes the user if there
	 * is none.
	 * @param admin a connection of an administrator
	 * @param user the user who may do it already
	 * @param clone the user who gets the password
	 * @param password the new password
	 */
	public abstract void cloneUser(Connection admin, String user, String clone, String password) throws SQLException;

	/**
	 * {@return the query for the session that it runs in}
	 */
	public abstract String sessionQuery();

	/**
	 * {@return the query for all sessions of clients in the database that is its
	 * parameter}
	 */
	abstract String sessionsQuery();

	/**
	 * Ends all sessions in a database, as a failover or a restart does.
	 * @param database the database
	 */
	public abstract void endSessions(String database) throws SQLException;

	/**
	 * Returns all sessions in a database.
	 * @param database the database
	 * @return the sessions
	 */
	public List<Session> sessions(String database) throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			return jdbc(admin).sql(sessionsQuery()).param(database).query(Session::read).list();
		}
	}

	/**
	 * {@return a session that was opened after all that there are, and has been closed}
	 */
	public Session newSession() throws SQLException {
		try (Connection admin = connectAsAdmin()) {
			return jdbc(admin).sql(sessionQuery()).query(Session::read).single();
		}
	}

	/**
	 * Counts the logins with a wrong password, by the server's log.
	 * @param user the user
	 * @return how many the server has refused so far; the log is read on another thread,
	 * so the last ones may be missing
	 */
	public long refusedLogins(String user) {
		String refusal = refusal(user);
		return log().filter((line) -> line.contains(refusal)).count();
	}

	/**
	 * Returns what a line of the log contains if a login has been refused.
	 * @param user the user who tried to log in
	 * @return the part of the line
	 */
	abstract String refusal(String user);

	/**
	 * Logs in.
	 * @param database the database
	 * @param user the user
	 * @param password the password
	 * @return the connection, to be closed
	 */
	public Connection connect(String database, String user, String password) throws SQLException {
		return DriverManager.getConnection(url(database), user, password);
	}

	@Override
	Map<String, String> environment() {
		return Map.of(passwordVariable(), adminPassword());
	}

	@Override
	boolean isReady() {
		try (Connection connection = connectAsAdmin()) {
			return connection.isValid(0);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	@Override
	String endSignal() {
		return "QUIT";
	}

	static JdbcClient jdbc(Connection connection) {
		return JdbcClient.create(new SingleConnectionDataSource(connection, true));
	}

	/**
	 * What manages the databases of a server.
	 */
	public enum Engine {

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
		public String key() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/**
	 * A session of a client.
	 *
	 * @param number greater than that of any session that was opened before
	 * @param user who logged in
	 */
	public record Session(long number, String user) {

		/**
		 * Returns whether this session was opened later.
		 * @param other another session of the same server
		 * @return whether this one is the later
		 */
		public boolean isAfter(Session other) {
			return this.number > other.number;
		}

		/**
		 * Reads an answer to {@link DatabaseServer#sessionQuery()}.
		 * @param row where the answer is
		 * @param rowNumber of no use
		 * @return the session
		 */
		public static Session read(ResultSet row, int rowNumber) throws SQLException {
			return new Session(row.getLong(1), row.getString(2));
		}

	}

}
