// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.net.ssl.HttpsURLConnection;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Client that sends signed requests with the JDK's {@link HttpURLConnection}. In a cold
 * JVM, loading and starting the SDK's clients takes many times as long as the calls.
 */
final class DirectClient implements AutoCloseable {

	private final Supplier<AwsCredentials> credentials;

	private final AnswerReader answers;

	private final Set<HttpURLConnection> connections = ConcurrentHashMap.newKeySet();

	// How far the own clock is ahead of the services'.
	private volatile Duration clockSkew = Duration.ZERO;

	DirectClient(Supplier<AwsCredentials> credentials, AnswerReader answers) {
		this.credentials = credentials;
		this.answers = answers;
	}

	/**
	 * Returns the API at an endpoint. Loads TLS, which in a cold JVM takes longer than
	 * resolving the credentials in the meantime.
	 * @param endpoint the endpoint
	 * @return the API
	 */
	AwsApi at(URI endpoint) {
		if ("https".equalsIgnoreCase(endpoint.getScheme())) {
			HttpsURLConnection.getDefaultSSLSocketFactory();
		}
		return new Endpoint(endpoint);
	}

	private AwsAnswer call(Request request, Duration timeout) {
		Deadline deadline = Deadline.after(timeout);
		Duration clockSkew = this.clockSkew;
		AwsAnswer answer = exchange(request, clockSkew, deadline);
		// The second time with the clock of the service.
		return answer.isClockSkew(clockSkew) ? exchange(request, this.clockSkew, deadline) : answer;
	}

	private AwsAnswer exchange(Request request, Duration clockSkew, Deadline deadline) {
		Map<String, String> headers = request.sign(this.credentials.get(), Instant.now().minus(clockSkew));
		HttpURLConnection connection = null;
		try {
			connection = (HttpURLConnection) request.endpoint().resolve("/").toURL().openConnection();
			this.connections.add(connection);
			for (Map.Entry<String, String> header : headers.entrySet()) {
				connection.setRequestProperty(header.getKey(), header.getValue());
			}
			AwsAnswer answer = send(connection, request.content(), deadline);
			if (answer.isClockSkew(clockSkew) && connection.getDate() > 0) {
				this.clockSkew = Duration.between(Instant.ofEpochMilli(connection.getDate()), Instant.now());
			}
			return answer;
		}
		catch (IOException ex) {
			throw AwsException.noAnswer(ex, deadline);
		}
		finally {
			if (connection != null) {
				this.connections.remove(connection);
			}
		}
	}

	private AwsAnswer send(HttpURLConnection connection, byte[] content, Deadline deadline) throws IOException {
		connection.setRequestProperty("user-agent", "ecs-secrets");
		connection.setConnectTimeout(millis(AwsApi.CONNECT_TIMEOUT, deadline));
		connection.setReadTimeout(millis(AwsApi.READ_TIMEOUT, deadline));
		connection.setInstanceFollowRedirects(false);
		connection.setUseCaches(false);
		connection.setDoOutput(true);
		// Not buffered, so that the JDK does not send it again by itself.
		connection.setFixedLengthStreamingMode(content.length);
		connection.getOutputStream().write(content);
		int status = connection.getResponseCode();
		return this.answers.read(status, connection::getHeaderField,
				(status < 400) ? connection.getInputStream() : connection.getErrorStream(), deadline);
	}

	private static int millis(Duration limit, Deadline deadline) throws SocketTimeoutException {
		long left = deadline.millisLeft();
		if (left <= 0) {
			throw new SocketTimeoutException();
		}
		return (int) Math.min(limit.toMillis(), left);
	}

	/**
	 * Disconnects the calls in progress. Nothing else limits how long the headers of an
	 * answer may trickle in.
	 */
	@Override
	public void close() {
		for (HttpURLConnection connection : this.connections) {
			connection.disconnect();
		}
	}

	/**
	 * API at an endpoint.
	 */
	private final class Endpoint implements AwsApi {

		private final URI uri;

		Endpoint(URI uri) {
			this.uri = uri;
		}

		@Override
		public FoundParameters getParameters(String region, List<String> ids, Duration timeout) {
			StringJoiner names = new StringJoiner(",", "{\"Names\":[", "],\"WithDecryption\":true}");
			for (String id : ids) {
				names.add(AwsJson.quote(id));
			}
			return call(new Request(this.uri, AwsService.PARAMETER_STORE, region, names.toString()), timeout)
				.parameters();
		}

		@Override
		public FoundSecret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
			String body = "{\"SecretId\":" + AwsJson.quote(secret.id()) + member("VersionStage", secret.versionStage())
					+ member("VersionId", secret.versionId()) + "}";
			return call(new Request(this.uri, AwsService.SECRETS_MANAGER, secret.arn().region(), body), timeout)
				.secret();
		}

		private static String member(String name, @Nullable String value) {
			return (value != null) ? ",\"" + name + "\":" + AwsJson.quote(value) : "";
		}

		@Override
		public @Nullable String accountId() {
			return DirectClient.this.credentials.get().accountId();
		}

	}

	/**
	 * Request to a service.
	 *
	 * @param endpoint the endpoint of the service
	 * @param service the service
	 * @param region the region of the service
	 * @param body the body, in JSON
	 */
	private record Request(URI endpoint, AwsService service, String region, String body) {

		byte[] content() {
			return this.body.getBytes(StandardCharsets.UTF_8);
		}

		Map<String, String> sign(AwsCredentials credentials, Instant time) {
			return SignatureV4.sign(this.endpoint,
					Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", this.service.operation),
					content(), this.region, this.service.id, credentials, time);
		}

	}

}
