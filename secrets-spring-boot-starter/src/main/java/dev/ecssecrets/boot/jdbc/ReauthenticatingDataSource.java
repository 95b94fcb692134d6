// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Data source of a pool that retries a refused login with newer credentials. The pool
 * itself reports no refused login, and waits longer after each failure.
 */
final class ReauthenticatingDataSource extends DelegatingDataSource {

	private final HikariDataSource pool;

	private final PoolCredentials credentials;

	private final Logins logins;

	/**
	 * Creates a data source for a pool that has not started yet.
	 * @param pool the pool
	 * @param credentials the credentials of the pool
	 */
	ReauthenticatingDataSource(HikariDataSource pool, PoolCredentials credentials) {
		this.pool = pool;
		this.credentials = credentials;
		// A caller of the pool waits twice as long, and then needs the refusal as the
		// cause.
		this.logins = new Logins(pool::getPoolName, credentials.credentials(), credentials::give,
				() -> Duration.ofMillis(pool.getConnectionTimeout()).dividedBy(2));
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
		return this.logins.login(this.credentials.give(), super::getConnection);
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return (this.pool.getCredentialsProvider() == this.credentials)
				? this.logins.login(new Pair(username, password), super::getConnection)
				: super.getConnection(username, password);
	}

}
