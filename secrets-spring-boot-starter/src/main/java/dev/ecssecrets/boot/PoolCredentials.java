package dev.ecssecrets.boot;

import java.util.Objects;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.Credentials;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The user and the password of one pool, both read from their properties at the same
 * moment. What is no property stays as the pool was made with.
 */
final class PoolCredentials implements HikariCredentialsProvider {

	private final HikariDataSource pool;

	private final ConfigurableEnvironment environment;

	private final @Nullable String userProperty;

	private final @Nullable String passwordProperty;

	private Credentials lastGood;

	private volatile @Nullable Credentials lastGiven;

	PoolCredentials(HikariDataSource pool, ConfigurableEnvironment environment, @Nullable String userProperty,
			@Nullable String passwordProperty) {
		this.pool = pool;
		this.environment = environment;
		this.userProperty = userProperty;
		this.passwordProperty = passwordProperty;
		this.lastGood = Credentials.of(pool.getUsername(), pool.getPassword());
	}

	/**
	 * Returns the credentials for a connection to be opened. A pool opens one at a time:
	 * if these are other than the last ones, all connections that it has are outdated,
	 * also one that was still being opened when {@link #evictOutdated()} was called.
	 */
	@Override
	public Credentials getCredentials() {
		Credentials credentials = current();
		if (!isOther(credentials, this.lastGiven) || evict()) {
			this.lastGiven = credentials;
		}
		return credentials;
	}

	/**
	 * Retires all connections if the last one was opened with other credentials than the
	 * current ones: idle ones now, others when they are given back.
	 */
	void evictOutdated() {
		if (isOther(current(), this.lastGiven)) {
			evict();
		}
	}

	boolean areCurrent(Credentials credentials) {
		return !isOther(current(), credentials);
	}

	private synchronized Credentials current() {
		EnvironmentSnapshot snapshot = new EnvironmentSnapshot(this.environment);
		String user = (this.userProperty != null) ? snapshot.bind(this.userProperty) : this.lastGood.getUsername();
		String password = (this.passwordProperty != null) ? snapshot.bind(this.passwordProperty)
				: this.lastGood.getPassword();
		if (user != null && (password != null || this.passwordProperty == null)) {
			this.lastGood = Credentials.of(user, password);
		}
		return this.lastGood;
	}

	private static boolean isOther(Credentials current, @Nullable Credentials last) {
		return last != null && !(Objects.equals(current.getUsername(), last.getUsername())
				&& Objects.equals(current.getPassword(), last.getPassword()));
	}

	private boolean evict() {
		HikariPoolMXBean started = this.pool.getHikariPoolMXBean();
		if (started == null) {
			return false;
		}
		started.softEvictConnections();
		return true;
	}

	/**
	 * Where they come from.
	 */
	@Override
	public String toString() {
		return "user from " + ((this.userProperty != null) ? this.userProperty : "the pool's own configuration")
				+ ", password from "
				+ ((this.passwordProperty != null) ? this.passwordProperty : "the pool's own configuration");
	}

}
