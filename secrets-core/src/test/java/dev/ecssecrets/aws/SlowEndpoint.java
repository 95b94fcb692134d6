// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Endpoint that answers with the beginning of an answer, followed by single bytes with
 * pauses between them.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class SlowEndpoint implements AutoCloseable {

	private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

	private final ScheduledExecutorService drops = Executors.newSingleThreadScheduledExecutor();

	// A socket that nothing refers to is closed by the garbage collector.
	private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();

	SlowEndpoint(String start) throws IOException {
		Thread acceptor = new Thread(() -> {
			try {
				while (true) {
					Socket socket = this.server.accept();
					this.accepted.add(socket);
					OutputStream answer = socket.getOutputStream();
					if (!start.isEmpty()) {
						answer.write(start.getBytes(StandardCharsets.US_ASCII));
						this.drops.scheduleWithFixedDelay(() -> drip(answer), 50, 50, TimeUnit.MILLISECONDS);
					}
				}
			}
			catch (IOException ex) {
				// The endpoint is closed.
			}
		});
		acceptor.start();
	}

	private static void drip(OutputStream answer) {
		try {
			answer.write(' ');
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port() {
		return this.server.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		this.drops.shutdownNow();
		this.server.close();
		for (Socket socket : this.accepted) {
			socket.close();
		}
	}

}
