package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

import dev.ecssecrets.samples.rotating.PostgreSql.Way;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PostgreSqlIT {

	private static final Map<Way, String> ABSENCE = Map.of(Way.INSTALLED, "neither on the PATH nor under", Way.EMBEDDED,
			"on the class path", Way.DOCKER, "docker");

	@Test
	void startsInSomeWay() throws SQLException {
		try (PostgreSql server = PostgreSql.start()) {
			assertThatAsksForPassword(server);
		}
	}

	@ParameterizedTest
	@EnumSource
	void startWhenWayIsThereSucceeds(Way way) throws SQLException {
		try (PostgreSql server = PostgreSql.start(way)) {
			assertThatAsksForPassword(server);
		}
		catch (IllegalStateException ex) {
			assertThat(ex).hasMessageContaining(ABSENCE.get(way));
		}
	}

	@Test
	void closeEndsServer() throws SQLException {
		PostgreSql server = PostgreSql.start();
		try (Connection connection = server.connectAsAdmin("postgres")) {
			server.close();
			assertThat(connection.isValid(0)).isFalse();
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> server.connectAsAdmin("postgres").close())
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("08001"));
	}

	private static void assertThatAsksForPassword(PostgreSql server) throws SQLException {
		try (Connection admin = server.connectAsAdmin("postgres"); Statement statement = admin.createStatement()) {
			statement.execute("create role visitor login password 'right'");
		}
		try (Connection connection = server.connect("postgres", "visitor", "right");
				Statement statement = connection.createStatement();
				ResultSet user = statement.executeQuery("select current_user")) {
			assertThat(user.next()).isTrue();
			assertThat(user.getString(1)).isEqualTo("visitor");
		}
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> server.connect("postgres", "visitor", "wrong").close())
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28P01"));
	}

}
