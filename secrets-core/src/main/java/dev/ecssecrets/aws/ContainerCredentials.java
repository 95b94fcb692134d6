// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Request for the credentials of a container. Timeouts and retries are those of the SDK's
 * {@code ContainerCredentialsProvider}. The expiration is not read: AWS refuses expired
 * credentials, and each fetch requests them again.
 */
final class ContainerCredentials {

	// As long as all attempts take if each uses its timeouts.
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	private static final int ATTEMPTS = 6;

	// To connect, and for each read.
	private static final int TIMEOUT_MILLIS = 1000;

	private static final int MAX_SIZE = 64 * 1024;

	private final ContainerEndpoint endpoint;

	private final Duration timeout;

	private final Deadline deadline;

	private volatile @Nullable HttpURLConnection connection;

	private ContainerCredentials(ContainerEndpoint endpoint, Duration timeout) {
		this.endpoint = endpoint;
		this.timeout = timeout;
		this.deadline = Deadline.after(timeout);
	}

	/**
	 * Requests the credentials.
	 * @param variables the environment variables
	 * @return the credentials
	 * @throws AwsException if there are none
	 */
	static AwsCredentials resolve(Map<String, String> variables) {
		return resolve(variables, TIMEOUT);
	}

	static AwsCredentials resolve(Map<String, String> variables, Duration timeout) {
		return new ContainerCredentials(ContainerEndpoint.of(variables), timeout).resolve();
	}

	/**
	 * Requests the credentials on a thread of its own: nothing but the end of the
	 * connection limits how long the headers of an answer may trickle in.
	 */
	private AwsCredentials resolve() {
		try {
			return new SharedCall<>(this::request).result().get(this.timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			disconnect();
			throw tooLate();
		}
		catch (InterruptedException ex) {
			disconnect();
			Thread.currentThread().interrupt();
			throw tooLate();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof AwsException failure) ? failure : fault("cannot be called");
		}
	}

	private AwsCredentials request() {
		for (int attempt = 1;; attempt++) {
			if (this.deadline.hasPassed()) {
				throw tooLate();
			}
			String fault = "cannot be reached: ";
			try {
				HttpURLConnection connection = connect();
				fault = "gave no complete answer: ";
				int status = connection.getResponseCode();
				if (status < 0) {
					throw fault("did not answer with HTTP");
				}
				if (status < 500 || status > 599 || attempt == ATTEMPTS) {
					return read(status, connection);
				}
			}
			catch (IOException ex) {
				if (this.deadline.hasPassed()) {
					throw tooLate();
				}
				if (attempt == ATTEMPTS) {
					throw fault(fault + PrintableText.of(String.valueOf(AwsException.fault(ex))));
				}
			}
			finally {
				disconnect();
			}
		}
	}

	private HttpURLConnection connect() throws IOException {
		HttpURLConnection connection = (HttpURLConnection) this.endpoint.uri().toURL().openConnection(Proxy.NO_PROXY);
		connection.setConnectTimeout(TIMEOUT_MILLIS);
		connection.setReadTimeout(TIMEOUT_MILLIS);
		connection.setInstanceFollowRedirects(false);
		connection.setUseCaches(false);
		connection.setRequestProperty("accept", "*/*");
		connection.setRequestProperty("user-agent", "ecs-secrets");
		if (this.endpoint.token() != null) {
			connection.setRequestProperty("authorization", this.endpoint.token());
		}
		this.connection = connection;
		connection.connect();
		return connection;
	}

	private void disconnect() {
		HttpURLConnection connection = this.connection;
		if (connection != null) {
			connection.disconnect();
		}
	}

	private AwsCredentials read(int status, HttpURLConnection connection) throws IOException {
		InputStream content = (status < 400) ? connection.getInputStream() : connection.getErrorStream();
		boolean chunked = connection.getHeaderField("Transfer-Encoding") != null;
		long length = chunked ? -1 : connection.getContentLengthLong();
		AnswerBody body = new AnswerBody((content != null) ? content : InputStream.nullInputStream(),
				(content != null) ? length : 0, MAX_SIZE, this.deadline, new Semaphore(1));
		Map<String, @Nullable Object> members = null;
		String fault = "did not answer with a JSON object";
		try (body) {
			members = AwsJson.tryParse(body);
		}
		catch (CharacterCodingException ex) {
			fault = "did not answer in UTF-8";
		}
		catch (IOException ex) {
			if (!body.isTooLarge()) {
				throw ex;
			}
			fault = "answered with more than 64 KB";
		}
		if (status != 200) {
			throw fault("answered with HTTP " + status + ((members != null) ? error(members) : ""));
		}
		if (members == null) {
			throw fault(fault);
		}
		return credentials(members);
	}

	private AwsCredentials credentials(Map<String, @Nullable Object> members) {
		String id = text(members, "AccessKeyId");
		String secret = text(members, "SecretAccessKey");
		if (id == null || secret == null) {
			throw fault("answered without " + ((id == null) ? "AccessKeyId" : "SecretAccessKey"));
		}
		try {
			return new AwsCredentials(id, secret, text(members, "Token"), account(members));
		}
		catch (IllegalArgumentException ex) {
			throw fault("answered with invalid credentials: " + ex.getMessage());
		}
	}

	/**
	 * Returns the account, which failures name, or {@code null} if there is none.
	 */
	private @Nullable String account(Map<String, @Nullable Object> members) {
		String account = (members.get("AccountId") instanceof String text) ? text : null;
		for (int i = 0; account != null && i < account.length(); i++) {
			if (account.charAt(i) < '0' || account.charAt(i) > '9') {
				return null;
			}
		}
		return account;
	}

	private @Nullable String text(Map<String, @Nullable Object> members, String name) {
		Object value = members.get(name);
		if (value == null) {
			return null;
		}
		if (!(value instanceof String text)) {
			throw fault("answered with " + name + " of the wrong type");
		}
		return text.isBlank() ? null : text;
	}

	/**
	 * Returns the code and the message of an error, without confidential parts of the
	 * request.
	 */
	private String error(Map<String, @Nullable Object> members) {
		String error = (members.get("code") instanceof String code) ? code : "";
		if (members.get("message") instanceof String message) {
			error += (error.isEmpty() ? "" : ": ") + message;
		}
		return error.isBlank() ? "" : " (" + PrintableText.of(this.endpoint.mask(error)) + ")";
	}

	private AwsException tooLate() {
		return fault("did not answer in time");
	}

	private AwsException fault(String what) {
		return new AwsException(Reason.NO_CREDENTIALS,
				"the container's credentials endpoint " + this.endpoint + " " + what);
	}

}
