package dev.ecssecrets.boot;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import javax.sql.DataSource;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * A database with users and passwords, and the secrets that applications know them by.
 */
final class Database implements AutoCloseable {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID();

	private final Connection admin;

	Database() throws SQLException {
		this.admin = DriverManager.getConnection(this.url, "ADMIN", "admin");
	}

	String url() {
		return this.url;
	}

	void createUser(String user, String password) throws SQLException {
		execute("CREATE USER " + user + " PASSWORD '" + password + "' ADMIN");
	}

	void changePassword(String user, String password) throws SQLException {
		execute("ALTER USER " + user + " SET PASSWORD '" + password + "'");
	}

	void execute(String sql) throws SQLException {
		try (Statement statement = this.admin.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Returns the open connections, each as its user and a number.
	 */
	Set<String> connections() throws SQLException {
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

	static String userOf(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return userOf(connection);
		}
	}

	static String userOf(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet user = statement.executeQuery("SELECT CURRENT_USER")) {
			user.next();
			return user.getString(1);
		}
	}

	/**
	 * Gives the environment these secrets instead of the ones that it has.
	 */
	static void secrets(ConfigurableEnvironment environment, Map<String, String> secrets) {
		MutablePropertySources sources = environment.getPropertySources();
		SystemEnvironmentPropertySource source = new SystemEnvironmentPropertySource(SecretsPropertySource.NAME,
				new HashMap<>(secrets));
		if (sources.contains(source.getName())) {
			sources.replace(source.getName(), source);
		}
		else {
			sources.addAfter(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, source);
		}
	}

	@Override
	public void close() throws SQLException {
		execute("SHUTDOWN");
	}

}
