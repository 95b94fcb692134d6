// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.function.Supplier;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientLogins;
import dev.ecssecrets.boot.LoginRefusal;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Logins of one client of a database by JDBC.
 */
final class Logins {

	private final ClientLogins<SQLException> logins;

	private final Supplier<Duration> atMost;

	/**
	 * Creates the logins of a client.
	 * @param client what the log calls it
	 * @param credentials its credentials
	 * @param current returns the current ones, and notes that they are used
	 * @param atMost how long a login may wait for other credentials
	 */
	Logins(Supplier<String> client, ClientCredentials credentials, Supplier<Pair> current, Supplier<Duration> atMost) {
		this.logins = new ClientLogins<>("The database", client, credentials, current, new Failures());
		this.atMost = atMost;
	}

	/**
	 * Logs in, and again while there are other credentials.
	 * @param first the credentials to begin with
	 * @param connector opens a connection
	 * @return the connection
	 * @throws SQLException if there is no connection
	 */
	Connection login(Pair first, Connector connector) throws SQLException {
		ClientLogins<SQLException>.Attempt attempt = this.logins.attempt(first, this.atMost.get());
		for (Pair pair = attempt.next(); pair != null; pair = attempt.next()) {
			try {
				Connection connection = open(pair, connector);
				if (attempt.accepted()) {
					return connection;
				}
				// A pool has retired only the connections that it had.
				JdbcUtils.closeConnection(connection);
			}
			catch (SQLException ex) {
				if (!attempt.refused(ex)) {
					throw ex;
				}
			}
		}
		throw attempt.failure();
	}

	/**
	 * Opens a connection. Databases may have users without a password.
	 */
	@SuppressWarnings("NullAway")
	private static Connection open(Pair pair, Connector connector) throws SQLException {
		return connector.connect(pair.user(), pair.password());
	}

	/**
	 * Failures of drivers.
	 */
	private static final class Failures implements ClientLogins.Failures<SQLException> {

		@Override
		public @Nullable LoginRefusal refusal(SQLException failure) {
			return LoginRefusal.of(failure);
		}

		@Override
		public SQLException wrongPassword(SQLException refusal, String message) {
			return new SQLInvalidAuthorizationSpecException(message, refusal.getSQLState(), refusal.getErrorCode(),
					refusal);
		}

		@Override
		public SQLException unsettled(String message) {
			return new SQLTransientConnectionException(message);
		}

	}

	/**
	 * Opens connections.
	 */
	interface Connector {

		Connection connect(String user, String password) throws SQLException;

	}

}
