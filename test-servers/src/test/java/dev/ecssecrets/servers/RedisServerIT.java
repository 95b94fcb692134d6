// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import dev.ecssecrets.servers.Server.Way;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RedisServer}.
 */
class RedisServerIT {

	private static final Map<Way, String> ABSENCE = Map.of(Way.INSTALLED, "no folder on the PATH", Way.EMBEDDED,
			"on the class path", Way.DOCKER, "docker");

	@ParameterizedTest
	@EnumSource
	void startWhenWayIsThereSucceeds(Way way) throws IOException {
		try (RedisServer server = RedisServer.start(way)) {
			assertThat(login(server, "default", "")).startsWith("-WRONGPASS");
			server.setPassword("default", "canary");
			assertThat(login(server, "default", "canary")).isEqualTo("+OK");
			assertThatCloseEnds(server);
		}
		catch (IllegalStateException ex) {
			assertThat(ex).hasMessageContaining(ABSENCE.get(way));
		}
	}

	@Test
	void setPasswordWhenChangedRefusesOldPasswordAndKeepsSessions() throws IOException {
		try (RedisServer server = RedisServer.start()) {
			server.setPassword("visitor", "first canary");
			try (Socket session = connect(server)) {
				assertThat(execute(session, "AUTH visitor \"first canary\"")).isEqualTo("+OK");
				server.setPassword("visitor", "second canary");
				assertThat(execute(session, "SET visits 1")).isEqualTo("+OK");
			}
			assertThat(login(server, "visitor", "first canary")).startsWith("-WRONGPASS");
			assertThat(login(server, "visitor", "second canary")).isEqualTo("+OK");
			assertThat(server.command("GET", "visits")).isEqualTo("1");
			assertThat(server.command("GET", "absent")).isEmpty();
		}
	}

	@Test
	void setPasswordWhenDefaultIsWhatRequirepassSets() throws IOException {
		try (RedisServer server = RedisServer.start()) {
			server.setPassword("default", "first canary");
			server.command("CONFIG", "SET", "requirepass", "second canary");
			try (Socket session = connect(server)) {
				assertThat(execute(session, "AUTH \"first canary\"")).startsWith("-WRONGPASS");
				assertThat(execute(session, "AUTH \"second canary\"")).isEqualTo("+OK");
			}
		}
	}

	@Test
	void endSessionsEndsThemAll() throws IOException {
		try (RedisServer server = RedisServer.start(); Socket session = connect(server)) {
			server.setPassword("visitor", "canary");
			assertThat(execute(session, "AUTH visitor canary")).isEqualTo("+OK");
			assertThat(server.command("CLIENT", "LIST")).contains("user=visitor");
			server.endSessions();
			assertThat(session.getInputStream().read()).isEqualTo(-1);
			assertThat(server.command("CLIENT", "LIST")).doesNotContain("user=visitor");
		}
	}

	@Test
	void commandReturnsAnswers() {
		try (RedisServer server = RedisServer.start()) {
			server.command("RPUSH", "list", "één", "two\r\nlines");
			assertThat(server.command("LRANGE", "list", "0", "-1")).isEqualTo("één\ntwo\r\nlines");
			assertThat(server.command("LLEN", "list")).isEqualTo("2");
			assertThatIllegalStateException().isThrownBy(() -> server.command("GET", "list"))
				.withMessageStartingWith("WRONGTYPE");
		}
	}

	private static void assertThatCloseEnds(RedisServer server) {
		server.close();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> connect(server).close());
		assertThat(server.folder()).doesNotExist();
	}

	private static Socket connect(RedisServer server) throws IOException {
		Socket session = new Socket(InetAddress.getLoopbackAddress(), server.port());
		session.setSoTimeout(10_000);
		return session;
	}

	private static String login(RedisServer server, String user, String password) throws IOException {
		try (Socket session = connect(server)) {
			return execute(session, "AUTH %s \"%s\"".formatted(user, password));
		}
	}

	private static String execute(Socket session, String command) throws IOException {
		session.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
		InputStream input = session.getInputStream();
		StringBuilder line = new StringBuilder();
		for (int next = input.read(); next != '\r'; next = input.read()) {
			line.append((char) next);
		}
		input.skipNBytes(1);
		return line.toString();
	}

}
