// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringTokenizer;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Endpoint that gives credentials to a container: the agent of ECS or EKS, or another
 * server on this machine. Its URI and token are found by the rules of the SDK's
 * {@code ContainerCredentialsProvider}, except that a blank variable is one that is not
 * set.
 * <p>
 * Messages contain neither the token nor the path of the URI, which identifies the task.
 */
final class ContainerEndpoint {

	private static final String RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

	private static final String FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

	private static final String SERVICE_ENDPOINT = "AWS_CONTAINER_SERVICE_ENDPOINT";

	private static final String TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

	private static final String TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

	private static final String ECS_AGENT = "169.254.170.2";

	// They are not on loopback, and have no TLS.
	private static final Set<String> AGENTS = Set.of(ECS_AGENT, "169.254.170.23", "[fd00:ec2::23]");

	private static final int MAX_SIZE = 64 * 1024;

	// A shorter text may occur by chance.
	private static final int MIN_MASKED = 8;

	private final URI uri;

	private final @Nullable String token;

	private ContainerEndpoint(URI uri, @Nullable String token) {
		this.uri = uri;
		this.token = token;
	}

	/**
	 * Returns whether this process is in a container with credentials.
	 */
	static boolean isConfigured(Map<String, String> variables) {
		return value(variables, RELATIVE_URI) != null || value(variables, FULL_URI) != null;
	}

	/**
	 * Finds the endpoint.
	 * @param variables the environment variables
	 * @return the endpoint
	 * @throws AwsException if a variable or the token is invalid
	 */
	static ContainerEndpoint of(Map<String, String> variables) {
		return new ContainerEndpoint(uri(variables), token(variables));
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

	URI uri() {
		return this.uri;
	}

	/**
	 * Returns the value of the header {@code Authorization}, or {@code null} if there is
	 * none.
	 */
	@Nullable String token() {
		return this.token;
	}

	/**
	 * Masks the confidential parts of a request in a text.
	 */
	String mask(String text) {
		String masked = text;
		for (String part : List.of(this.uri.getRawPath(), this.uri.getPath(),
				Objects.requireNonNullElse(this.uri.getRawQuery(), ""),
				Objects.requireNonNullElse(this.uri.getQuery(), ""))) {
			StringTokenizer words = new StringTokenizer(part, "/?&=");
			while (words.hasMoreTokens()) {
				String word = words.nextToken();
				masked = word.equals("credentials") ? masked : mask(masked, word);
			}
		}
		masked = mask(masked, this.token);
		// Without the scheme.
		return mask(masked, (this.token != null) ? this.token.substring(this.token.lastIndexOf(' ') + 1) : null);
	}

	private static String mask(String text, @Nullable String confidential) {
		return (confidential != null && confidential.length() >= MIN_MASKED) ? text.replace(confidential, "******")
				: text;
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

	/**
	 * Returns the URI without its path.
	 */
	@Override
	public String toString() {
		return this.uri.getScheme() + "://" + this.uri.getHost()
				+ ((this.uri.getPort() >= 0) ? ":" + this.uri.getPort() : "");
	}

}
