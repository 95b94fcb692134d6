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
		this.jdbc.sql("insert into visit default values").update();
	}

	Summary summary() {
		return this.jdbc.sql("select current_user as database_user, count(*) as visits from visit")
			.query(Summary.class)
			.single();
	}

	record Summary(String databaseUser, long visits) {

	}

}
