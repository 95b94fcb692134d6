package dev.ecssecrets.boot.jdbc;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.DriverDataSource;
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

	/**
	 * Class of the SQLStates for invalid authorizations.
	 */
	private static final String INVALID_AUTHORIZATION = "28";

	private static final int RETRIES = 2;

	/**
	 * How many refused logins in a row each refresh early. Later ones do so at intervals:
	 * a password may be wrong for hours, for each task of a service.
	 */
	private static final int EARLY_REFRESHES = 6;

	private static final long REFRESH_INTERVAL = Duration.ofMinutes(1).toNanos();

	private final HikariDataSource pool;

	private final PoolCredentials credentials;

	// Weakly, as credentials refer to their properties.
	private final WeakReference<Consumer<Duration>> earlyRefresh;

	// A pool opens one connection at a time.
	private volatile Refusals refusals = Refusals.NONE;

	/**
	 * Creates a data source for a pool that has not started yet.
	 * @param pool the pool
	 * @param credentials the credentials of the pool
	 * @param earlyRefresh refreshes the secrets; returns when that is done, has failed or
	 * takes longer than the given time. The application keeps it for as long as it exists
	 */
	ReauthenticatingDataSource(HikariDataSource pool, PoolCredentials credentials, Consumer<Duration> earlyRefresh) {
		this.pool = pool;
		this.credentials = credentials;
		this.earlyRefresh = new WeakReference<>(earlyRefresh);
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
		Credentials current = this.credentials.getCredentials();
		return getConnection(current.getUsername(), current.getPassword());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		if (this.pool.getCredentialsProvider() != this.credentials) {
			return super.getConnection(username, password);
		}
		try {
			Connection connection = login(Credentials.of(username, password));
			reportAccepted();
			return connection;
		}
		catch (SQLException ex) {
			if (isRefused(ex)) {
				reportRefused();
			}
			throw ex;
		}
	}

	/**
	 * Logs in, and retries while there are newer credentials.
	 */
	private Connection login(Credentials first) throws SQLException {
		// A caller of the pool waits no longer, and then needs the refusal as the cause.
		long deadline = System.nanoTime() + Duration.ofMillis(this.pool.getConnectionTimeout()).toNanos() / 2;
		Credentials used = first;
		for (int i = 0; i < RETRIES; i++) {
			Connection connection = loginUnlessOutdated(used, deadline);
			if (connection != null) {
				return connection;
			}
			used = this.credentials.getCredentials();
		}
		return super.getConnection(used.getUsername(), used.getPassword());
	}

	/**
	 * Logs in with credentials that are outdated if they have changed by the end, or if
	 * an early refresh replaces them after a refusal.
	 * @return the connection, or {@code null} if the credentials are outdated
	 */
	private @Nullable Connection loginUnlessOutdated(Credentials used, long deadline) throws SQLException {
		try {
			Connection connection = super.getConnection(used.getUsername(), used.getPassword());
			if (this.credentials.areCurrent(used)) {
				return connection;
			}
			// The pool has retired only the connections that it had.
			JdbcUtils.closeConnection(connection);
		}
		catch (SQLException ex) {
			if (!isRefused(ex) || !areReplaced(used, deadline)) {
				throw ex;
			}
		}
		return null;
	}

	private boolean areReplaced(Credentials refused, long deadline) {
		if (this.credentials.areCurrent(refused)) {
			refreshEarly(deadline);
		}
		return !this.credentials.areCurrent(refused);
	}

	private void refreshEarly(long deadline) {
		Refusals before = this.refusals;
		long now = System.nanoTime();
		Consumer<Duration> earlyRefresh = this.earlyRefresh.get();
		if (earlyRefresh != null && deadline - now > 0 && before.allowRefresh(now)) {
			this.refusals = new Refusals(before.count(), now);
			earlyRefresh.accept(Duration.ofNanos(deadline - now));
		}
	}

	private static boolean isRefused(SQLException exception) {
		for (Throwable one : exception) {
			if (one instanceof SQLException ex && ex.getSQLState() != null
					&& ex.getSQLState().startsWith(INVALID_AUTHORIZATION)) {
				return true;
			}
		}
		return false;
	}

	private void reportRefused() {
		Refusals before = this.refusals;
		this.refusals = new Refusals(before.count() + 1, before.lastRefresh());
		if (before.count() == 0) {
			logger.warn("The database refused the login of " + this.pool.getPoolName() + " (" + this.credentials
					+ "), even after an early refresh of the secrets. The pool retries with each new connection");
		}
	}

	private void reportAccepted() {
		Refusals before = this.refusals;
		this.refusals = Refusals.NONE;
		if (before.count() > 0) {
			logger.info("The database accepts the login of " + this.pool.getPoolName() + " again");
		}
	}

	/**
	 * Refused logins since the last accepted one.
	 *
	 * @param count how many there are
	 * @param lastRefresh when one of them last refreshed early, if any did, by the
	 * system's nanoseconds
	 */
	private record Refusals(int count, long lastRefresh) {

		static final Refusals NONE = new Refusals(0, 0);

		boolean allowRefresh(long now) {
			return this.count < EARLY_REFRESHES || now - this.lastRefresh > REFRESH_INTERVAL;
		}

	}

}
