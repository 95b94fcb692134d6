// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stub of both services whose answers are random. Each value ends in the number of its
 * version, and all values in one answer have the same one.
 */
final class ChaosAws implements AutoCloseable {

	/**
	 * Marks the values that must not be printed.
	 */
	static final String CANARY = "canary";

	/**
	 * Characters of a password. A snapshot that is never released retains two of them.
	 */
	static final int PASSWORD_LENGTH = 8000;

	private static final String PADDING = "x".repeat(PASSWORD_LENGTH - 20);

	private static final JsonMapper JSON = new JsonMapper();

	private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getByName("localhost"));

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "chaos-aws");
		thread.setDaemon(true);
		return thread;
	});

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final Map<Kind, LongAdder> answers = new ConcurrentSkipListMap<>();

	private final AtomicInteger version = new AtomicInteger(1);

	private final Random random;

	private volatile boolean calm = true;

	/**
	 * Starts the stub, which gives only good answers at first.
	 * @param random selects the kinds of answers
	 */
	ChaosAws(Random random) throws IOException {
		this.random = random;
		this.threads.execute(this::accept);
	}

	/**
	 * Kinds of answers, with the number of times that each is given in a hundred.
	 */
	enum Kind {

		GOOD(33), GOOD_BUT_SLOW(8), GOOD_THEN_NEW_VERSION(28), THROTTLED(4), TOO_MANY_REQUESTS(2), INTERNAL_ERROR(3),
		UNAVAILABLE_HTML(3), ACCESS_DENIED(3), NOT_FOUND(2), TRUNCATED_JSON(2), WRONG_TYPES(2), HTML(1), CLOSED(2),
		RESET(2), RESET_MIDWAY(2), SILENT(1), SILENT_MIDWAY(1), ENDLESS(1);

		private final int weight;

		Kind(int weight) {
			this.weight = weight;
		}

		private static Kind next(Random random) {
			int drawn = random.nextInt(100);
			for (Kind kind : values()) {
				drawn -= kind.weight;
				if (drawn < 0) {
					return kind;
				}
			}
			throw new IllegalStateException("The weights do not add up to 100");
		}

	}

	String endpoint() {
		return "http://localhost:" + this.server.getLocalPort();
	}

	/**
	 * Sets whether only good answers are given.
	 */
	void setCalm(boolean calm) {
		this.calm = calm;
	}

	/**
	 * Returns the number of the current version of all values.
	 */
	int version() {
		return this.version.get();
	}

	/**
	 * Returns how many answers of each kind were given.
	 */
	Map<Kind, LongAdder> answers() {
		return this.answers;
	}

	/**
	 * Returns the number of the version of a value.
	 */
	static int versionOf(String value) {
		return Integer.parseInt(value.substring(value.lastIndexOf('-') + 1));
	}

	private static String user(int version) {
		return "user-" + version;
	}

	private static String password(int version) {
		return CANARY + "-" + PADDING + "-" + version;
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.server.accept();
				this.sockets.add(socket);
				this.threads.execute(() -> serve(socket));
			}
		}
		catch (IOException ex) {
			// The stub is closed.
		}
	}

	private void serve(Socket socket) {
		try (socket; InputStream in = new BufferedInputStream(socket.getInputStream())) {
			boolean keep = true;
			while (keep) {
				JsonNode request = read(in);
				Kind kind = this.calm ? Kind.GOOD : Kind.next(this.random);
				this.answers.computeIfAbsent(kind, (key) -> new LongAdder()).increment();
				keep = answer(kind, request, socket);
			}
		}
		catch (IOException ex) {
			// The client has closed the connection.
		}
		finally {
			this.sockets.remove(socket);
		}
	}

	private static JsonNode read(InputStream in) throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			int next = in.read();
			if (next < 0) {
				throw new IOException("no request");
			}
			head.append((char) next);
		}
		String length = "content-length: ";
		int start = head.toString().toLowerCase(Locale.ROOT).indexOf(length) + length.length();
		int size = Integer.parseInt(head.substring(start, head.indexOf("\r\n", start)));
		byte[] body = in.readNBytes(size);
		if (body.length < size) {
			throw new IOException("half a request");
		}
		return JSON.readTree(body);
	}

	/**
	 * Answers a request.
	 * @return whether to keep the connection
	 */
	private boolean answer(Kind kind, JsonNode request, Socket socket) throws IOException {
		String good = good(request, this.version.get());
		switch (kind) {
			case GOOD -> write(socket, 200, good);
			case GOOD_BUT_SLOW -> {
				awaitClient(socket, 1 + this.random.nextInt(300));
				write(socket, 200, good);
			}
			case GOOD_THEN_NEW_VERSION -> {
				this.version.incrementAndGet();
				write(socket, 200, good);
			}
			case THROTTLED -> write(socket, 400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
			case TOO_MANY_REQUESTS -> write(socket, 429, "{\"message\":\"" + CANARY + "\"}");
			case INTERNAL_ERROR -> write(socket, 500, "{\"__type\":\"InternalServerError\"}");
			case UNAVAILABLE_HTML -> write(socket, 503, "<html>" + CANARY + "</html>");
			case ACCESS_DENIED ->
				write(socket, 400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User is not authorized\"}");
			case NOT_FOUND -> writeNotFound(request, socket);
			case TRUNCATED_JSON -> write(socket, 200, good.substring(0, good.length() / 2));
			case WRONG_TYPES -> write(socket, 200,
					"{\"Parameters\":{\"Value\":[\"" + CANARY + "\"]},\"SecretString\":{\"" + CANARY + "\":1}}");
			case HTML -> write(socket, 200, "<html>" + CANARY + "</html>");
			case CLOSED -> {
				return false;
			}
			case RESET -> reset(socket);
			case RESET_MIDWAY -> {
				write(socket, head(200, good.length()) + good.substring(0, good.length() / 2));
				reset(socket);
			}
			case SILENT -> awaitClient(socket, 0);
			case SILENT_MIDWAY -> {
				write(socket, head(200, good.length()) + good.substring(0, good.length() / 2));
				awaitClient(socket, 0);
			}
			case ENDLESS -> {
				write(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"SecretString\":\"");
				while (true) {
					write(socket, PADDING);
				}
			}
		}
		return true;
	}

	private static String good(JsonNode request, int version) {
		ObjectNode answer = JSON.createObjectNode();
		if (!request.has("Names")) {
			answer.put("ARN", request.get("SecretId").stringValue());
			answer.put("SecretString",
					JSON.createObjectNode()
						.put("username", user(version))
						.put("password", password(version))
						.toString());
			return answer.toString();
		}
		ArrayNode parameters = answer.putArray("Parameters");
		for (JsonNode name : request.get("Names")) {
			parameters.addObject()
				.put("Name", name.stringValue())
				.put("ARN", "arn:aws:ssm:eu-west-1:123456789012:parameter" + name.stringValue())
				.put("Value", name.stringValue().endsWith("user") ? user(version) : password(version));
		}
		return answer.toString();
	}

	private static void writeNotFound(JsonNode request, Socket socket) throws IOException {
		if (request.has("Names")) {
			write(socket, 200, "{\"Parameters\":[],\"InvalidParameters\":" + request.get("Names") + "}");
		}
		else {
			write(socket, 400, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Secrets Manager can't find the"
					+ " specified secret.\"}");
		}
	}

	private static void write(Socket socket, int status, String body) throws IOException {
		write(socket, head(status, body.length()) + body);
	}

	private static String head(int status, int length) {
		return "HTTP/1.1 " + status + " X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: " + length
				+ "\r\n\r\n";
	}

	private static void write(Socket socket, String ascii) throws IOException {
		socket.getOutputStream().write(ascii.getBytes(StandardCharsets.US_ASCII));
	}

	private static void reset(Socket socket) throws IOException {
		socket.setSoLinger(true, 0);
		socket.close();
	}

	/**
	 * Waits until the client closes the connection.
	 * @param millis the maximum time, or 0 for no maximum
	 */
	private static void awaitClient(Socket socket, int millis) throws IOException {
		socket.setSoTimeout(millis);
		try {
			if (socket.getInputStream().read() < 0) {
				throw new IOException("the client is gone");
			}
		}
		catch (SocketTimeoutException ex) {
			socket.setSoTimeout(0);
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
		this.threads.shutdownNow();
	}

}
