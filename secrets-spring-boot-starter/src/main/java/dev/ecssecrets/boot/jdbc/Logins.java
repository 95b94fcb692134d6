package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * Logins of one client of a database. A refused one is tried with other credentials. A
 * pool itself reports no refused login, and waits longer after each failure.
 */
final class Logins {

	private static final Log logger = LogFactory.getLog(Logins.class);

	// Another snapshot, a pending version, and what a load brings.
	private static final int ATTEMPTS = 4;

	private final Supplier<String> client;

	private final ClientCredentials credentials;

	private final Supplier<Pair> current;

	private final Supplier<Duration> atMost;

	// The last one since a login was accepted. A pool opens one connection at a time.
	private volatile @Nullable Refused last;

	/**
	 * Creates the logins of a client.
	 * @param client what the log calls it
	 * @param credentials its credentials
	 * @param current returns the current ones, and notes that they are used
	 * @param atMost how long a login may wait for other credentials
	 */
	Logins(Supplier<String> client, ClientCredentials credentials, Supplier<Pair> current, Supplier<Duration> atMost) {
		this.client = client;
		this.credentials = credentials;
		this.current = current;
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
		ClientCredentials credentials = this.credentials;
		long deadline = System.nanoTime() + this.atMost.get().toNanos();
		Refused before = this.last;
		Refused refused = before;
		Pair used = first;
		for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
			Pair next;
			if (!credentials.mayTry(used) && refused != null) {
				next = instead(used, refused, deadline);
			}
			else {
				try {
					Connection connection = open(used, connector);
					credentials.accepted(used);
					next = this.current.get();
					if (next.equals(used)) {
						reportAccepted(before, refused);
						return connection;
					}
					// A pool has retired only the connections that it had.
					JdbcUtils.closeConnection(connection);
				}
				catch (SQLException ex) {
					refused = refused(used, ex);
					next = instead(used, refused, deadline);
				}
			}
			if (next == null) {
				break;
			}
			used = next;
		}
		throw failure(before, refused);
	}

	/**
	 * Opens a connection. Databases may have users without a password.
	 */
	@SuppressWarnings("NullAway")
	private static Connection open(Pair pair, Connector connector) throws SQLException {
		return connector.connect(pair.user(), pair.password());
	}

	/**
	 * Notes a refused login.
	 * @return the refusal
	 * @throws SQLException any other failure
	 */
	private Refused refused(Pair used, SQLException failure) throws SQLException {
		LoginRefusal kind = LoginRefusal.of(failure);
		if (kind == null) {
			throw failure;
		}
		Refused refused = new Refused(kind, failure);
		if (kind == LoginRefusal.WRONG_PASSWORD) {
			this.credentials.refused(used);
			this.last = refused;
		}
		else if (kind == LoginRefusal.LOCKED) {
			this.credentials.locked(used);
			this.last = refused;
		}
		return refused;
	}

	/**
	 * Returns the pair to try next. Only a wrong password is worth a call.
	 */
	private @Nullable Pair instead(Pair used, Refused refused, long deadline) {
		boolean wrong = refused.kind() == LoginRefusal.WRONG_PASSWORD;
		long left = wrong ? Math.max(deadline - System.nanoTime(), 0) : 0;
		return this.credentials.instead(used, wrong, Duration.ofNanos(left));
	}

	/**
	 * Returns the failure of an attempt, and reports the first one.
	 */
	private SQLException failure(@Nullable Refused before, @Nullable Refused refused) {
		if (refused == null) {
			return new SQLTransientConnectionException("The credentials change faster than a login takes");
		}
		boolean first = before == null || before.kind() != refused.kind();
		if (first && refused.kind() == LoginRefusal.LOCKED) {
			logger.error(login("has locked the account of") + ". Unlock it. It is tried again when the secret "
					+ "changes, and once after 1, 5 and 10 minutes");
		}
		SQLException failure = refused.failure();
		if (refused.kind() != LoginRefusal.WRONG_PASSWORD) {
			return failure;
		}
		if (first) {
			logger.warn(login("refused the login of") + ", and the secrets had no other value. They may be rotating, "
					+ "and are loaded again until they change"
					+ (this.credentials.triesPending() ? ""
							: ". To log in with the version that is pending meanwhile, set "
									+ "ecs-secrets.refresh.pending to true"));
		}
		return new SQLInvalidAuthorizationSpecException(
				failure.getMessage() + ". The secret may be rotating: it had no other value until "
						+ Instant.now().truncatedTo(ChronoUnit.SECONDS),
				failure.getSQLState(), failure.getErrorCode(), failure);
	}

	private String login(String what) {
		return "The database " + what + " " + this.client.get() + " (" + this.credentials + ")";
	}

	private void reportAccepted(@Nullable Refused before, @Nullable Refused refused) {
		this.last = null;
		if (refused != null && this.credentials.isPending()) {
			logger.info("The database refused the current password of " + this.client.get()
					+ ", and accepts the one of the pending version");
		}
		else if (before != null) {
			logger.info("The database accepts the login of " + this.client.get() + " again");
		}
	}

	/**
	 * Refused login.
	 *
	 * @param kind how it was refused
	 * @param failure the failure of the driver
	 */
	private record Refused(LoginRefusal kind, SQLException failure) {

	}

	/**
	 * Opens connections.
	 */
	interface Connector {

		Connection connect(String user, String password) throws SQLException;

	}

}
