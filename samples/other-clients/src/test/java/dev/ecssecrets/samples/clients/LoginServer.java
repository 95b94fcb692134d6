// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Server on a free port that records each login, and refuses it.
 */
abstract class LoginServer implements AutoCloseable {

	final Queue<String> logins = new ConcurrentLinkedQueue<>();

	private final ServerSocket server;

	LoginServer() throws IOException {
		this.server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
		Thread thread = new Thread(this::serve, getClass().getSimpleName());
		thread.setDaemon(true);
		thread.start();
	}

	final int port() {
		return this.server.getLocalPort();
	}

	private void serve() {
		while (!this.server.isClosed()) {
			try (Socket socket = this.server.accept()) {
				serve(new DataInputStream(socket.getInputStream()), new DataOutputStream(socket.getOutputStream()));
			}
			catch (IOException ex) {
				// The client or the test has closed it.
			}
		}
	}

	abstract void serve(DataInputStream in, DataOutputStream out) throws IOException;

	/**
	 * Records a login of the SASL mechanism PLAIN.
	 */
	final void record(byte[] plain) {
		this.logins.add(new String(plain, StandardCharsets.UTF_8).substring(1).replace('\0', ':'));
	}

	@Override
	public final void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
