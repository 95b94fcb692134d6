// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.servers;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A Redis that asks for passwords: the one that is installed, else the one among the
 * dependencies, else one in a container. The system property {@code test-servers} leaves
 * no choice: {@code installed}, {@code embedded} or {@code docker}. With the system
 * property {@code skipTestServers}, the test that starts one is aborted.
 * <p>
 * It has an administrator of its own, so that tests can do anything to all other users,
 * {@code default} among them. At first, no other user can log in.
 */
public final class RedisServer extends Server {

	private static final String NAME = "Redis";

	private static final String ADMIN = "admin";

	private static final List<String> SETTINGS = List.of("--save", "", "--appendonly", "no");

	// The server that a sentinel watches.
	private final @Nullable RedisServer watched;

	private RedisServer(Way way, Path folder, @Nullable RedisServer watched) throws IOException {
		super(way, folder);
		this.watched = watched;
	}

	/**
	 * Starts a Redis.
	 * @return the server, ready for connections, to be closed
	 * @throws IllegalStateException if there is none, with what was tried and what to do;
	 * also if tests are to be skipped where the environment variable {@code CI} is set
	 */
	public static RedisServer start() {
		return start(NAME, "the package redis-server", (way, folder) -> new RedisServer(way, folder, null));
	}

	/**
	 * Starts a sentinel, which knows this server by the name {@code main}. It asks for
	 * passwords of its own. There is none in a container.
	 * @return the sentinel, ready for connections, to be closed
	 * @throws IllegalStateException if there is none, with what was tried and what to do
	 */
	public RedisServer startSentinel() {
		return start(NAME, "the package redis-server", (way, folder) -> new RedisServer(way, folder, this));
	}

	static RedisServer start(Way way) {
		return start(NAME, way, (chosen, folder) -> new RedisServer(chosen, folder, null));
	}

	/**
	 * Makes a user who may do everything, or gives a user a new password. Redis refuses
	 * the old one from then on, and leaves sessions alone.
	 * @param user the user; {@code default} is the one whose password {@code requirepass}
	 * sets
	 * @param password the password
	 */
	public void setPassword(String user, String password) {
		command("ACL", "SETUSER", user, "on", "resetpass", ">" + password, "~*", "&*", "+@all");
	}

	/**
	 * Ends the sessions of all clients, as a failover or a restart does.
	 */
	public void endSessions() {
		command("CLIENT", "KILL", "TYPE", "normal");
	}

	/**
	 * Executes a command as the administrator.
	 * @param command the command and its arguments
	 * @return the answer; that of a command with many answers has a line for each
	 * @throws IllegalStateException if Redis refuses it, with Redis's reason
	 */
	public String command(String... command) {
		try {
			return execute(List.of("AUTH", ADMIN, adminPassword()), List.of(command));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	Path installed() {
		return find(List.of(Path.of("/usr/local/bin")), "redis-server");
	}

	@Override
	Path unpack() throws IOException {
		boolean mac = System.getProperty("os.name").startsWith("Mac");
		boolean arm = System.getProperty("os.arch").equals("aarch64");
		String name = "redis-server-" + ((!mac && arm) ? "6.2.7" : "6.2.6-v5") + (mac ? "-darwin-" : "-linux-")
				+ (arm ? "arm64" : "amd64");
		Path program = folder().resolve("redis-server");
		try (InputStream stream = RedisServer.class.getResourceAsStream("/" + name)) {
			if (stream == null) {
				throw new IllegalStateException("no " + name + " on the class path");
			}
			Files.copy(stream, program);
		}
		program.toFile().setExecutable(true);
		return folder();
	}

	@Override
	List<String> initialize(Path programs) throws IOException {
		if (this.watched != null) {
			Path file = Files.write(folder().resolve("sentinel.conf"), List.of("bind " + HOST, "port " + port(),
					"dir " + folder(), "sentinel monitor main " + HOST + " " + this.watched.port() + " 1",
					"sentinel auth-user main " + ADMIN, "sentinel auth-pass main " + this.watched.adminPassword()));
			return List.of(programs.resolve("redis-server").toString(), file.toString(), "--sentinel");
		}
		List<String> command = new ArrayList<>(List.of(programs.resolve("redis-server").toString(), "--bind", HOST,
				"--port", Integer.toString(port()), "--dir", folder().toString()));
		command.addAll(SETTINGS);
		return command;
	}

	@Override
	List<String> container(String name) {
		if (this.watched != null) {
			throw new IllegalStateException("a sentinel in a container does not reach the server");
		}
		List<String> command = new ArrayList<>(List.of("docker", "run", "--rm", "--name", name, "--publish",
				HOST + ":" + port() + ":6379", "redis:8-alpine", "redis-server"));
		command.addAll(SETTINGS);
		return command;
	}

	@Override
	Map<String, String> environment() {
		return Map.of();
	}

	@Override
	boolean isReady() {
		try {
			execute(List.of("ACL", "SETUSER", ADMIN, "on", ">" + adminPassword(), "~*", "&*", "+@all"),
					List.of("ACL", "SETUSER", "default", "resetpass"));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Override
	String endSignal() {
		return "TERM";
	}

	/**
	 * Executes two commands in a session of their own.
	 * @return the answer to the second
	 */
	private String execute(List<String> first, List<String> second) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
			socket.setSoTimeout(10_000);
			InputStream input = new BufferedInputStream(socket.getInputStream());
			write(socket.getOutputStream(), first);
			read(input);
			write(socket.getOutputStream(), second);
			return read(input);
		}
	}

	private static void write(OutputStream output, List<String> command) throws IOException {
		StringBuilder request = new StringBuilder("*" + command.size() + "\r\n");
		for (String argument : command) {
			int length = argument.getBytes(StandardCharsets.UTF_8).length;
			request.append('$').append(length).append("\r\n").append(argument).append("\r\n");
		}
		output.write(request.toString().getBytes(StandardCharsets.UTF_8));
	}

	private static String read(InputStream input) throws IOException {
		String line = readLine(input);
		String text = line.substring(1);
		return switch (line.charAt(0)) {
			case '+', ':' -> text;
			case '$' -> readText(input, Integer.parseInt(text));
			case '*' -> readAll(input, Integer.parseInt(text));
			case '-' -> throw new IllegalStateException(text);
			default -> throw new IllegalStateException("no answer in the protocol RESP2");
		};
	}

	private static String readAll(InputStream input, int count) throws IOException {
		List<String> answers = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			answers.add(read(input));
		}
		return String.join("\n", answers);
	}

	private static String readText(InputStream input, int length) throws IOException {
		// There is none: nil.
		if (length < 0) {
			return "";
		}
		String text = new String(input.readNBytes(length), StandardCharsets.UTF_8);
		readLine(input);
		return text;
	}

	private static String readLine(InputStream input) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = input.read(); next != '\n'; next = input.read()) {
			if (next < 0) {
				throw new EOFException("Redis has ended the session");
			}
			line.append((char) next);
		}
		return line.substring(0, line.length() - 1);
	}

}
