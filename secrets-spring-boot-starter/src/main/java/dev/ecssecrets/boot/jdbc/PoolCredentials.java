// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.Credentials;
import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.CredentialProperties;
import org.jspecify.annotations.Nullable;

/**
 * Credentials of one pool, which retires its connections when they change.
 */
final class PoolCredentials implements HikariCredentialsProvider {

	private final HikariDataSource pool;

	private final ClientCredentials credentials;

	// None before the first connection.
	private volatile @Nullable Pair lastGiven;

	/**
	 * Creates the credentials of a pool.
	 * @param pool the pool
	 * @param names the properties that they come from
	 * @param source the secrets, which the application keeps for as long as it exists
	 */
	PoolCredentials(HikariDataSource pool, PropertyNames names, Source source) {
		this.pool = pool;
		this.credentials = new ClientCredentials(source, names.user(), names.password(), this::own);
	}

	private Pair own() {
		Pair lastGiven = this.lastGiven;
		Credentials own = this.pool.getCredentials();
		return (lastGiven != null) ? lastGiven : new Pair(own.getUsername(), own.getPassword());
	}

	ClientCredentials credentials() {
		return this.credentials;
	}

	/**
	 * Returns the credentials for a connection to be opened. A pool opens one connection
	 * at a time. If the credentials have changed since the last one, all connections of
	 * the pool are outdated, including one that was still being opened when
	 * {@link #evictOutdated()} was called.
	 */
	@Override
	public Credentials getCredentials() {
		Pair pair = give();
		return Credentials.of(pair.user(), pair.password());
	}

	Pair give() {
		Pair pair = this.credentials.current();
		if (!isOutdated(this.lastGiven, pair) || evict()) {
			this.lastGiven = pair;
		}
		return pair;
	}

	/**
	 * Retires all connections if the last one was opened with other credentials than the
	 * current ones: idle ones at once, others when they are returned.
	 */
	void evictOutdated() {
		if (isOutdated(this.lastGiven, this.credentials.current())) {
			evict();
		}
	}

	private static boolean isOutdated(@Nullable Pair used, Pair current) {
		return used != null && !used.equals(current);
	}

	/**
	 * Retires all connections, once the pool has started.
	 */
	private boolean evict() {
		HikariPoolMXBean started = this.pool.getHikariPoolMXBean();
		if (started == null) {
			return false;
		}
		started.softEvictConnections();
		return true;
	}

	/**
	 * Returns where the credentials come from.
	 */
	@Override
	public String toString() {
		return this.credentials.toString();
	}

	/**
	 * Properties that the credentials of a pool come from.
	 *
	 * @param user the name of the property, or {@code null} if the pool's user comes from
	 * none
	 * @param password the name of the property, or {@code null} if the pool's password
	 * comes from none
	 */
	record PropertyNames(@Nullable String user, @Nullable String password) {

		boolean referenceSecret(CredentialProperties properties) {
			return (this.user != null && properties.referencesSecret(this.user))
					|| (this.password != null && properties.referencesSecret(this.password));
		}

	}

}
