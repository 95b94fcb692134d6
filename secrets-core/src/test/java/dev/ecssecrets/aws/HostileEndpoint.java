// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import javax.net.ServerSocketFactory;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Endpoint with answers that no service gives, byte by byte. The access key ID of a
 * request selects the answer.
 */
final class HostileEndpoint implements AutoCloseable {

	// The kernel buffers no more of an answer than this.
	private static final int BUFFER = 64 * 1024;

	private final ServerSocket server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Map<String, Long> mostWritten = new ConcurrentHashMap<>();

	/**
	 * Starts an endpoint.
	 * @param sockets the factory of sockets, with or without TLS
	 */
	HostileEndpoint(ServerSocketFactory sockets) throws IOException {
		this.server = sockets.createServerSocket(0, 1000, InetAddress.getByName("localhost"));
		this.threads.execute(this::accept);
	}

	int port() {
		return this.server.getLocalPort();
	}

	/**
	 * Returns the largest number of bytes that were written of an answer.
	 */
	long mostWritten(String name) {
		return this.mostWritten.getOrDefault(name, 0L);
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.server.accept();
				this.threads.execute(() -> serve(socket));
			}
		}
		catch (IOException ex) {
			// The endpoint is closed.
		}
	}

	private void serve(Socket socket) {
		try (socket; InputStream in = new BufferedInputStream(socket.getInputStream())) {
			socket.setSendBufferSize(BUFFER);
			boolean kept = true;
			while (kept) {
				Request request = Request.read(in);
				HostileAnswer answer = HostileAnswer.named(request.accessKeyId());
				Connection connection = new Connection(socket);
				try {
					answer.writer().write(request, connection);
					kept = connection.kept;
				}
				finally {
					this.mostWritten.merge(answer.name(), connection.written, Math::max);
				}
			}
		}
		catch (IOException ex) {
			// The client has closed the connection.
		}
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		this.threads.shutdownNow();
	}

	/**
	 * Connection of a request.
	 */
	static final class Connection {

		private final Socket socket;

		private final OutputStream out;

		private long written;

		private boolean kept;

		Connection(Socket socket) throws IOException {
			this.socket = socket;
			this.out = socket.getOutputStream();
		}

		void write(String ascii) throws IOException {
			write(ascii.getBytes(StandardCharsets.ISO_8859_1));
		}

		void write(byte[] bytes) throws IOException {
			this.out.write(bytes);
			this.written += bytes.length;
		}

		/**
		 * Keeps the connection open for another request.
		 */
		void keep() {
			this.kept = true;
		}

		/**
		 * Writes a text repeatedly, with pauses, until the client closes the connection.
		 */
		void drip(String ascii) throws IOException {
			while (true) {
				write(ascii);
				awaitClient(50);
			}
		}

		void repeat(byte[] bytes) throws IOException {
			while (true) {
				write(bytes);
			}
		}

		/**
		 * Writes nothing until the client closes the connection.
		 */
		void beSilent() throws IOException {
			awaitClient(0);
		}

		/**
		 * Resets the connection.
		 */
		void reset() throws IOException {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}

		private void awaitClient(int millis) throws IOException {
			this.socket.setSoTimeout(millis);
			try {
				if (this.socket.getInputStream().read() < 0) {
					throw new IOException("the client is gone");
				}
			}
			catch (SocketTimeoutException ex) {
				// The client is still connected.
			}
		}

	}

	/**
	 * Request to the endpoint.
	 *
	 * @param head the first line and the headers
	 * @param body the body
	 */
	record Request(String head, JsonNode body) {

		static Request read(InputStream in) throws IOException {
			StringBuilder head = new StringBuilder();
			while (head.indexOf("\r\n\r\n") < 0) {
				int next = in.read();
				if (next < 0) {
					throw new IOException("no request");
				}
				head.append((char) next);
			}
			byte[] body = in.readNBytes(
					Integer.parseInt(between(head.toString().toLowerCase(Locale.ROOT), "content-length: ", "\r\n")));
			return new Request(head.toString(), new JsonMapper().readTree(body));
		}

		String accessKeyId() {
			return between(this.head, "Credential=", "/");
		}

		String signature() {
			return between(this.head, "Signature=", "\r\n");
		}

		boolean isForParameters() {
			return this.body.has("Names");
		}

		private static String between(String text, String start, String end) {
			int from = text.indexOf(start) + start.length();
			return text.substring(from, text.indexOf(end, from));
		}

	}

}
