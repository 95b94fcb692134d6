// SPDX-License-Identifier: Apache-2.0

package com.example;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;

import org.springframework.jdbc.support.JdbcUtils;

/**
 * A client that follows its secrets: one connection to a database, without a pool.
 */
final class DatabaseClient implements SecretsListener {

	private static final Set<String> CREDENTIALS = Set.of("DB_USER", "DB_PASSWORD");

	private final String url;

	private final Secrets secrets;

	private Connection connection;

	private SecretsSnapshot connectedWith;

	DatabaseClient(String url, Secrets secrets) {
		this.url = url;
		this.secrets = secrets;
	}

	synchronized String select(String expression) throws SQLException {
		if (this.connection == null) {
			connect();
		}
		try (Statement statement = this.connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT " + expression)) {
			result.next();
			return result.getString(1);
		}
	}

	private void connect() throws SQLException {
		SecretsSnapshot used = this.secrets.current();
		try {
			login(used);
		}
		catch (SQLInvalidAuthorizationSpecException ex) {
			this.secrets.refreshEarly(CREDENTIALS, Duration.ofSeconds(15));
			SecretsSnapshot current = this.secrets.current();
			if (!isOutdated(used, current)) {
				throw ex;
			}
			login(current);
		}
	}

	private void login(SecretsSnapshot current) throws SQLException {
		this.connection = DriverManager.getConnection(this.url, current.value("DB_USER").reveal(),
				current.value("DB_PASSWORD").reveal());
		this.connectedWith = current;
	}

	@Override
	public synchronized void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		if (this.connection != null && isOutdated(this.connectedWith, after)) {
			close();
		}
	}

	private static boolean isOutdated(SecretsSnapshot used, SecretsSnapshot current) {
		return !Collections.disjoint(current.changesSince(used), CREDENTIALS);
	}

	synchronized void close() {
		JdbcUtils.closeConnection(this.connection);
		this.connection = null;
	}

}
