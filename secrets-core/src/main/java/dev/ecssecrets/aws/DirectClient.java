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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.net.ssl.HttpsURLConnection;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * AWS by signed requests of the JDK's HTTP client, where {@link AwsSettings} tell an
 * endpoint. A cold JVM takes many times as long to load and start the SDK's clients as it
 * takes to make the calls.
 */
final class DirectClient implements AwsApi {

	private final AwsSettings settings;

	private final Supplier<AwsCredentials> credentials;

	private final AnswerReader answers;

	private final Set<HttpURLConnection> connections = ConcurrentHashMap.newKeySet();

	// How far the own clock is ahead of the services'.
	private volatile Duration clockSkew = Duration.ZERO;

	DirectClient(AwsSettings settings, Supplier<AwsCredentials> credentials, AnswerReader answers) {
		this.settings = settings;
		this.credentials = credentials;
		this.answers = answers;
	}

	/**
	 * Loads TLS, which takes a cold JVM longer than credentials take to come.
	 * @param endpoint where a call will go
	 * @return this
	 */
	DirectClient prepare(URI endpoint) {
		if ("https".equalsIgnoreCase(endpoint.getScheme())) {
			HttpsURLConnection.getDefaultSSLSocketFactory();
		}
		return this;
	}

	@Override
	public Parameters getParameters(String region, List<String> ids, Duration timeout) {
		List<String> names = ids.stream().map(AwsJson::quote).toList();
		return call(AwsService.PARAMETER_STORE, region,
				"{\"Names\":[" + String.join(",", names) + "],\"WithDecryption\":true}", timeout)
			.parameters();
	}

	@Override
	public Secret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
		String version = member("VersionStage", secret.versionStage()) + member("VersionId", secret.versionId());
		return call(AwsService.SECRETS_MANAGER, secret.arn().region(),
				"{\"SecretId\":" + AwsJson.quote(secret.id()) + version + "}", timeout)
			.secret();
	}

	private static String member(String name, @Nullable String value) {
		return (value != null) ? ",\"" + name + "\":" + AwsJson.quote(value) : "";
	}

	@Override
	public @Nullable String accountId() {
		return this.credentials.get().accountId().orElse(null);
	}

	private AwsAnswer call(AwsService service, String region, String body, Duration timeout) {
		Deadline deadline = Deadline.after(timeout);
		Duration clockSkew = this.clockSkew;
		AwsAnswer answer = exchange(service, region, body, clockSkew, deadline);
		// Now by the clock of the service.
		return answer.isForClock(clockSkew) ? exchange(service, region, body, this.clockSkew, deadline) : answer;
	}

	private AwsAnswer exchange(AwsService service, String region, String body, Duration clockSkew, Deadline deadline) {
		URI endpoint = Objects.requireNonNull(this.settings.endpoints().direct(service, region));
		byte[] content = body.getBytes(StandardCharsets.UTF_8);
		Map<String, String> headers = SignatureV4.sign(endpoint,
				Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", service.operation), content,
				region, service.id, this.credentials.get(), Instant.now().minus(clockSkew));
		HttpURLConnection connection = null;
		try {
			connection = (HttpURLConnection) endpoint.resolve("/").toURL().openConnection();
			this.connections.add(connection);
			headers.forEach(connection::setRequestProperty);
			AwsAnswer answer = send(connection, content, deadline);
			if (answer.isForClock(clockSkew) && connection.getDate() > 0) {
				this.clockSkew = Duration.between(Instant.ofEpochMilli(connection.getDate()), Instant.now());
			}
			return answer;
		}
		catch (IOException ex) {
			throw AnswerReader.failure(ex, deadline);
		}
		finally {
			if (connection != null) {
				this.connections.remove(connection);
			}
		}
	}

	private AwsAnswer send(HttpURLConnection connection, byte[] content, Deadline deadline) throws IOException {
		connection.setRequestProperty("user-agent", "ecs-secrets");
		connection.setConnectTimeout(millis(CONNECT_TIMEOUT, deadline));
		connection.setReadTimeout(millis(READ_TIMEOUT, deadline));
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
	 * Ends what is still asked: nothing else limits how long the head of an answer may
	 * drip.
	 */
	@Override
	public void close() {
		this.connections.forEach(HttpURLConnection::disconnect);
	}

}
