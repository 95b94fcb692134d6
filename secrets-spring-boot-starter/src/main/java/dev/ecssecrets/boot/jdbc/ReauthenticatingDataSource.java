package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Data source of a pool that retries a refused login with newer credentials. The pool
 * itself reports no refused login, and waits longer after each failure.
 */
final class ReauthenticatingDataSource extends DelegatingDataSource {

	private static final Log logger = LogFactory.getLog(ReauthenticatingDataSource.class);

	// Another snapshot, a pending version, and what a load brings.
	private static final int ATTEMPTS = 4;

	private final HikariDataSource pool;

	private final PoolCredentials credentials;

	// The last one since a login was accepted. A pool opens one connection at a time.
	private volatile @Nullable SQLException refusal;

	/**
	 * Creates a data source for a pool that has not started yet.
	 * @param pool the pool
	 * @param credentials the credentials of the pool
	 */
	ReauthenticatingDataSource(HikariDataSource pool, PoolCredentials credentials) {
		this.pool = pool;
		this.credentials = credentials;
		if (pool.getDataSource() != null) {
			setTargetDataSource(pool.getDataSource());
		}
	}

	/**
	 * Returns the pool's own data source, or else the one that the pool would create, as
	 * late as the pool would: its configuration may change until it starts.
	 */
	@Override
	public DataSource getTargetDataSource() {
		DataSource target = target();
		// Looks for a driver, which is foreign code: without the lock.
		return (target != null) ? target
				: keepFirst(new DriverDataSource(this.pool.getJdbcUrl(), this.pool.getDriverClassName(),
						this.pool.getDataSourceProperties(), this.pool.getUsername(), this.pool.getPassword()));
	}

	private synchronized @Nullable DataSource target() {
		return super.getTargetDataSource();
	}

	private synchronized DataSource keepFirst(DataSource created) {
		DataSource first = super.getTargetDataSource();
		if (first == null) {
			setTargetDataSource(created);
		}
		return (first != null) ? first : created;
	}

	@Override
	public Connection getConnection() throws SQLException {
		return login(this.credentials.give());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return (this.pool.getCredentialsProvider() == this.credentials) ? login(new Pair(username, password))
				: super.getConnection(username, password);
	}

	/**
	 * Logs in, and again while there are other credentials. A caller of the pool waits
	 * twice as long, and then needs the refusal as the cause.
	 */
	private Connection login(Pair first) throws SQLException {
		ClientCredentials credentials = this.credentials.credentials();
		long deadline = System.nanoTime() + Duration.ofMillis(this.pool.getConnectionTimeout()).toNanos() / 2;
		SQLException before = this.refusal;
		SQLException refused = before;
		Pair used = first;
		for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
			Pair next;
			if (!credentials.mayTry(used) && refused != null) {
				next = instead(used, refused, deadline);
			}
			else {
				try {
					Connection connection = open(used);
					credentials.accepted(used);
					next = this.credentials.give();
					if (next.equals(used)) {
						reportAccepted(before, refused);
						return connection;
					}
					// The pool has retired only the connections that it had.
					JdbcUtils.closeConnection(connection);
				}
				catch (SQLException ex) {
					refused = refused(used, ex);
					next = instead(used, ex, deadline);
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
	private Connection open(Pair pair) throws SQLException {
		return super.getConnection(pair.user(), pair.password());
	}

	/**
	 * Notes a refused login.
	 * @return the refusal
	 * @throws SQLException any other failure
	 */
	private SQLException refused(Pair used, SQLException failure) throws SQLException {
		LoginRefusal refusal = LoginRefusal.of(failure);
		if (refusal == null) {
			throw failure;
		}
		if (refusal != LoginRefusal.OTHER) {
			this.credentials.credentials().refused(used);
			this.refusal = failure;
		}
		return failure;
	}

	/**
	 * Returns the pair to try next. Only a wrong password is worth a call.
	 */
	private @Nullable Pair instead(Pair used, SQLException refused, long deadline) {
		boolean wrong = LoginRefusal.of(refused) == LoginRefusal.WRONG_PASSWORD;
		long left = wrong ? Math.max(deadline - System.nanoTime(), 0) : 0;
		return this.credentials.credentials().instead(used, wrong, Duration.ofNanos(left));
	}

	/**
	 * Returns the failure of the pool's attempt, and reports the first one.
	 */
	private SQLException failure(@Nullable SQLException before, @Nullable SQLException refused) {
		if (refused == null) {
			return new SQLTransientConnectionException("The credentials change faster than a login takes");
		}
		LoginRefusal refusal = LoginRefusal.of(refused);
		boolean first = before == null || LoginRefusal.of(before) != refusal;
		if (first && refusal == LoginRefusal.LOCKED) {
			logger.error(login("has locked the account of") + ". Unlock it. The pool tries it again when the secret "
					+ "changes, and once after 1, 5 and 10 minutes");
		}
		if (refusal != LoginRefusal.WRONG_PASSWORD) {
			return refused;
		}
		if (first) {
			logger.warn(login("refused the login of") + ", and the secrets had no other value. They may be rotating: "
					+ "the pool loads them again until they change"
					+ (this.credentials.triesPending() ? ""
							: ". To log in with the version that is pending meanwhile, set "
									+ "ecs-secrets.refresh.pending to true"));
		}
		return new SQLInvalidAuthorizationSpecException(
				refused.getMessage() + ". The secret may be rotating: it had no other value until "
						+ Instant.now().truncatedTo(ChronoUnit.SECONDS),
				refused.getSQLState(), refused.getErrorCode(), refused);
	}

	private String login(String what) {
		return "The database " + what + " " + this.pool.getPoolName() + " (" + this.credentials + ")";
	}

	private void reportAccepted(@Nullable SQLException before, @Nullable SQLException refused) {
		this.refusal = null;
		if (refused != null && this.credentials.credentials().isPending()) {
			logger.info("The database refused the current password of " + this.pool.getPoolName()
					+ ", and accepts the one of the pending version");
		}
		else if (before != null) {
			logger.info("The database accepts the login of " + this.pool.getPoolName() + " again");
		}
	}

}
