// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.aws.sdk.SdkCredentials;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ContainerCredentials}, compared case by case with the provider of the
 * AWS SDK: the same credentials or a failure of both, after the same requests.
 */
class ContainerCredentialsTests {

	private static final String RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

	private static final String FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

	private static final String SERVICE_ENDPOINT = "AWS_CONTAINER_SERVICE_ENDPOINT";

	private static final String TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

	// Only some versions of the JDK let the SDK take such an answer.
	private static final String INCOMPLETE = "the answer is incomplete";

	private static final String EARLY_END = "an early end";

	private static final String TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

	private static final String ID = "ASIAEXAMPLE";

	private static final String SECRET = "secret+access/key";

	private static final String SESSION = "session/token==";

	private static final String EXPIRES = ",\"Expiration\":\"2099-01-01T00:00:00Z\"";

	private static final String KEYS = "\"AccessKeyId\":\"" + ID + "\",\"SecretAccessKey\":\"" + SECRET + "\"";

	private static final String GOOD = ok("{\"RoleArn\":\"arn:aws:iam::123456789012:role/task\"," + KEYS
			+ ",\"Token\":\"" + SESSION + "\"" + EXPIRES + "}");

	private static final AwsCredentials TEMPORARY = new AwsCredentials(ID, SECRET, SESSION, null);

	private static final AwsCredentials PERMANENT = new AwsCredentials(ID, SECRET, null, null);

	private static final String AT = "the container's credentials endpoint http://127.0.0.1:PORT ";

	static final List<Case> CASES = List.of(
			// Answers with HTTP 200.
			Case.of("temporary credentials", GOOD).gives(TEMPORARY),
			json("permanent credentials", KEYS + EXPIRES).gives(PERMANENT),
			json("Token null", KEYS + EXPIRES + ",\"Token\":null").gives(PERMANENT),
			json("Token empty", KEYS + EXPIRES + ",\"Token\":\"\"").gives(PERMANENT)
				.unlike("a blank token is none, as in the environment"),
			json("Token is a number", KEYS + EXPIRES + ",\"Token\":1")
				.fails(AT + "answered with Token of the wrong type")
				.unlike("the agents use strings"),
			json("AccessKeyId is a number", "\"AccessKeyId\":1,\"SecretAccessKey\":\"x\"" + EXPIRES)
				.fails(AT + "answered with AccessKeyId of the wrong type")
				.unlike("the agents use strings"),
			json("SecretAccessKey is an object", "\"AccessKeyId\":\"x\",\"SecretAccessKey\":{}" + EXPIRES)
				.fails(AT + "answered with SecretAccessKey of the wrong type"),
			json("no Expiration", KEYS + ",\"Token\":\"" + SESSION + "\"").gives(TEMPORARY)
				.unlike("the SDK fails to cache them"),
			json("Expiration in the past", KEYS + ",\"Expiration\":\"2020-01-01T00:00:00Z\"").gives(PERMANENT),
			json("Expiration +0000", KEYS + ",\"Expiration\":\"2099-01-01T00:00:00+0000\"").gives(PERMANENT),
			json("Expiration with offset", KEYS + ",\"Expiration\":\"2099-01-01T00:00:00+01:00\"").gives(PERMANENT),
			json("Expiration unparsable", KEYS + ",\"Expiration\":\"tomorrow\"").gives(PERMANENT)
				.unlike("it is not read"),
			json("AccountId", KEYS + EXPIRES + ",\"AccountId\":\"123456789012\"")
				.gives(new AwsCredentials(ID, SECRET, null, "123456789012"))
				.unlike("failures name the account"),
			json("AccountId is no account", KEYS + EXPIRES + ",\"AccountId\":\"12345678901x\"").gives(PERMANENT),
			json("no AccessKeyId", "\"SecretAccessKey\":\"x\"" + EXPIRES).fails(AT + "answered without AccessKeyId"),
			json("no SecretAccessKey", "\"AccessKeyId\":\"x\"" + EXPIRES)
				.fails(AT + "answered without SecretAccessKey"),
			json("AccessKeyId null", "\"AccessKeyId\":null,\"SecretAccessKey\":\"x\"" + EXPIRES)
				.fails(AT + "answered without AccessKeyId"),
			json("AccessKeyId blank", "\"AccessKeyId\":\" \",\"SecretAccessKey\":\"x\"" + EXPIRES)
				.fails(AT + "answered without AccessKeyId"),
			json("SecretAccessKey empty", "\"AccessKeyId\":\"x\",\"SecretAccessKey\":\"\"" + EXPIRES)
				.fails(AT + "answered without SecretAccessKey"),
			json("members in other case", "\"accessKeyId\":\"x\",\"secretAccessKey\":\"y\"" + EXPIRES)
				.fails(AT + "answered without AccessKeyId"),
			json("blank before a permanent key", "\"AccessKeyId\":\" x\",\"SecretAccessKey\":\"y\"" + EXPIRES)
				.gives(new AwsCredentials(" x", "y", null, null))
				.unlike("the SDK trims keys if there is no token"),
			json("line break in a key", "\"AccessKeyId\":\"x\",\"SecretAccessKey\":\"y\\nz\",\"Token\":\"t\"" + EXPIRES)
				.fails(AT + "answered with invalid credentials: the secret access key has a character that is neither a"
						+ " space nor printable ASCII")
				.unlike("a request could not be signed with it"),
			Case.of("empty body", ok("")).fails(AT + "did not answer with a JSON object"),
			Case.of("text", ok("AccessKeyId=x")).fails(AT + "did not answer with a JSON object"),
			Case.of("array", ok("[]")).fails(AT + "did not answer with a JSON object"),
			Case.of("string", ok("\"x\"")).fails(AT + "did not answer with a JSON object"),
			Case.of("truncated JSON", ok("{" + KEYS + EXPIRES)).fails(AT + "did not answer with a JSON object"),
			Case.of("text after the JSON", ok("{" + KEYS + EXPIRES + "} x"))
				.fails(AT + "did not answer with a JSON object")
				.unlike("it may be a truncated or mixed-up answer"),
			Case.of("comment", ok("{/**/" + KEYS + EXPIRES + "}"))
				.fails(AT + "did not answer with a JSON object")
				.unlike("JSON has no comments"),
			json("member twice", KEYS + EXPIRES + ",\"AccessKeyId\":\"other\"")
				.fails(AT + "did not answer with a JSON object")
				.unlike("parsers differ in which of two equal names they use"),
			json("not UTF-8", KEYS + EXPIRES + ",\"x\":\"\u00e9\"").fails(AT + "did not answer in UTF-8")
				.unlike("JSON is UTF-8"),
			json("large", KEYS + EXPIRES + ",\"x\":\"" + "x".repeat(60_000) + "\"").gives(PERMANENT),
			json("too large", KEYS + EXPIRES + ",\"x\":\"" + "x".repeat(64 * 1024) + "\"")
				.fails(AT + "answered with more than 64 KB")
				.unlike("memory is limited"),
			Case.of("chunked",
					"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{" + KEYS) + chunk(EXPIRES + "}")
							+ "0\r\n\r\n")
				.gives(PERMANENT),
			Case.of("chunked, incomplete", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{" + KEYS))
				.fails(AT + "gave no complete answer: " + EARLY_END),
			Case.of("without a length", "HTTP/1.1 200 OK\r\n\r\n{" + KEYS + EXPIRES + "}").gives(PERMANENT),
			Case.of("shorter than its length",
					"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{" + KEYS + EXPIRES + "}")
				.fails(AT + "gave no complete answer: " + EARLY_END)
				.unlike(INCOMPLETE),
			Case.of("longer than its length", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{" + KEYS + EXPIRES + "}")
				.fails(AT + "did not answer with a JSON object")
				.unlike("the JDK reads on if the server closes the connection"),
			// Other answers.
			error("refused", "403 Forbidden", "{\"code\":\"AccessDenied\",\"message\":\"no\\nrole\"}")
				.fails(AT + "answered with HTTP 403 (AccessDenied: no\\nrole)"),
			error("unknown task", "400 Bad Request", "{\"code\":\"InvalidIdInRequest\",\"message\":\"ID not found\"}")
				.fails(AT + "answered with HTTP 400 (InvalidIdInRequest: ID not found)"),
			error("only a code", "400 Bad Request", "{\"code\":\"Bad\",\"message\":1}")
				.fails(AT + "answered with HTTP 400 (Bad)"),
			error("only a message", "400 Bad Request", "{\"code\":{},\"message\":\"bad\"}")
				.fails(AT + "answered with HTTP 400 (bad)"),
			error("keys in an error", "400 Bad Request", "{" + KEYS + EXPIRES + "}")
				.fails(AT + "answered with HTTP 400"),
			error("error without JSON", "400 Bad Request", "secret").fails(AT + "answered with HTTP 400"),
			error("large error", "400 Bad Request", "{\"message\":\"" + "x".repeat(70_000) + "\"}")
				.fails(AT + "answered with HTTP 400"),
			error("unauthorized", "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"", "")
				.fails(AT + "answered with HTTP 401"),
			error("not found", "404 Not Found", "").fails(AT + "answered with HTTP 404"),
			error("throttled", "429 Too Many Requests", "").fails(AT + "answered with HTTP 429"),
			error("redirected", "302 Found\r\nLocation: http://127.0.0.1:PORT/other", "{" + KEYS + EXPIRES + "}")
				.fails(AT + "answered with HTTP 302"),
			error("credentials with another status", "201 Created", "{" + KEYS + EXPIRES + "}")
				.fails(AT + "answered with HTTP 201"),
			Case.of("no content", "HTTP/1.1 204 No Content\r\n\r\n").fails(AT + "answered with HTTP 204"),
			error("server error", "500 Internal Server Error", "{\"message\":\"down\"}")
				.fails(AT + "answered with HTTP 500 (down)"),
			Case.of("server error once", "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", GOOD)
				.gives(TEMPORARY),
			Case.of("server error five times", "HTTP/1.1 599 x\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n",
					"HTTP/1.1 501 x\r\n\r\n", "HTTP/1.1 502 x\r\n\r\n", "HTTP/1.1 503 x\r\n\r\n", GOOD)
				.gives(TEMPORARY),
			Case.of("server error six times", "HTTP/1.1 599 x\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n",
					"HTTP/1.1 501 x\r\n\r\n", "HTTP/1.1 502 x\r\n\r\n", "HTTP/1.1 503 x\r\n\r\n",
					"HTTP/1.1 504 x\r\n\r\n", GOOD)
				.fails(AT + "answered with HTTP 504"),
			Case.of("connection closed", "")
				.fails(AT + "gave no complete answer: SocketException: Unexpected end of file from server"),
			Case.of("connection closed once", "", GOOD).gives(TEMPORARY),
			Case.of("connection reset", ContainerStub.RESET)
				.fails(AT + "gave no complete answer: SocketException: Connection reset"),
			Case.of("connection reset once", ContainerStub.RESET, GOOD).gives(TEMPORARY),
			Case.of("no HTTP", "SSH-2.0-OpenSSH\r\n").fails(AT + "did not answer with HTTP"),
			Case.of("silent once", ContainerStub.SILENCE, GOOD).gives(TEMPORARY),
			Case.of("silent in the headers once", "HTTP/1.1 200 OK\r\n" + ContainerStub.SILENCE, GOOD).gives(TEMPORARY),
			Case.of("silent in the body once",
					"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" + ContainerStub.SILENCE, GOOD)
				.gives(TEMPORARY),
			// URIs.
			Case.of("relative URI", GOOD)
				.with(RELATIVE_URI, "/v2/credentials/id", SERVICE_ENDPOINT, "http://127.0.0.1:PORT")
				.gives(TEMPORARY),
			Case.of("relative URI with query", GOOD)
				.with(RELATIVE_URI, "/v2/credentials?id=1", SERVICE_ENDPOINT, "http://127.0.0.1:PORT")
				.gives(TEMPORARY),
			Case.of("both URIs", GOOD)
				.with(RELATIVE_URI, "/relative", SERVICE_ENDPOINT, "http://127.0.0.1:PORT", FULL_URI,
						"http://127.0.0.1:PORT/full")
				.gives(TEMPORARY),
			Case.of("relative URI without slash", GOOD)
				.with(RELATIVE_URI, "creds", SERVICE_ENDPOINT, "http://127.0.0.1:PORT")
				.fails(SERVICE_ENDPOINT + " with " + RELATIVE_URI
						+ " must be a URI that begins with http:// or https:// and has a host"),
			Case.of("relative URI without slash at the agent", GOOD)
				.with(RELATIVE_URI, "x:y")
				.fails(RELATIVE_URI + " must be a path that begins with /"),
			Case.of("relative URI with another host", GOOD)
				.with(RELATIVE_URI, "@192.0.2.1/creds")
				.fails(RELATIVE_URI + " must begin with https://, because 192.0.2.1 is neither this machine nor the"
						+ " agent of ECS or EKS"),
			Case.of("relative URI blank", GOOD)
				.with(RELATIVE_URI, " ", SERVICE_ENDPOINT, "http://127.0.0.1:PORT", FULL_URI,
						"http://127.0.0.1:PORT/full")
				.gives(TEMPORARY)
				.unlike("a blank variable is not set"),
			Case.of("service endpoint elsewhere", GOOD)
				.with(RELATIVE_URI, "/creds", SERVICE_ENDPOINT, "http://192.0.2.1")
				.fails(SERVICE_ENDPOINT + " with " + RELATIVE_URI + " must begin with https://, because 192.0.2.1 is"
						+ " neither this machine nor the agent of ECS or EKS"),
			Case.of("localhost", GOOD).with(FULL_URI, "http://localhost:PORT/creds").gives(TEMPORARY),
			Case.of("other address of loopback", GOOD)
				.with(FULL_URI, "http://127.1:PORT/creds")
				.fails(FULL_URI + " must be a URI that begins with http:// or https:// and has a host")
				.unlike("it is no host of a URI"),
			Case.of("blanks around the URI", GOOD).with(FULL_URI, " http://127.0.0.1:PORT/creds ").gives(TEMPORARY),
			Case.of("upper case", GOOD).with(FULL_URI, "HTTP://127.0.0.1:PORT/creds").gives(TEMPORARY),
			Case.of("user", GOOD).with(FULL_URI, "http://user:pass@127.0.0.1:PORT/creds").gives(TEMPORARY),
			Case.of("fragment", GOOD).with(FULL_URI, "http://127.0.0.1:PORT/creds#x").gives(TEMPORARY),
			Case.of("no path", GOOD).with(FULL_URI, "http://127.0.0.1:PORT").gives(TEMPORARY),
			Case.of("other host", GOOD)
				.with(FULL_URI, "http://192.0.2.1:PORT/creds")
				.fails(FULL_URI
						+ " must begin with https://, because 192.0.2.1 is neither this machine nor the agent of ECS"
						+ " or EKS"),
			Case.of("any address", GOOD)
				.with(FULL_URI, "http://0.0.0.0:PORT/creds")
				.fails(FULL_URI
						+ " must begin with https://, because 0.0.0.0 is neither this machine nor the agent of ECS or"
						+ " EKS"),
			Case.of("similar to the agent", GOOD)
				.with(FULL_URI, "http://169.254.170.22:PORT/creds")
				.fails(FULL_URI + " must begin with https://, because 169.254.170.22 is neither this machine nor the"
						+ " agent of ECS or EKS"),
			Case.of("unknown host", GOOD)
				.with(FULL_URI, "http://" + "a".repeat(64) + ":PORT/creds")
				.fails("the host " + "a".repeat(64) + " of " + FULL_URI + " cannot be resolved"),
			Case.of("other scheme", GOOD).with(FULL_URI, "ftp://127.0.0.1:PORT/creds").fails(malformed()),
			Case.of("no scheme", GOOD).with(FULL_URI, "127.0.0.1:PORT/creds").fails(malformed()),
			Case.of("only a path", GOOD).with(FULL_URI, "/creds").fails(malformed()),
			Case.of("no URI", GOOD).with(FULL_URI, "http://127.0.0.1:PORT/%%").fails(malformed()),
			Case.of("no port of TCP", GOOD).with(FULL_URI, "http://127.0.0.1:65536/creds").fails(malformed()),
			Case.of("nothing at the port", GOOD)
				.with(FULL_URI, "http://127.0.0.1:1/creds")
				.fails("the container's credentials endpoint http://127.0.0.1:1 cannot be reached: ConnectException:"
						+ " Connection refused"),
			Case.of("no TLS", GOOD)
				.with(FULL_URI, "https://127.0.0.1:PORT/creds")
				.fails("the container's credentials endpoint https://127.0.0.1:PORT cannot be reached: SSLException:"
						+ " Unsupported or unrecognized SSL message"),
			// Tokens.
			Case.of("token", GOOD).with(TOKEN, "Bearer token").gives(TEMPORARY),
			Case.of("token in a file", GOOD).withFile("token in file").gives(TEMPORARY),
			Case.of("blanks around the token in a file", GOOD).withFile(" token in file ").gives(TEMPORARY),
			Case.of("token and file", GOOD).with(TOKEN, "token").withFile("token in file").gives(TEMPORARY),
			Case.of("token blank, and file", GOOD)
				.with(TOKEN, " ")
				.withFile("token in file")
				.gives(TEMPORARY)
				.unlike("a blank variable is not set"),
			Case.of("token ends with a line break", GOOD).with(TOKEN, "token\n").gives(TEMPORARY),
			Case.of("token has a line break", GOOD)
				.with(TOKEN, "to\r\nken: x")
				.fails("the token in " + TOKEN + " has a line break"),
			Case.of("file ends with a line break", GOOD)
				.withFile("token\n")
				.fails("the token in the file of " + TOKEN_FILE + " has a line break"),
			Case.of("file has a carriage return", GOOD)
				.withFile("to\rken")
				.fails("the token in the file of " + TOKEN_FILE + " has a line break")
				.unlike("some servers end a line there"),
			Case.of("token has a letter beyond ASCII", GOOD)
				.withFile("tok\u00e9n")
				.fails("the token in the file of " + TOKEN_FILE
						+ " has a character that is neither a space nor printable ASCII")
				.unlike("the server would not get that token"),
			Case.of("file empty", GOOD).withFile("").gives(TEMPORARY),
			Case.of("file blank", GOOD).withFile(" \n").gives(TEMPORARY),
			Case.of("file too large", GOOD)
				.withFile("x".repeat(64 * 1024 + 1))
				.fails("TOKEN-FILE, the file of " + TOKEN_FILE + ", is larger than 64 KB")
				.unlike("memory is limited"),
			Case.of("file absent", GOOD)
				.with(TOKEN_FILE, "/absent/token")
				.fails("/absent/token, the file of " + TOKEN_FILE + ", cannot be read (NoSuchFileException)"),
			Case.of("file is a folder", GOOD)
				.with(TOKEN_FILE, "/")
				.fails("/, the file of " + TOKEN_FILE + ", cannot be read (IOException)"),
			Case.of("file has no valid name", GOOD)
				.with(TOKEN_FILE, "/tmp/\0/token")
				.fails("/tmp/\\u0000/token, the file of " + TOKEN_FILE + ", cannot be read (InvalidPathException)"),
			error("token in the error", "403 Forbidden",
					"{\"message\":\"secrettoken is not Bearer secrettoken, id confidential, ?q=confidential\"}")
				.with(TOKEN, "Bearer secrettoken", FULL_URI, "http://127.0.0.1:PORT/creds/confidential?q=confidential")
				.fails(AT + "answered with HTTP 403 (****** is not ******, id ******, ?q=******)"),
			error("identifier before a slash in the error", "400 Bad Request", "{\"message\":\"no confidential\"}")
				.with(FULL_URI, "http://127.0.0.1:PORT/v2/confidential/")
				.fails(AT + "answered with HTTP 400 (no ******)"),
			error("name of the path in the error", "404 Not Found", "{\"message\":\"no credentials\"}")
				.with(FULL_URI, "http://127.0.0.1:PORT/v1/credentials")
				.fails(AT + "answered with HTTP 404 (no credentials)"));

	private static ContainerStub stub;

	@TempDir
	private Path folder;

	@BeforeAll
	static void start() throws IOException {
		stub = new ContainerStub();
	}

	@AfterAll
	static void stop() throws IOException {
		stub.close();
	}

	@ParameterizedTest(name = "{0}")
	@FieldSource("CASES")
	void resolveIsLikeThatOfSdkUnlessThereIsAReason(Case one) throws IOException {
		Map<String, String> variables = variables(one);
		List<String> answers = one.answers().stream().map(ContainerCredentialsTests::withPort).toList();
		stub.answerWith(answers);
		Object own = own(variables);
		List<String> ownRequests = stub.requests();
		stub.answerWith(answers);
		Object sdk = sdk(variables);
		List<String> sdkRequests = stub.requests();
		assertThat(own).isEqualTo(one.expected(variables));
		boolean alike = sdk.equals((own instanceof AwsCredentials) ? own : "failure")
				&& sdkRequests.equals(ownRequests);
		assertThat(alike).as("%s; SDK: %s after %s, own: %s after %s", one.unlike(), sdk, sdkRequests, own, ownRequests)
			.isEqualTo(one.unlike() == null || (alike && INCOMPLETE.equals(one.unlike())));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n{" })
	void resolveWhenAnswerDoesNotEndFailsAndLeavesNoThread(String start) throws Exception {
		try (SlowEndpoint endpoint = new SlowEndpoint(start)) {
			assertThatExceptionOfType(AwsException.class)
				.isThrownBy(() -> ContainerCredentials.resolve(
						Map.of(FULL_URI, "http://127.0.0.1:" + endpoint.port() + "/creds"), Duration.ofMillis(300)))
				.withMessage("the container's credentials endpoint http://127.0.0.1:" + endpoint.port()
						+ " did not answer in time");
			for (Thread thread : Thread.getAllStackTraces().keySet()) {
				if (thread.getName().equals("ecs-secrets-fetch")) {
					thread.join(Duration.ofSeconds(30).toMillis());
					assertThat(thread.isAlive()).isFalse();
				}
			}
		}
	}

	@Test
	void resolveWhenJvmHasProxyDoesNotUseIt() {
		System.setProperty("http.proxyHost", "127.0.0.1");
		System.setProperty("http.proxyPort", "1");
		System.setProperty("http.nonProxyHosts", "none");
		try {
			stub.answerWith(List.of(GOOD));
			assertThat(own(Map.of(FULL_URI, "http://127.0.0.1:" + stub.port() + "/creds"))).isEqualTo(TEMPORARY);
		}
		finally {
			System.clearProperty("http.proxyHost");
			System.clearProperty("http.proxyPort");
			System.clearProperty("http.nonProxyHosts");
		}
	}

	@Test
	void resolveSendsNoHeaderOfTheJdk() {
		stub.answerWith(List.of(GOOD));
		own(Map.of(FULL_URI, "http://127.0.0.1:" + stub.port() + "/creds"));
		assertThat(stub.lastHead()).contains("user-agent: ecs-secrets\r\n", "accept: */*\r\n")
			.doesNotContainIgnoringCase("Java/");
	}

	private Map<String, String> variables(Case one) throws IOException {
		Map<String, String> variables = new HashMap<>(Map.of(FULL_URI, "http://127.0.0.1:PORT/creds"));
		if (one.variables().containsKey(RELATIVE_URI)) {
			variables.clear();
		}
		variables.putAll(one.variables());
		variables.replaceAll((name, value) -> withPort(value));
		if (one.token() != null) {
			Path file = Files.writeString(this.folder.resolve("token"), one.token(), StandardCharsets.UTF_8);
			variables.put(TOKEN_FILE, file.toString());
		}
		return variables;
	}

	private static Object own(Map<String, String> variables) {
		try {
			return ContainerCredentials.resolve(variables);
		}
		catch (AwsException ex) {
			assertThat(ex.reason()).isEqualTo(Reason.NO_CREDENTIALS);
			assertThat(ex).hasNoCause();
			assertThat(ex.getMessage()).isEqualTo(PrintableText.of(ex.getMessage()));
			// Who finds the early end of an answer depends on the JDK.
			return ex.getMessage()
				.replace("IOException: Premature EOF", EARLY_END)
				.replace("EOFException: the answer ends after 103 of 1000 bytes", EARLY_END);
		}
	}

	private static Object sdk(Map<String, String> variables) {
		List<String> properties = new ArrayList<>();
		software.amazon.awssdk.auth.credentials.AwsCredentials resolved;
		try (ContainerCredentialsProvider provider = ContainerCredentialsProvider.create()) {
			variables.forEach((name, value) -> {
				String property = SdkSystemSetting.valueOf(name).property();
				properties.add(property);
				System.setProperty(property, value);
			});
			resolved = provider.resolveCredentials();
		}
		catch (RuntimeException ex) {
			return "failure";
		}
		finally {
			properties.forEach(System::clearProperty);
		}
		try {
			return new SdkCredentials(StaticCredentialsProvider.create(resolved)).get();
		}
		catch (IllegalArgumentException ex) {
			return "credentials that no request can be signed with";
		}
	}

	private static String withPort(String text) {
		return text.replace("PORT", Integer.toString(stub.port()));
	}

	private static Case json(String name, String members) {
		return Case.of(name, ok("{" + members + "}"));
	}

	private static Case error(String name, String status, String body) {
		return Case.of(name,
				"HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body);
	}

	private static String ok(String body) {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
				+ "\r\nConnection: close\r\n\r\n" + body;
	}

	private static String chunk(String text) {
		return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
	}

	private static String malformed() {
		return FULL_URI + " must be a URI that begins with http:// or https:// and has a host";
	}

	/**
	 * Case that both resolve.
	 *
	 * @param name the name of the case
	 * @param answers the answers of the endpoint
	 * @param variables the environment variables, if not only the full URI
	 * @param token the content of the file with the token, or {@code null}
	 * @param outcome the credentials or the message of the failure
	 * @param unlike why the SDK has another outcome, or {@code null}
	 */
	record Case(String name, List<String> answers, Map<String, String> variables, @Nullable String token,
			@Nullable Object outcome, @Nullable String unlike) {

		static Case of(String name, String... answers) {
			return new Case(name, List.of(answers), Map.of(), null, null, null);
		}

		Case with(String... variables) {
			Map<String, String> all = new HashMap<>(this.variables);
			for (int i = 0; i < variables.length; i += 2) {
				all.put(variables[i], variables[i + 1]);
			}
			return new Case(this.name, this.answers, all, this.token, this.outcome, this.unlike);
		}

		Case withFile(String token) {
			return new Case(this.name, this.answers, this.variables, token, this.outcome, this.unlike);
		}

		Case gives(AwsCredentials credentials) {
			return new Case(this.name, this.answers, this.variables, this.token, credentials, this.unlike);
		}

		Case fails(String message) {
			return new Case(this.name, this.answers, this.variables, this.token, message, this.unlike);
		}

		Case unlike(String reason) {
			return new Case(this.name, this.answers, this.variables, this.token, this.outcome, reason);
		}

		@Nullable Object expected(Map<String, String> variables) {
			return (this.outcome instanceof String message)
					? withPort(message).replace("TOKEN-FILE", String.valueOf(variables.get(TOKEN_FILE))) : this.outcome;
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
