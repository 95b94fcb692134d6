// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link LoginRefusal}.
 */
class LoginRefusalTests {

	// Refusal, SQLStates and error codes.
	private static final Pattern ROW = Pattern
		.compile("(?m)^\\| [^|]+ \\| (locked|other|wrong password)[^|]* \\| (`[^|]+`) \\| (`[^|]+`) \\| [^|]+ \\|$");

	private static final Pattern CELL = Pattern.compile("`(.+?)`");

	private static final String MYSQL = "jdbc:mysql://127.0.0.1:%d/db?sslMode=DISABLED";

	private static final String MARIADB = "jdbc:mariadb://127.0.0.1:%d/db?sslMode=disable";

	private static final String POSTGRESQL = "jdbc:postgresql://127.0.0.1:%d/db?sslmode=disable&gssEncMode=disable";

	private static final String SQL_SERVER = "jdbc:sqlserver://127.0.0.1:%d;encrypt=false;connectRetryCount=0";

	static Stream<Row> rows() throws IOException {
		return ROW.matcher(Files.readString(Path.of("../docs/rotation.md"))).results().flatMap(Row::of);
	}

	@Test
	void tableOfTheDocumentHasAllPatterns() throws IOException {
		assertThat(rows().map((row) -> row.refusal() + ": " + row.state() + " " + row.code()))
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(LoginRefusal.values())
				.flatMap((refusal) -> Arrays.stream(refusal.patterns()).map((pattern) -> refusal + ": " + pattern))
				.toList());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void ofWhenInTableOfTheDocumentReturnsItsRefusal(Row row) {
		assertThat(LoginRefusal.of(row.exception())).isEqualTo(row.refusal());
	}

	@ParameterizedTest
	@CsvSource(nullValues = "null", textBlock = """
			08001, 0
			08004, 1040
			08006, 17002
			90146, 90146
			HY000, 1045
			99999, 1017
			42000, 1045
			null, 28000
			null, 0
			""")
	void ofWhenNoLoginWasRefusedReturnsNull(@Nullable String state, int code) {
		assertThat(LoginRefusal.of(new SQLException("message", state, code))).isNull();
	}

	@Test
	void ofWhenRefusalIsTheCauseFindsIt() {
		SQLException refusal = new SQLException("message", "99999", 28000);
		assertThat(LoginRefusal.of(new SQLException(new IllegalStateException(refusal))))
			.isEqualTo(LoginRefusal.LOCKED);
	}

	@Test
	void ofWhenRefusalFollowsFindsIt() {
		SQLException exception = new SQLException("message", "08001");
		exception.setNextException(new SQLException("message", "28P01"));
		assertThat(LoginRefusal.of(exception)).isEqualTo(LoginRefusal.WRONG_PASSWORD);
	}

	@Test
	void ofWhenLockedBehindWrongPasswordReturnsLocked() {
		SQLException exception = new SQLException("message", "28000", 1045);
		exception.setNextException(new SQLException("message", "HY000", 3118));
		assertThat(LoginRefusal.of(exception)).isEqualTo(LoginRefusal.LOCKED);
	}

	@Test
	void ofWhenH2RefusesReturnsWrongPassword() throws SQLException {
		try (Database database = new Database()) {
			assertThat(LoginRefusal.of(catchThrowableOfType(SQLException.class,
					() -> DriverManager.getConnection(database.url(), "ADMIN", "other"))))
				.isEqualTo(LoginRefusal.WRONG_PASSWORD);
		}
	}

	@ParameterizedTest
	@CsvSource({ "28P01, WRONG_PASSWORD", "28000, WRONG_PASSWORD", "42501, OTHER", "53300," })
	void ofWhenPostgreSqlRefusesReturnsRefusal(String state, @Nullable LoginRefusal refusal) throws IOException {
		try (RefusingServer server = RefusingServer.postgreSql(state)) {
			assertThat(LoginRefusal.of(server.login(POSTGRESQL))).isEqualTo(refusal);
		}
	}

	@ParameterizedTest
	@CsvSource({ "1045, 28000, WRONG_PASSWORD", "1698, 28000, WRONG_PASSWORD", "3118, HY000, LOCKED",
			"3955, HY000, LOCKED", "1044, 42000, OTHER", "1820, HY000, OTHER", "1862, HY000, OTHER", "1040, 08004," })
	void ofWhenMySqlRefusesReturnsRefusal(int code, String state, @Nullable LoginRefusal refusal) throws IOException {
		try (RefusingServer server = RefusingServer.mySql("8.4.0", code, state)) {
			assertThat(LoginRefusal.of(server.login(MYSQL))).isEqualTo(refusal);
		}
	}

	@ParameterizedTest
	@CsvSource({ "1045, 28000, WRONG_PASSWORD", "1698, 28000, WRONG_PASSWORD", "4150, HY000, LOCKED",
			"4151, HY000, LOCKED", "1044, 42000, OTHER", "1820, HY000, OTHER", "1862, HY000, OTHER", "1040, 08004," })
	void ofWhenMariaDbRefusesReturnsRefusal(int code, String state, @Nullable LoginRefusal refusal) throws IOException {
		try (RefusingServer server = RefusingServer.mySql("11.8.2-MariaDB", code, state)) {
			assertThat(LoginRefusal.of(server.login(MARIADB))).isEqualTo(refusal);
		}
	}

	@ParameterizedTest
	@CsvSource({ "1129, OTHER", "1130, OTHER", "1040," })
	void ofWhenHostIsRefusedReturnsRefusal(int code, @Nullable LoginRefusal refusal) throws IOException {
		try (RefusingServer server = RefusingServer.mySqlWithoutGreeting(code)) {
			assertThat(LoginRefusal.of(server.login(MYSQL))).isEqualTo(refusal);
			assertThat(LoginRefusal.of(server.login(MARIADB))).isEqualTo(refusal);
		}
	}

	@ParameterizedTest
	@CsvSource({ "18456, WRONG_PASSWORD", "18470, LOCKED", "18486, LOCKED", "18487, OTHER", "18488, OTHER",
			"4060, OTHER", "17830," })
	void ofWhenSqlServerRefusesReturnsRefusal(int code, @Nullable LoginRefusal refusal) throws IOException {
		try (RefusingServer server = RefusingServer.sqlServer(code)) {
			assertThat(LoginRefusal.of(server.login(SQL_SERVER))).isEqualTo(refusal);
			assertThat(LoginRefusal.of(server.login(SQL_SERVER + ";xopenStates=true"))).isEqualTo(refusal);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { SQL_SERVER, SQL_SERVER + ";xopenStates=true" })
	void ofWhenSqlServerHasReasonForFailedLoginReturnsReason(String url) throws IOException {
		try (RefusingServer server = RefusingServer.sqlServer(4060, 18456)) {
			assertThat(LoginRefusal.of(server.login(url))).isEqualTo(LoginRefusal.OTHER);
		}
	}

	record Row(LoginRefusal refusal, String state, String code) {

		static Stream<Row> of(MatchResult row) {
			LoginRefusal refusal = LoginRefusal.valueOf(row.group(1).replace(' ', '_').toUpperCase(Locale.ROOT));
			return cells(row.group(2))
				.flatMap((state) -> cells(row.group(3)).map((code) -> new Row(refusal, state, code)));
		}

		private static Stream<String> cells(String text) {
			return CELL.matcher(text).results().map((cell) -> cell.group(1));
		}

		SQLException exception() {
			return new SQLException("message", this.state.replace("*", "000"),
					Integer.parseInt(this.code.replace("*", "0")));
		}

	}

}
