package dev.ecssecrets.aws;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.net.ssl.HttpsURLConnection;

import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * AWS by signed requests of the JDK's HTTP client, where {@link AwsSettings} tell an
 * endpoint. A cold JVM takes many times as long to load and start the SDK's clients as it
 * takes to make the calls.
 */
final class DirectClient implements AwsApi {

	private final AwsSettings settings;

	private final Supplier<AwsCredentials> credentials;

	private final Set<HttpURLConnection> connections = ConcurrentHashMap.newKeySet();

	// How far the own clock is ahead of the services'.
	private volatile Duration clockSkew = Duration.ZERO;

	DirectClient(AwsSettings settings, Supplier<AwsCredentials> credentials) {
		this.settings = settings;
		this.credentials = credentials;
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
	public List<Parameter> getParameters(String region, List<String> ids, Duration timeout) {
		List<String> names = ids.stream().map(AwsJson::quote).toList();
		AwsJson answer = call(AwsService.PARAMETER_STORE, region,
				"{\"Names\":[" + String.join(",", names) + "],\"WithDecryption\":true}", timeout);
		List<Parameter> parameters = new ArrayList<>();
		for (AwsJson parameter : answer.objects("Parameters")) {
			parameters.add(new Parameter(parameter.text("Name"), parameter.text("ARN"), parameter.secret("Value"),
					parameter.number("Version")));
		}
		return parameters;
	}

	@Override
	public Secret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
		String version = member("VersionStage", secret.versionStage()) + member("VersionId", secret.versionId());
		AwsJson answer = call(AwsService.SECRETS_MANAGER, secret.arn().region(),
				"{\"SecretId\":" + AwsJson.quote(secret.id()) + version + "}", timeout);
		return new Secret(answer.secret("SecretString"), answer.text("SecretBinary") != null, answer.text("VersionId"),
				answer.texts("VersionStages"));
	}

	private static String member(String name, @Nullable String value) {
		return (value != null) ? ",\"" + name + "\":" + AwsJson.quote(value) : "";
	}

	@Override
	public @Nullable String accountId() {
		return this.credentials.get().accountId().orElse(null);
	}

	private AwsJson call(AwsService service, String region, String body, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		try {
			return exchange(service, region, body, deadline);
		}
		catch (AwsServiceException ex) {
			if (!ex.isClockSkewException()) {
				throw ex;
			}
			// Now by the clock of the service.
			return exchange(service, region, body, deadline);
		}
	}

	private AwsJson exchange(AwsService service, String region, String body, long deadline) {
		URI endpoint = Objects.requireNonNull(this.settings.directEndpoint(service, region));
		byte[] content = body.getBytes(StandardCharsets.UTF_8);
		Map<String, String> headers = SignatureV4.sign(endpoint,
				Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", service.operation), content,
				region, service.id, this.credentials.get(), Instant.now().minus(this.clockSkew));
		HttpURLConnection connection = null;
		try {
			connection = (HttpURLConnection) endpoint.resolve("/").toURL().openConnection();
			this.connections.add(connection);
			headers.forEach(connection::setRequestProperty);
			return answer(connection, content, deadline);
		}
		catch (IOException ex) {
			if (System.nanoTime() - deadline >= 0) {
				throw ApiCallTimeoutException.builder().message("The time is over").build();
			}
			throw SdkClientException.create("No answer", ex);
		}
		finally {
			if (connection != null) {
				this.connections.remove(connection);
			}
		}
	}

	private AwsJson answer(HttpURLConnection connection, byte[] content, long deadline) throws IOException {
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
		InputStream stream = (status < 400) ? connection.getInputStream() : connection.getErrorStream();
		AwsJson answer = AwsJson.tryParse((stream != null) ? read(stream, deadline) : "");
		if (status != 200) {
			throw failure(connection, status, answer);
		}
		if (answer == null) {
			throw SdkClientException.create("the answer is no JSON");
		}
		return answer;
	}

	/**
	 * Reads an answer, which may drip until the time is over.
	 */
	private static String read(InputStream stream, long deadline) throws IOException {
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		byte[] buffer = new byte[8192];
		for (int length; (length = stream.read(buffer)) >= 0;) {
			content.write(buffer, 0, length);
			millis(READ_TIMEOUT, deadline);
		}
		return content.toString(StandardCharsets.UTF_8);
	}

	private static int millis(Duration limit, long deadline) throws SocketTimeoutException {
		long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
		if (left <= 0) {
			throw new SocketTimeoutException();
		}
		return (int) Math.min(limit.toMillis(), left);
	}

	private AwsServiceException failure(HttpURLConnection connection, int status, @Nullable AwsJson answer) {
		SdkHttpResponse.Builder response = SdkHttpResponse.builder().statusCode(status);
		Duration clockSkew = this.clockSkew;
		if (connection.getDate() > 0) {
			response.putHeader("Date", connection.getHeaderField("Date"));
			this.clockSkew = Duration.between(Instant.ofEpochMilli(connection.getDate()), Instant.now());
		}
		return AwsServiceException.builder()
			.statusCode(status)
			.requestId(connection.getHeaderField("x-amzn-requestid"))
			.clockSkew(clockSkew)
			.awsErrorDetails(AwsErrorDetails.builder()
				.errorCode(code(connection.getHeaderField("x-amzn-errortype"), answer))
				.errorMessage((answer != null) ? message(answer) : null)
				.sdkHttpResponse(response.build())
				.build())
			.build();
	}

	/**
	 * Returns the code of {@code com.amazonaws.ssm#Code:http://…}.
	 */
	private static String code(@Nullable String header, @Nullable AwsJson answer) {
		String type = (header != null || answer == null) ? header : answer.text("__type");
		return (type != null) ? type.replaceAll("^[^:]*#|:.*$", "") : "";
	}

	private static @Nullable String message(AwsJson answer) {
		String message = answer.text("message");
		return (message != null) ? message : answer.text("Message");
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
