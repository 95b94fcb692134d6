package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RotationStepsIT {

	private static PostgreSql server;

	private static LocalStack localStack;

	@BeforeAll
	static void start() {
		localStack = LocalStack.get();
		server = PostgreSql.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void singleUserLosesOldPasswordBeforeSecretHasNewOne() throws SQLException {
		RotatingDatabase database = new RotatingDatabase(server, localStack, "rotation-tests-single");
		JsonNode before = secret(database, "AWSCURRENT");
		List<String> gaps = new ArrayList<>();
		Rotation rotation = database.rotation(Strategy.SINGLE_USER, () -> {
			assertThat(secret(database, "AWSCURRENT").equals(before)).isTrue();
			assertThatIsRefused(before);
			assertThatLogsIn(secret(database, "AWSPENDING"));
			gaps.add("gap");
		});
		rotation.rotate();
		assertThat(gaps).hasSize(1);
		assertThat(secret(database, "AWSPREVIOUS").equals(before)).isTrue();
		JsonNode after = secret(database, "AWSCURRENT");
		assertThatLogsIn(after);
		assertThat(after.get("username")).isEqualTo(before.get("username"));
		assertThat(after.propertyNames()).containsExactly("engine", "host", "username", "password", "dbname", "port");
	}

	@Test
	void alternatingUsersKeepOldPasswordUntilNextRotation() throws SQLException {
		RotatingDatabase database = new RotatingDatabase(server, localStack, "rotation-tests-alternating");
		Rotation rotation = database.rotation(Strategy.ALTERNATING_USERS, () -> {
		});
		JsonNode first = secret(database, "AWSCURRENT");
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating_clone");
		JsonNode second = secret(database, "AWSCURRENT");
		assertThatLogsIn(first);
		assertThatLogsIn(second);
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating");
		assertThatIsRefused(first);
		assertThatLogsIn(second);
		assertThatLogsIn(secret(database, "AWSCURRENT"));
		assertThat(rotation.rotate().user()).isEqualTo("rotation-tests-alternating_clone");
		assertThatIsRefused(second);
	}

	private static JsonNode secret(RotatingDatabase database, String stage) {
		return JsonMapper.shared()
			.readTree(localStack.secretsManager()
				.getSecretValue((request) -> request.secretId(database.name()).versionStage(stage))
				.secretString());
	}

	private static void assertThatLogsIn(JsonNode secret) {
		try (Connection connection = connect(secret)) {
			assertThat(connection.isValid(0)).isTrue();
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void assertThatIsRefused(JsonNode secret) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(secret).close())
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28P01"));
	}

	private static Connection connect(JsonNode secret) throws SQLException {
		return server.connect(secret.get("dbname").asString(), secret.get("username").asString(),
				secret.get("password").asString());
	}

}
