// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ecssecrets.localstack.LocalStack;

/**
 * An endpoint that passes calls on to the LocalStack, and counts those that fetch a
 * secret.
 */
final class CountedCalls implements AutoCloseable {

	private static final String TARGET = "X-Amz-Target";

	private static final String CONTENT_TYPE = "Content-Type";

	private static final String AUTHORIZATION = "Authorization";

	private final URI localStack = LocalStack.get().endpoint();

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final LongAdder calls = new LongAdder();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final HttpServer server;

	CountedCalls() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setExecutor(this.threads);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	URI endpoint() {
		return URI.create("http://127.0.0.1:" + this.server.getAddress().getPort());
	}

	/**
	 * {@return the number of calls of <code>GetSecretValue</code> so far}
	 */
	long count() {
		return this.calls.sum();
	}

	private void answer(HttpExchange exchange) throws IOException {
		String target = exchange.getRequestHeaders().getFirst(TARGET);
		if (target.endsWith(".GetSecretValue")) {
			this.calls.increment();
		}
		HttpRequest request = HttpRequest.newBuilder(this.localStack)
			.header(TARGET, target)
			.header(CONTENT_TYPE, exchange.getRequestHeaders().getFirst(CONTENT_TYPE))
			.header(AUTHORIZATION, exchange.getRequestHeaders().getFirst(AUTHORIZATION))
			.POST(BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
			.build();
		try (exchange) {
			HttpResponse<byte[]> response = this.client.send(request, BodyHandlers.ofByteArray());
			response.headers()
				.firstValue(CONTENT_TYPE)
				.ifPresent((type) -> exchange.getResponseHeaders().set(CONTENT_TYPE, type));
			exchange.sendResponseHeaders(response.statusCode(), response.body().length);
			exchange.getResponseBody().write(response.body());
		}
		catch (InterruptedException ex) {
			throw new UncheckedIOException(new IOException(ex));
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

}
