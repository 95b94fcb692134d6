// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.boot.jdbc.PoolCredentials.PropertyNames;

/**
 * Lets pools follow their secrets that are made by hand: pools that are not beans, or
 * whose user and password are not bound to properties of their own. It is a bean where
 * secrets are declared and HikariCP is there.
 *
 * @since 0.1.0
 */
public final class SecretsPools {

	private final PoolCredentialsBeanPostProcessor pools;

	SecretsPools(PoolCredentialsBeanPostProcessor pools) {
		this.pools = pools;
	}

	/**
	 * Makes a pool log in with the user and the password that two properties have, and
	 * follow the secrets that these come from, whether clients follow by default or not.
	 * @param pool the pool, before its first connection
	 * @param userProperty the name of the property that has the user, such as
	 * {@code reports.user}
	 * @param passwordProperty the name of the property that has the password
	 * @throws IllegalStateException if the pool has started
	 */
	public void follow(HikariDataSource pool, String userProperty, String passwordProperty) {
		if (pool.getHikariPoolMXBean() != null) {
			throw new IllegalStateException("The pool " + pool.getPoolName()
					+ " has already started. Let it follow its " + "secrets before its first connection");
		}
		this.pools.followSecrets(pool, pool.getPoolName(), new PropertyNames(userProperty, passwordProperty));
	}

}
