// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@link FollowingClientContract} of clients of a database in this process.
 */
public abstract class FollowingH2ClientContract extends FollowingClientContract {

	private Database database;

	protected final Database database() {
		return this.database;
	}

	@Override
	protected final void start() throws SQLException {
		this.database = new Database();
		for (String user : List.of(USER, OTHER_USER)) {
			this.database.createUser(user, "canary");
		}
	}

	@Override
	protected final void stop() throws SQLException {
		this.database.close();
	}

	@Override
	protected final void setPassword(String user, String password) throws SQLException {
		this.database.changePassword(user, password);
	}

	@Override
	protected final Set<String> sessionsOf(String user) throws SQLException {
		return this.database.connections()
			.stream()
			.filter((session) -> session.startsWith(user.toUpperCase(Locale.ROOT) + " "))
			.collect(Collectors.toSet());
	}

}
