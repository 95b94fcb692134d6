package dev.ecssecrets.boot.jdbc;

import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.Credentials;
import dev.ecssecrets.boot.CredentialProperties;
import org.jspecify.annotations.Nullable;

/**
 * Credentials of one pool. User and password always come from the same snapshot of the
 * secrets; the one that does not come from a property is the pool's own.
 */
final class PoolCredentials implements HikariCredentialsProvider {

	private final HikariDataSource pool;

	private final PropertyNames names;

	// Weakly, as threads that have used a pool refer to it even when it is closed: they
	// must not keep its application.
	private final WeakReference<Supplier<CredentialProperties>> properties;

	// None before the first connection.
	private volatile @Nullable Credentials lastGiven;

	/**
	 * Creates the credentials of a pool.
	 * @param pool the pool
	 * @param names the properties that they come from
	 * @param properties the current properties, which the application keeps for as long
	 * as it exists
	 */
	PoolCredentials(HikariDataSource pool, PropertyNames names, Supplier<CredentialProperties> properties) {
		this.pool = pool;
		this.names = names;
		this.properties = new WeakReference<>(properties);
	}

	/**
	 * Returns the credentials for a connection to be opened. A pool opens one connection
	 * at a time. If the credentials have changed since the last one, all connections of
	 * the pool are outdated, including one that was still being opened when
	 * {@link #evictOutdated()} was called.
	 */
	@Override
	public Credentials getCredentials() {
		Credentials credentials = current();
		if (!isOutdated(this.lastGiven, credentials) || evict()) {
			this.lastGiven = credentials;
		}
		return credentials;
	}

	/**
	 * Retires all connections if the last one was opened with other credentials than the
	 * current ones: idle ones at once, others when they are returned.
	 */
	void evictOutdated() {
		if (isOutdated(this.lastGiven, current())) {
			evict();
		}
	}

	boolean areCurrent(Credentials credentials) {
		return !isOutdated(credentials, current());
	}

	private Credentials current() {
		Supplier<CredentialProperties> supplier = this.properties.get();
		return (supplier != null) ? current(supplier.get()) : lastGiven();
	}

	private Credentials current(CredentialProperties properties) {
		String user = (this.names.user() != null) ? properties.bind(this.names.user()) : this.pool.getUsername();
		String password = (this.names.password() != null) ? properties.bind(this.names.password())
				: this.pool.getPassword();
		boolean complete = user != null && (password != null || this.names.password() == null);
		return complete ? Credentials.of(user, password) : lastGiven();
	}

	private Credentials lastGiven() {
		return Objects.requireNonNullElseGet(this.lastGiven, this.pool::getCredentials);
	}

	private static boolean isOutdated(@Nullable Credentials used, Credentials current) {
		return used != null && !(Objects.equals(used.getUsername(), current.getUsername())
				&& Objects.equals(used.getPassword(), current.getPassword()));
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
		return this.names.toString();
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

		private static final String NONE = "the pool's own configuration";

		boolean referenceSecret(CredentialProperties properties) {
			return (this.user != null && properties.referencesSecret(this.user))
					|| (this.password != null && properties.referencesSecret(this.password));
		}

		@Override
		public String toString() {
			return "user from " + Objects.requireNonNullElse(this.user, NONE) + ", password from "
					+ Objects.requireNonNullElse(this.password, NONE);
		}

	}

}
