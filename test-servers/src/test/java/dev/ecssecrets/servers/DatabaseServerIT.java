// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

import dev.ecssecrets.servers.DatabaseServer.Engine;
import dev.ecssecrets.servers.DatabaseServer.Session;
import dev.ecssecrets.servers.Server.Way;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DatabaseServerIT {

	private static final Map<Way, String> ABSENCE = Map.of(Way.INSTALLED, "no folder on the PATH", Way.EMBEDDED,
			"on the class path", Way.DOCKER, "docker");

	@ParameterizedTest
	@CsvSource({ "MARIADB, INSTALLED", "MARIADB, EMBEDDED", "MARIADB, DOCKER", "POSTGRES, INSTALLED",
			"POSTGRES, EMBEDDED", "POSTGRES, DOCKER" })
	void startWhenWayIsThereSucceeds(Engine engine, Way way) throws SQLException {
		try (DatabaseServer server = DatabaseServer.start(engine, way)) {
			server.createDatabase("visitor", "right");
			server.connect("visitor", "visitor", "right").close();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> server.connect("visitor", "visitor", "wrong").close())
				.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("28"));
			Awaitility.await().until(() -> server.refusedLogins("visitor") == 1);
			assertThat(server.refusedLogins("visit")).isZero();
			assertThatCloseEnds(server);
		}
		catch (IllegalStateException ex) {
			assertThat(ex).hasMessageContaining(ABSENCE.get(way));
		}
	}

	@ParameterizedTest
	@EnumSource
	void sessionsAreInOrder(Engine engine) throws SQLException {
		DatabaseServer server = DatabaseServer.get(engine);
		server.createDatabase("sessions", "password");
		Session before = server.newSession();
		try (Connection connection = server.connect("sessions", "sessions", "password")) {
			Session session = DatabaseServer.jdbc(connection).sql(server.sessionQuery()).query(Session::read).single();
			assertThat(session.user()).isEqualTo("sessions");
			assertThat(session.isAfter(before)).isTrue();
			assertThat(server.newSession().isAfter(session)).isTrue();
			assertThat(server.sessions("sessions")).containsExactly(session);
			server.endSessions("sessions");
			assertThat(connection.isValid(0)).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource
	void cloneMayDoWhatUserMay(Engine engine) throws SQLException {
		DatabaseServer server = DatabaseServer.get(engine);
		server.createDatabase("original", "password");
		try (Connection user = server.connect("original", "original", "password");
				Connection admin = server.connectAsAdmin()) {
			DatabaseServer.jdbc(user).sql("create table one (id int)").update();
			server.cloneUser(admin, "original", "copy", "first");
			server.cloneUser(admin, "original", "copy", "second");
		}
		try (Connection clone = server.connect("original", "copy", "second")) {
			assertThat(DatabaseServer.jdbc(clone).sql("insert into one values (1)").update()).isOne();
		}
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> server.connect("original", "copy", "first").close());
	}

	private static void assertThatCloseEnds(DatabaseServer server) throws SQLException {
		try (Connection connection = server.connectAsAdmin()) {
			server.close();
			assertThat(connection.isValid(0)).isFalse();
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> server.connectAsAdmin().close())
			.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
	}

}
