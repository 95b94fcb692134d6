package dev.ecssecrets.boot;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.DriverDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Opens the connections of a pool. The pool itself tells nobody that a log-in is refused,
 * and pauses for longer and longer after each failure.
 */
final class RotatingDataSource extends DelegatingDataSource {

	private static final Log logger = LogFactory.getLog(RotatingDataSource.class);

	// SQL's class of invalid authorizations.
	private static final String REFUSED = "28";

	private static final int ATTEMPTS = 3;

	private static final int EARLY_REFRESHES = 6;

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private final HikariDataSource pool;

	private final PoolCredentials credentials;

	private final Consumer<Duration> earlyRefresh;

	private final AtomicInteger refusals = new AtomicInteger();

	private volatile long lastEarlyRefresh;

	/**
	 * Creates one for a pool that is not started yet.
	 * @param pool the pool
	 * @param credentials its credentials
	 * @param earlyRefresh returns as soon as secrets have been fetched anew, or cannot be
	 * in the time that it is given
	 */
	RotatingDataSource(HikariDataSource pool, PoolCredentials credentials, Consumer<Duration> earlyRefresh) {
		this.pool = pool;
		this.credentials = credentials;
		this.earlyRefresh = earlyRefresh;
		if (pool.getDataSource() != null) {
			setTargetDataSource(pool.getDataSource());
		}
	}

	/**
	 * By default it is the one that the pool would have made itself, and made as late:
	 * the pool's configuration may still change.
	 */
	@Override
	public synchronized DataSource getTargetDataSource() {
		DataSource target = super.getTargetDataSource();
		if (target == null) {
			target = new DriverDataSource(this.pool.getJdbcUrl(), this.pool.getDriverClassName(),
					this.pool.getDataSourceProperties(), this.pool.getUsername(), this.pool.getPassword());
			setTargetDataSource(target);
		}
		return target;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Credentials current = this.credentials.getCredentials();
		return getConnection(current.getUsername(), current.getPassword());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		if (this.pool.getCredentialsProvider() != this.credentials) {
			return super.getConnection(username, password);
		}
		Credentials used = Credentials.of(username, password);
		boolean refreshed = false;
		for (int attempt = 1;; attempt++) {
			try {
				Connection connection = super.getConnection(used.getUsername(), used.getPassword());
				if (this.credentials.areCurrent(used) || attempt == ATTEMPTS) {
					accepted();
					return connection;
				}
				// They changed meanwhile, and the pool has retired only what it had.
				JdbcUtils.closeConnection(connection);
			}
			catch (SQLException ex) {
				if (!isRefused(ex)) {
					throw ex;
				}
				if (this.credentials.areCurrent(used) && !refreshed) {
					refreshEarly();
					refreshed = true;
				}
				if (this.credentials.areCurrent(used) || attempt == ATTEMPTS) {
					refused();
					throw ex;
				}
			}
			used = this.credentials.getCredentials();
		}
	}

	/**
	 * Seldom where it is of no use: the password may be wrong for hours, for each task of
	 * a service.
	 */
	private void refreshEarly() {
		long now = System.nanoTime();
		if (this.refusals.get() < EARLY_REFRESHES || now - this.lastEarlyRefresh > PAUSE.toNanos()) {
			this.lastEarlyRefresh = now;
			// Not longer: who waits for the connection shall be told of the refusal.
			this.earlyRefresh.accept(Duration.ofMillis(this.pool.getConnectionTimeout() / 2));
		}
	}

	private static boolean isRefused(SQLException exception) {
		for (Throwable one : exception) {
			if (one instanceof SQLException ex && ex.getSQLState() != null && ex.getSQLState().startsWith(REFUSED)) {
				return true;
			}
		}
		return false;
	}

	private void refused() {
		if (this.refusals.getAndIncrement() == 0) {
			logger.warn("The database refuses the log-in of " + this.pool.getPoolName() + " (" + this.credentials
					+ "), also after an early refresh of the secrets. Each new connection tries again");
		}
	}

	private void accepted() {
		if (this.refusals.getAndSet(0) > 0) {
			logger.info("The database accepts the log-in of " + this.pool.getPoolName() + " again");
		}
	}

}
