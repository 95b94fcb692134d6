// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class Visits {

	private final JdbcClient jdbc;

	Visits(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void add() {
		this.jdbc.sql("insert into visit values (default)").update();
	}

	Summary summary() {
		// MariaDB's users have a host: without it, both databases name them alike.
		return this.jdbc
			.sql("select trim(trailing '@%' from current_user) as database_user, count(*) as visits from visit")
			.query(Summary.class)
			.single();
	}

	record Summary(String databaseUser, long visits) {

	}

}
