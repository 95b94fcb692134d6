package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Request for the credentials that the agent of ECS or EKS, or another server on this
 * machine, gives to a container. URI, token and retries are those of the SDK's
 * {@code ContainerCredentialsProvider}, except that a blank variable is one that is not
 * set. The expiration is not read: AWS refuses expired credentials, and each fetch
 * requests them again.
 * <p>
 * Messages contain neither the token nor the path of the URI, which identifies the task.
 */
final class ContainerCredentials {

	// As long as all attempts take if each uses its timeouts.
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	private static final String RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

	private static final String FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

	private static final String SERVICE_ENDPOINT = "AWS_CONTAINER_SERVICE_ENDPOINT";

	private static final String TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

	private static final String TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

	private static final String ECS_AGENT = "169.254.170.2";

	// They are not on loopback, and have no TLS.
	private static final Set<String> AGENTS = Set.of(ECS_AGENT, "169.254.170.23", "[fd00:ec2::23]");

	private static final int ATTEMPTS = 6;

	// To connect, and for each read.
	private static final int TIMEOUT_MILLIS = 1000;

	private static final int MAX_SIZE = 64 * 1024;

	// A shorter text may occur by chance.
	private static final int MIN_MASKED = 8;

	private final URI uri;

	private final @Nullable String token;

	private final Duration timeout;

	private final Deadline deadline;

	private volatile @Nullable HttpURLConnection connection;

	private ContainerCredentials(URI uri, @Nullable String token, Duration timeout) {
		this.uri = uri;
		this.token = token;
		this.timeout = timeout;
		this.deadline = Deadline.after(timeout);
	}

	/**
	 * Returns whether this process is in a container with credentials.
	 */
	static boolean areConfigured(Map<String, String> variables) {
		return value(variables, RELATIVE_URI) != null || value(variables, FULL_URI) != null;
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
		return new ContainerCredentials(uri(variables), token(variables), timeout).resolve();
	}

	private static URI uri(Map<String, String> variables) {
		String relative = value(variables, RELATIVE_URI);
		if (relative == null) {
			return uri(FULL_URI, String.valueOf(value(variables, FULL_URI)));
		}
		String endpoint = value(variables, SERVICE_ENDPOINT);
		return (endpoint != null) ? uri(SERVICE_ENDPOINT + " with " + RELATIVE_URI, endpoint + relative)
				: uri(RELATIVE_URI, "http://" + ECS_AGENT + relative);
	}

	private static URI uri(String setting, String text) {
		URI uri;
		try {
			uri = URI.create(text);
		}
		catch (IllegalArgumentException ex) {
			// Its message quotes the URI.
			throw malformed(setting);
		}
		boolean tls = "https".equals(uri.getScheme());
		String host = uri.getHost();
		if ((!tls && !"http".equalsIgnoreCase(uri.getScheme()) && !"https".equalsIgnoreCase(uri.getScheme()))
				|| host == null || uri.getPort() > 65535) {
			throw malformed(setting);
		}
		if (!tls && !AGENTS.contains(host) && !isLoopback(host, setting)) {
			throw failure(setting + " must begin with https://, because " + host
					+ " is neither this machine nor the agent of ECS or EKS");
		}
		return uri;
	}

	private static AwsException malformed(String setting) {
		return failure(setting + (setting.equals(RELATIVE_URI) ? " must be a path that begins with /"
				: " must be a URI that begins with http:// or https:// and has a host"));
	}

	private static boolean isLoopback(String host, String setting) {
		try {
			for (InetAddress address : InetAddress.getAllByName(host)) {
				if (!address.isLoopbackAddress()) {
					return false;
				}
			}
			return true;
		}
		catch (UnknownHostException ex) {
			throw failure("the host " + host + " of " + setting + " cannot be resolved");
		}
	}

	private static @Nullable String token(Map<String, String> variables) {
		String token = value(variables, TOKEN);
		String file = value(variables, TOKEN_FILE);
		boolean inFile = false;
		if (token == null && file != null) {
			inFile = true;
			token = read(file);
		}
		if (token == null || token.isBlank()) {
			return null;
		}
		for (int i = 0; i < token.length(); i++) {
			char character = token.charAt(i);
			if (character < ' ' || character >= 127) {
				throw failure("the token in " + (inFile ? "the file of " + TOKEN_FILE : TOKEN) + " has "
						+ ((character == '\n' || character == '\r') ? "a line break"
								: "a character that is neither a space nor printable ASCII"));
			}
		}
		return token;
	}

	private static String read(String file) {
		String fault = "is larger than 64 KB";
		try (InputStream content = Files.newInputStream(Path.of(file))) {
			byte[] token = content.readNBytes(MAX_SIZE + 1);
			if (token.length <= MAX_SIZE) {
				return new String(token, StandardCharsets.UTF_8);
			}
		}
		catch (IOException | InvalidPathException ex) {
			fault = "cannot be read (" + ex.getClass().getSimpleName() + ")";
		}
		throw failure(PrintableText.of(file) + ", the file of " + TOKEN_FILE + ", " + fault);
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
			Thread.currentThread().interrupt();
			throw tooLate();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof AwsException failure) ? failure : fault("cannot be called");
		}
	}

	private AwsCredentials request() {
		for (int attempt = 1;; attempt++) {
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
		HttpURLConnection connection = (HttpURLConnection) this.uri.toURL().openConnection(Proxy.NO_PROXY);
		connection.setConnectTimeout(TIMEOUT_MILLIS);
		connection.setReadTimeout(TIMEOUT_MILLIS);
		connection.setInstanceFollowRedirects(false);
		connection.setUseCaches(false);
		connection.setRequestProperty("accept", "*/*");
		connection.setRequestProperty("user-agent", "ecs-secrets");
		if (this.token != null) {
			connection.setRequestProperty("authorization", this.token);
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
		AnswerBody body = (content != null)
				? new AnswerBody(content, chunked ? -1 : connection.getContentLengthLong(), MAX_SIZE, this.deadline,
						new Semaphore(1))
				: new AnswerBody(InputStream.nullInputStream(), 0, MAX_SIZE, this.deadline, new Semaphore(1));
		Map<String, @Nullable Object> members = null;
		String fault = "no JSON object";
		try (body) {
			members = AwsJson.tryParse(body);
		}
		catch (CharacterCodingException ex) {
			fault = "a text that is not UTF-8";
		}
		catch (IOException ex) {
			if (!body.isTooLarge()) {
				throw ex;
			}
			fault = "more than 64 KB";
		}
		if (status != 200) {
			throw fault("answered with HTTP " + status + ((members != null) ? error(members) : ""));
		}
		if (members == null) {
			throw fault("answered with " + fault);
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
		String account = text(members, "AccountId");
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
		String path = this.uri.getRawPath();
		error = mask(error, this.uri.getRawQuery());
		error = mask(error, path.substring(path.lastIndexOf('/') + 1));
		error = mask(error, this.token);
		// Without the scheme.
		error = mask(error, (this.token != null) ? this.token.substring(this.token.lastIndexOf(' ') + 1) : null);
		return error.isBlank() ? "" : " (" + PrintableText.of(error) + ")";
	}

	private static String mask(String text, @Nullable String confidential) {
		return (confidential != null && confidential.length() >= MIN_MASKED) ? text.replace(confidential, "******")
				: text;
	}

	private AwsException tooLate() {
		return fault("did not answer in time");
	}

	private AwsException fault(String what) {
		return failure("the container's credentials endpoint " + this.uri.getScheme() + "://" + this.uri.getHost()
				+ ((this.uri.getPort() >= 0) ? ":" + this.uri.getPort() : "") + " " + what);
	}

	private static AwsException failure(String sentence) {
		return new AwsException(Reason.NO_CREDENTIALS, sentence);
	}

	/**
	 * Returns the value of a variable as the SDK reads it: without blanks around it.
	 */
	private static @Nullable String value(Map<String, String> variables, String name) {
		String value = variables.getOrDefault(name, "").trim();
		return value.isBlank() ? null : value;
	}

}
