// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.benchmarks.fleet;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Parameter Store with the limit that an AWS account has by default, and the credentials
 * endpoint of ECS. {@code /throttled} and {@code /unthrottled} are endpoints of the
 * service, {@code /counts} tells what was asked since {@code /reset}.
 */
final class ParameterStore {

	private static final int BACKLOG = 4096;

	private static final int CALLS_PER_SECOND = 40;

	private static final int BURST = 40;

	private static final Pattern NAME = Pattern.compile("\"(/fleet/[^\"]+)\"");

	// A client that ends in the middle of a call must not hold up others.
	private final Executor executor = Executors.newCachedThreadPool();

	private double tokens = BURST;

	private long refilled = System.nanoTime();

	private int toThrottle;

	private int calls;

	private int throttled;

	private int inFlight;

	private int atOnce;

	private int credentialsCalls;

	public static void main(String[] args) throws IOException {
		System.setProperty("sun.net.httpserver.nodelay", "true");
		// The server would close connections beyond while clients send on them.
		System.setProperty("sun.net.httpserver.maxIdleConnections", String.valueOf(BACKLOG));
		ParameterStore store = new ParameterStore();
		InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
		HttpServer server = HttpServer.create(address, BACKLOG);
		server.setExecutor(store.executor);
		server.createContext("/throttled", (exchange) -> store.getParameters(exchange, true));
		server.createContext("/unthrottled", (exchange) -> store.getParameters(exchange, false));
		server.createContext("/credentials", store::credentials);
		server.createContext("/reset", store::reset);
		server.createContext("/counts", store::counts);
		server.start();
		System.out.println(server.getAddress().getPort());
		// Until the process that started this one ends.
		System.in.transferTo(OutputStream.nullOutputStream());
		System.exit(0);
	}

	static String value(String name) {
		return "value of " + name;
	}

	private void getParameters(HttpExchange exchange, boolean limited) throws IOException {
		String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		String signature = exchange.getRequestHeaders().getFirst("Authorization");
		int status = 400;
		String answer;
		if (arrive(limited)) {
			answer = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
		}
		else if (signature == null || !signature.startsWith("AWS4-HMAC-SHA256 ")
				|| !"AmazonSSM.GetParameters".equals(exchange.getRequestHeaders().getFirst("X-Amz-Target"))) {
			answer = "{\"__type\":\"ValidationException\",\"message\":\"Not GetParameters, or not signed\"}";
		}
		else {
			status = 200;
			answer = NAME.matcher(request)
				.results()
				.map((name) -> "{\"Name\":\"%s\",\"Type\":\"SecureString\",\"Value\":\"%s\"}".formatted(name.group(1),
						value(name.group(1))))
				.collect(Collectors.joining(",", "{\"InvalidParameters\":[],\"Parameters\":[", "]}"));
		}
		int finalStatus = status;
		CompletableFuture
			.delayedExecutor(ThreadLocalRandom.current().nextInt(20, 61), TimeUnit.MILLISECONDS, this.executor)
			.execute(() -> {
				leave();
				reply(exchange, finalStatus, answer);
			});
	}

	/**
	 * Counts a call, and takes a token for it.
	 * @param limited whether it needs a token
	 * @return whether there is none
	 */
	private synchronized boolean arrive(boolean limited) {
		this.calls++;
		this.inFlight++;
		this.atOnce = Math.max(this.atOnce, this.inFlight);
		if (!limited) {
			return false;
		}
		long now = System.nanoTime();
		this.tokens = Math.min(BURST, this.tokens + (now - this.refilled) * 1e-9 * CALLS_PER_SECOND);
		this.refilled = now;
		if (this.toThrottle > 0 || this.tokens < 1) {
			this.toThrottle = Math.max(this.toThrottle - 1, 0);
			this.throttled++;
			return true;
		}
		this.tokens--;
		return false;
	}

	private synchronized void leave() {
		this.inFlight--;
	}

	private void credentials(HttpExchange exchange) {
		synchronized (this) {
			this.credentialsCalls++;
		}
		reply(exchange, 200, """
				{"AccessKeyId":"AKIA","SecretAccessKey":"key","Token":"token","Expiration":"%s"}"""
			.formatted(Instant.now().plus(6, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS)));
	}

	/**
	 * Forgets what was asked. The query is how many calls are throttled whatever the
	 * limit.
	 */
	private synchronized void reset(HttpExchange exchange) {
		this.tokens = BURST;
		this.toThrottle = Integer.parseInt(exchange.getRequestURI().getQuery());
		this.calls = 0;
		this.throttled = 0;
		this.atOnce = 0;
		this.credentialsCalls = 0;
		reply(exchange, 200, "{}");
	}

	private synchronized void counts(HttpExchange exchange) {
		reply(exchange, 200, "{\"calls\":%d,\"throttled\":%d,\"at_once\":%d,\"credentials\":%d}".formatted(this.calls,
				this.throttled, this.atOnce, this.credentialsCalls));
	}

	private static void reply(HttpExchange exchange, int status, String answer) {
		byte[] body = answer.getBytes(StandardCharsets.UTF_8);
		try (exchange) {
			exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
			exchange.sendResponseHeaders(status, body.length);
			exchange.getResponseBody().write(body);
		}
		catch (IOException ex) {
			// The client has given up. One that has not tells by itself.
		}
	}

}
