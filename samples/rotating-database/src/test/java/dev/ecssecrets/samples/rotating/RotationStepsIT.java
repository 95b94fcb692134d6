// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RotationStepsIT {

	@ParameterizedTest
	@EnumSource
	void singleUserLosesOldPasswordBeforeSecretHasNewOne(Engine engine) throws SQLException {
		RotatingDatabase database = new RotatingDatabase(engine, "rotation-tests-single");
		JsonNode before = secret(database, "AWSCURRENT");
		List<String> gaps = new ArrayList<>();
		Rotation rotation = database.rotation(Strategy.SINGLE_USER, () -> {
			assertThat(secret(database, "AWSCURRENT").equals(before)).isTrue();
			assertThatIsRefused(engine, before);
			assertThatLogsIn(engine, secret(database, "AWSPENDING"));
			gaps.add("gap");
		});
		rotation.rotate();
		assertThat(gaps).hasSize(1);
		assertThat(secret(database, "AWSPREVIOUS").equals(before)).isTrue();
		JsonNode after = secret(database, "AWSCURRENT");
		assertThatLogsIn(engine, after);
		assertThat(after.get("username")).isEqualTo(before.get("username"));
		assertThat(after.propertyNames()).containsExactly("engine", "host", "username", "password", "dbname", "port");
	}

	@ParameterizedTest
	@EnumSource
	void alternatingUsersKeepOldPasswordUntilNextRotation(Engine engine) throws SQLException {
		RotatingDatabase database = new RotatingDatabase(engine, "rotation-tests-alternating");
		Rotation rotation = database.rotation(Strategy.ALTERNATING_USERS, () -> {
		});
		JsonNode first = secret(database, "AWSCURRENT");
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating_clone");
		JsonNode second = secret(database, "AWSCURRENT");
		assertThatLogsIn(engine, first);
		assertThatLogsIn(engine, second);
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating");
		assertThatIsRefused(engine, first);
		assertThatLogsIn(engine, second);
		assertThatLogsIn(engine, secret(database, "AWSCURRENT"));
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating_clone");
		assertThatIsRefused(engine, second);
	}

	private static JsonNode secret(RotatingDatabase database, String stage) {
		return JsonMapper.shared()
			.readTree(LocalStack.get()
				.secretsManager()
				.getSecretValue((request) -> request.secretId(database.secret()).versionStage(stage))
				.secretString());
	}

	private static void assertThatLogsIn(Engine engine, JsonNode secret) {
		try (Connection connection = connect(engine, secret)) {
			assertThat(connection.isValid(0)).isTrue();
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void assertThatIsRefused(Engine engine, JsonNode secret) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(engine, secret).close())
			.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("28"));
	}

	private static Connection connect(Engine engine, JsonNode secret) throws SQLException {
		return DatabaseServer.get(engine)
			.connect(secret.get("dbname").asString(), secret.get("username").asString(),
					secret.get("password").asString());
	}

}
