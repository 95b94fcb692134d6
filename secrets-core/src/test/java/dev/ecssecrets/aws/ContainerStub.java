// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stub of a container's credentials endpoint, which writes answers byte by byte and
 * records the requests.
 */
final class ContainerStub implements AutoCloseable {

	/**
	 * Resets the connection instead of an answer.
	 */
	static final String RESET = "reset";

	/**
	 * Ends an answer that the client has to give up.
	 */
	static final String SILENCE = "\0";

	private static final int TLS_HANDSHAKE = 0x16;

	private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final List<String> requests = new ArrayList<>();

	private final Queue<String> answers = new ArrayDeque<>();

	private String lastAnswer = "";

	private String lastHead = "";

	ContainerStub() throws IOException {
		this.threads.execute(this::accept);
	}

	int port() {
		return this.server.getLocalPort();
	}

	/**
	 * Sets the answers to the next requests, and forgets the requests so far.
	 * @param answers the answers, in ISO 8859-1; the last one is repeated
	 */
	synchronized void answerWith(List<String> answers) {
		this.requests.clear();
		this.answers.clear();
		this.answers.addAll(answers);
	}

	/**
	 * Returns the first line of each request, with its token.
	 */
	synchronized List<String> requests() {
		return List.copyOf(this.requests);
	}

	/**
	 * Returns the first line and the headers of the last request.
	 */
	synchronized String lastHead() {
		return this.lastHead;
	}

	private synchronized String answer(String head) {
		this.lastHead = head;
		String line = head.substring(0, head.indexOf("\r\n"));
		int token = head.toLowerCase(Locale.ROOT).indexOf("authorization: ");
		this.requests.add((token < 0) ? line : line + " "
				+ head.substring(token, head.indexOf("\r\n", token)).substring("authorization: ".length()));
		if (!this.answers.isEmpty()) {
			this.lastAnswer = this.answers.remove();
		}
		return this.lastAnswer;
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.server.accept();
				this.threads.execute(() -> serve(socket));
			}
		}
		catch (IOException ex) {
			// The stub is closed.
		}
	}

	private void serve(Socket socket) {
		try (socket; InputStream in = new BufferedInputStream(socket.getInputStream())) {
			StringBuilder head = new StringBuilder();
			while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
				int next = in.read();
				if (next < 0) {
					return;
				}
				if (next == TLS_HANDSHAKE) {
					socket.getOutputStream().write("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.ISO_8859_1));
					return;
				}
				head.append((char) next);
			}
			String answer = answer(head.toString());
			if (answer.equals(RESET)) {
				socket.setSoLinger(true, 0);
				return;
			}
			socket.getOutputStream().write(answer.replace(SILENCE, "").getBytes(StandardCharsets.ISO_8859_1));
			socket.getOutputStream().flush();
			if (answer.endsWith(SILENCE)) {
				in.read();
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

}
