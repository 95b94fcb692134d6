// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import javax.sql.DataSource;

/**
 * Database with users and passwords.
 */
public final class Database implements AutoCloseable {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID();

	private final Connection admin;

	public Database() throws SQLException {
		this.admin = DriverManager.getConnection(this.url, "ADMIN", "admin");
	}

	public String url() {
		return this.url;
	}

	public void createUser(String user, String password) throws SQLException {
		execute("CREATE USER " + user + " PASSWORD '" + password + "' ADMIN");
	}

	public void changePassword(String user, String password) throws SQLException {
		execute("ALTER USER " + user + " SET PASSWORD '" + password + "'");
	}

	public void execute(String sql) throws SQLException {
		try (Statement statement = this.admin.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Returns the open connections, each as its user and a number.
	 */
	public Set<String> connections() throws SQLException {
		Set<String> connections = new TreeSet<>();
		try (Statement statement = this.admin.createStatement();
				ResultSet sessions = statement.executeQuery("SELECT USER_NAME || ' ' || SESSION_ID"
						+ " FROM INFORMATION_SCHEMA.SESSIONS WHERE USER_NAME <> 'ADMIN'")) {
			while (sessions.next()) {
				connections.add(sessions.getString(1));
			}
		}
		return connections;
	}

	public static String userOf(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return userOf(connection);
		}
	}

	public static String userOf(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet user = statement.executeQuery("SELECT CURRENT_USER")) {
			user.next();
			return user.getString(1);
		}
	}

	@Override
	public void close() throws SQLException {
		execute("SHUTDOWN");
	}

}
