// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.aws.HostileEndpoint.Connection;
import dev.ecssecrets.aws.HostileEndpoint.Request;
import tools.jackson.databind.JsonNode;

/**
 * Answer that no service gives, with its expected results.
 *
 * @param name the name, of letters, digits and hyphens
 * @param kind the cost of a test with this answer
 * @param parameters the expected reasons for failures of parameters; none if they are
 * found
 * @param secrets the expected reasons for failures of secrets; none if they are found
 * @param writer writes the answer
 */
record HostileAnswer(String name, Kind kind, Set<Reason> parameters, Set<Reason> secrets, Writer writer) {

	/**
	 * Text in each body that is not a valid answer.
	 */
	static final String CANARY = "canary-in-the-body";

	static final String SECRET_ACCESS_KEY = "canarySecretAccessKey/0123456789+abcdefg";

	static final String SESSION_TOKEN = "IQoJcanary+SessionToken/" + "0123456789abcdefABCDEF+/".repeat(20) + "==";

	private static final String JSON = "application/x-amz-json-1.1";

	private static final String HTML = "<html><body>" + CANARY + "</body></html>";

	private static final String ABSENT = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Secrets Manager can't"
			+ " find the specified secret.\"}";

	private static final Map<String, HostileAnswer> ALL = all();

	/**
	 * Cost of a test with an answer.
	 */
	enum Kind {

		/**
		 * The answer is immediate.
		 */
		PLAIN,

		/**
		 * The answer never ends, or is retried until the time is over.
		 */
		SLOW,

		/**
		 * The answer is read up to the limit, and needs the heap for itself.
		 */
		LARGE,

		/**
		 * The answer is incomplete or quotes the request. The clients differ in both.
		 */
		BROKEN,

		/**
		 * The headers are incomplete. The JDK reads up to 384 KB of headers per
		 * connection.
		 */
		LARGE_HEADERS

	}

	/**
	 * Returns whether the answer is tested with the maximum number of calls at once.
	 */
	boolean isForAllCallsAtOnce() {
		return this.name.equals("endless-text") || this.name.equals("endless-html-in-chunks");
	}

	static HostileAnswer named(String name) {
		return ALL.get(name);
	}

	static List<HostileAnswer> values() {
		return List.copyOf(ALL.values());
	}

	@Override
	public String toString() {
		return this.name;
	}

	private static Map<String, HostileAnswer> all() {
		List<HostileAnswer> all = new ArrayList<>();
		all.addAll(results());
		all.addAll(texts());
		all.addAll(errors());
		all.addAll(foreignErrors());
		all.addAll(statuses());
		all.addAll(sizes());
		all.addAll(transfers());
		Map<String, HostileAnswer> byName = new LinkedHashMap<>();
		all.forEach((answer) -> {
			if (byName.put(answer.name(), answer) != null) {
				throw new IllegalStateException(answer.name());
			}
		});
		return byName;
	}

	/**
	 * Answers in JSON that differ from those of the services.
	 */
	private static List<HostileAnswer> results() {
		String secret = "{\"SecretString\":\"" + CANARY + "\"}";
		String arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";
		return List.of(found("as-the-service", "{\"Parameters\":$FOUND,\"InvalidParameters\":[]}", secret),
				found("with-members-that-nobody-reads", "{\"Parameters\":$FOUND,\"X\":[1.5,true,null,{\"Y\":{}}]}",
						"{\"X\":[1.5,true,null,{\"Y\":{}}],\"SecretString\":\"x\"}"),
				new HostileAnswer("absent-as-the-service", Kind.PLAIN, Set.of(Reason.NOT_FOUND),
						Set.of(Reason.NOT_FOUND),
						(request,
								connection) -> (request.isForParameters()
										? answer(200, JSON,
												"{\"Parameters\":[],\"InvalidParameters\":$NAMES}")
										: answer(400, JSON, ABSENT))
									.write(request, connection)),
				refused("empty-object", "{}"), refused("empty-list", "[]"), refused("null", "null"),
				refused("text", "\"" + CANARY + "\""), refused("number", "42"), refused("boolean", "true"),
				refused("message", "{\"message\":\"" + CANARY + "\"}"), refused("error-as-result", ABSENT),
				refused("names-that-were-not-requested",
						"{\"Parameters\":[{\"Name\":\"/other\",\"Value\":\"" + CANARY
								+ "\"}],\"InvalidParameters\":[\"/another\"]}",
						"{\"ARN\":\"" + arn + "other-AbCdEf\",\"SecretString\":\"" + CANARY + "\"}"),
				refused("neither-found-nor-invalid", "{\"Parameters\":[],\"InvalidParameters\":[]}",
						"{\"Name\":\"db\",\"VersionStages\":[\"AWSCURRENT\"]}"),
				refused("parameters-without-invalid-ones", "{\"Parameters\":[]}"),
				refused("invalid-parameters-alone", "{\"InvalidParameters\":$NAMES}"),
				refused("parameters-null", "{\"Parameters\":null,\"InvalidParameters\":$NAMES}",
						"{\"SecretString\":null,\"SecretBinary\":null}"),
				refused("parameters-object", "{\"Parameters\":{},\"InvalidParameters\":$NAMES}",
						"{\"SecretString\":{\"" + CANARY + "\":1}}"),
				refused("parameters-text", "{\"Parameters\":\"\",\"InvalidParameters\":$NAMES}",
						"{\"SecretString\":[\"" + CANARY + "\"]}"),
				refused("parameters-of-null", "{\"Parameters\":[null],\"InvalidParameters\":$NAMES}"),
				refused("parameters-of-texts", "{\"Parameters\":[\"" + CANARY + "\"],\"InvalidParameters\":$NAMES}"),
				refused("invalid-parameters-of-null", "{\"Parameters\":[],\"InvalidParameters\":[null]}",
						"{\"VersionStages\":[null],\"SecretString\":\"" + CANARY + "\"}"),
				refused("invalid-parameters-text", "{\"Parameters\":[],\"InvalidParameters\":\"/app/0\"}",
						"{\"VersionStages\":\"AWSCURRENT\",\"SecretString\":\"" + CANARY + "\"}"),
				refused("found-and-invalid", "{\"Parameters\":$FOUND,\"InvalidParameters\":$NAMES}",
						"{\"ARN\":42,\"SecretString\":\"" + CANARY + "\"}"),
				refused("found-twice", "{\"Parameters\":$FOUND_TWICE,\"InvalidParameters\":[]}",
						"{\"VersionId\":{},\"SecretString\":\"" + CANARY + "\"}"),
				value("value-number", "42"), value("value-fraction", "1.5"), value("value-boolean", "true"),
				value("value-null", "null"), value("value-object", "{\"" + CANARY + "\":1}"),
				value("value-list", "[\"" + CANARY + "\"]"), value("value-long-number", "1".repeat(100_000)),
				refused("version-text", "{\"Parameters\":$FOUND_WITH_TEXT_AS_VERSION}"),
				refused("duplicate-members",
						"{\"Parameters\":$FOUND,\"Parameters\":[],\"InvalidParameters\":[],\"InvalidParameters\":$NAMES}",
						"{\"SecretString\":\"" + CANARY + "\",\"SecretString\":\"other\"}"),
				refused("secret-of-binary-number", "{\"Parameters\":[{}]}", "{\"SecretBinary\":42}"));
	}

	/**
	 * Texts that are not JSON, or not UTF-8.
	 */
	private static List<HostileAnswer> texts() {
		return List.of(refused("empty", ""), refused("blank", " \r\n\t "),
				refused("empty-without-content-type", answer(200, null, "")),
				refused("html", answer(200, "text/html; charset=utf-8", HTML)),
				refused("xml", answer(200, "text/xml", "<?xml version=\"1.0\"?><Error>" + CANARY + "</Error>")),
				refused("truncated", "{\"Parameters\":[{\"Name\":\"" + CANARY, "{\"SecretString\":\"" + CANARY),
				refused("trailing-garbage", "{\"Parameters\":$FOUND}" + CANARY,
						"{\"SecretString\":\"" + CANARY + "\"}}"),
				refused("two-documents", "{\"Parameters\":$FOUND}{}", "{\"SecretString\":\"" + CANARY + "\"} {}"),
				refused("unquoted", "{\"Parameters\":" + CANARY + "}", "{\"SecretString\":" + CANARY + "}"),
				refused("not-a-number", "{\"Parameters\":NaN}", "{\"SecretString\":NaN}"),
				refused("latin-1",
						answer(200, JSON, "{\"SecretString\":\"gr\u00fc\u00df\"}", StandardCharsets.ISO_8859_1)),
				refused("lone-surrogate",
						answer(200, JSON, "{\"SecretString\":\"\u00ed\u00a0\u0080\"}", StandardCharsets.ISO_8859_1)),
				refused("overlong",
						answer(200, JSON, "{\"SecretString\":\"\u00c0\u00af\"}", StandardCharsets.ISO_8859_1)),
				refused("latin-1-after-the-end",
						answer(200, JSON, "{\"SecretString\":\"x\"}\u00fc", StandardCharsets.ISO_8859_1)),
				refused("utf-16", answer(200, JSON, "{\"SecretString\":\"" + CANARY + "\"}", StandardCharsets.UTF_16)),
				refused("utf-16-without-mark",
						answer(200, JSON, "{\"SecretString\":\"" + CANARY + "\"}", StandardCharsets.UTF_16LE)),
				refused("byte-order-mark", "\ufeff{\"Parameters\":$FOUND}",
						"\ufeff{\"SecretString\":\"" + CANARY + "\"}"),
				refused("gzip",
						bytes(200, Map.of("Content-Type", JSON, "Content-Encoding", "gzip"),
								gzip("{\"SecretString\":\"" + CANARY + "\"}"))),
				refused("gzip-noise", bytes(200, Map.of("Content-Encoding", "gzip"), gzip(CANARY))),
				refused("control-character", "{\"SecretString\":\"\u0000\u001b\"}"),
				refused("deep-lists", "[".repeat(100_000)),
				refused("deep-objects", "{\"x\":".repeat(100_000) + "1" + "}".repeat(100_000)));
	}

	/**
	 * Errors with the code of the service, and with unusual additions.
	 */
	private static List<HostileAnswer> errors() {
		String crLf = "\\r\\nX-Injected: 1\\r\\n\\r\\n\\u001b[2J\\u202e\\u2028";
		return List.of(error("code-alone", 400, "{\"__type\":\"ValidationException\"}", Reason.REFUSED),
				error("code-with-empty-message", 400, "{\"__type\":\"ValidationException\",\"message\":\"\"}",
						Reason.REFUSED),
				error("message-null", 400, "{\"__type\":\"ValidationException\",\"message\":null}", Reason.REFUSED),
				error("message-number", 400, "{\"__type\":\"ValidationException\",\"message\":42}", Reason.REFUSED),
				error("message-object", 400,
						"{\"__type\":\"ValidationException\",\"message\":{\"" + CANARY + "\":null}}", Reason.REFUSED),
				error("message-long", 400,
						"{\"__type\":\"AccessDeniedException\",\"message\":\"" + "no ".repeat(10_000) + "\"}",
						Reason.ACCESS_DENIED),
				error("message-with-escapes", 400,
						"{\"__type\":\"AccessDeniedException\",\"message\":\"no" + crLf + "\"}", Reason.ACCESS_DENIED),
				error("code-with-escapes", 400, "{\"__type\":\"AccessDenied" + crLf + "\",\"message\":\"no\"}",
						Reason.REFUSED),
				error("code-number", 400, "{\"__type\":42,\"message\":\"no\"}", Reason.REFUSED),
				error("code-boolean", 400, "{\"__type\":true,\"message\":\"no\"}", Reason.REFUSED),
				error("code-null", 400, "{\"__type\":null,\"message\":\"no\"}", Reason.REFUSED),
				error("code-object", 400, "{\"__type\":{\"" + CANARY + "\":1},\"message\":\"no\"}", Reason.REFUSED),
				error("code-empty", 400, "{\"__type\":\"\",\"message\":\"no\"}", Reason.REFUSED),
				error("code-of-colons", 400, "{\"__type\":\"" + ":".repeat(60_000) + "\"}", Reason.REFUSED),
				error("code-of-hashes", 400, "{\"__type\":\"" + "#".repeat(60_000) + "\"}", Reason.REFUSED),
				error("code-of-200000-colons", 400, "{\"__type\":\"" + ":".repeat(200_000) + "\"}", Reason.REFUSED),
				both("code-of-colons-in-header", Kind.PLAIN, Set.of(Reason.REFUSED),
						bytes(400, Map.of("Content-Type", JSON, "x-amzn-ErrorType", ":".repeat(200_000)), utf8("{}"))),
				both("code-in-header-of-html", Kind.PLAIN, Set.of(Reason.REFUSED),
						bytes(404, Map.of("Content-Type", "text/html", "x-amzn-ErrorType", "ResourceNotFoundException"),
								utf8(HTML))),
				both("code-in-header-of-nothing", Kind.PLAIN, Set.of(Reason.REFUSED),
						bytes(404, Map.of("x-amzn-ErrorType", "ResourceNotFoundException"), new byte[0])),
				both("code-as-list", Kind.PLAIN, Set.of(Reason.REFUSED), answer(400, JSON, "[" + ABSENT + "]")),
				error("absent-in-500", 500, ABSENT, Reason.UNREACHABLE),
				error("absent-in-503", 503, ABSENT, Reason.UNREACHABLE),
				error("absent-in-202", 202, ABSENT, Reason.REFUSED),
				new HostileAnswer("absent-parameter-as-error", Kind.PLAIN, Set.of(Reason.REFUSED),
						Set.of(Reason.NOT_FOUND), answer(400, JSON, ABSENT)),
				both("request-repeated-in-message", Kind.BROKEN, Set.of(Reason.INVALID_SIGNATURE),
						answer(400, JSON, "{\"__type\":\"InvalidSignatureException\",\"message\":$REQUEST}")),
				error("request-repeated-in-code", 400, "{\"__type\":$REQUEST,\"message\":\"no\"}", Reason.REFUSED),
				error("credentials-repeated", 400,
						"{\"__type\":\"AccessDeniedException\",\"message\":\"" + SESSION_TOKEN + SECRET_ACCESS_KEY
								+ "\"}",
						Reason.ACCESS_DENIED),
				both("signature-repeated-everywhere", Kind.PLAIN, Set.of(Reason.REFUSED), (request, connection) -> {
					String signature = request.signature();
					bytes(400,
							Map.of("Content-Type", signature, "x-amzn-RequestId", signature, "x-amzn-ErrorType",
									signature),
							utf8("{\"__type\":\"" + signature + "\",\"message\":\"" + signature + "\"}"))
						.write(request, connection);
				}), both("request-repeated-as-html", Kind.PLAIN, Set.of(Reason.REFUSED),
						(request, connection) -> answer(403, "text/html", request.head()).write(request, connection)));
	}

	/**
	 * Errors of proxies between the client and the service.
	 */
	private static List<HostileAnswer> foreignErrors() {
		List<HostileAnswer> all = new ArrayList<>();
		for (int status : new int[] { 400, 403, 404, 407, 500, 502, 503 }) {
			Set<Reason> reasons = Set.of((status >= 500) ? Reason.UNREACHABLE : Reason.REFUSED);
			all.add(both("html-" + status, Kind.PLAIN, reasons, answer(status, "text/html", HTML)));
			all.add(both("empty-" + status, Kind.PLAIN, reasons, answer(status, null, "")));
		}
		all.add(both("xml-403", Kind.PLAIN, Set.of(Reason.REFUSED),
				answer(403, "application/xml", "<Error><Code>AccessDenied</Code><X>" + CANARY + "</X></Error>")));
		all.add(both("json-without-code-403", Kind.PLAIN, Set.of(Reason.REFUSED),
				answer(403, "application/json", "{\"message\":\"" + CANARY + "\"}")));
		all.add(both("text-null-403", Kind.PLAIN, Set.of(Reason.REFUSED), answer(403, "text/plain", "null")));
		all.add(both("latin-1-500", Kind.PLAIN, Set.of(Reason.UNREACHABLE),
				answer(500, null, "\"\u00fc" + CANARY, StandardCharsets.ISO_8859_1)));
		all.add(both("content-type-long-403", Kind.PLAIN, Set.of(Reason.REFUSED),
				answer(403, "text/" + "x".repeat(2000), HTML)));
		all.add(both("content-type-strange-403", Kind.PLAIN, Set.of(Reason.REFUSED),
				answer(403, "\u001b[2J\u0007 \u00fc", HTML)));
		all.add(both("proxy-login", Kind.PLAIN, Set.of(Reason.REFUSED),
				bytes(407, Map.of("Content-Type", "text/html", "Proxy-Authenticate", "Basic realm=\"" + CANARY + "\""),
						utf8(HTML))));
		all.add(both("login", Kind.PLAIN, Set.of(Reason.REFUSED),
				bytes(401, Map.of("Content-Type", "text/html", "WWW-Authenticate", "Basic realm=\"" + CANARY + "\""),
						utf8(HTML))));
		all.add(both("throttled-by-other", Kind.SLOW, Set.of(Reason.THROTTLED, Reason.TIMED_OUT),
				answer(429, "text/html", HTML)));
		return all;
	}

	private static List<HostileAnswer> statuses() {
		List<HostileAnswer> all = new ArrayList<>();
		for (int status : new int[] { 201, 206, 301, 302, 307 }) {
			all.add(both("status-" + status, Kind.PLAIN, Set.of(Reason.REFUSED),
					bytes(status, Map.of("Content-Type", JSON, "Location", "http://" + CANARY + ".invalid/"),
							utf8("{\"SecretString\":\"" + CANARY + "\"}"))));
		}
		for (int status : new int[] { 204, 304 }) {
			all.add(both("status-" + status, Kind.PLAIN, Set.of(Reason.REFUSED),
					raw("HTTP/1.1 " + status + " X\r\nConnection: close\r\n\r\n")));
		}
		for (int status : new int[] { 999 }) {
			all.add(both("status-" + status, Kind.BROKEN, Set.of(Reason.UNREACHABLE),
					answer(status, "text/html", HTML)));
		}
		all.add(found("continued", "{\"Parameters\":$FOUND}", "{\"SecretString\":\"x\"}",
				"HTTP/1.1 100 Continue\r\n\r\n"));
		for (String line : new String[] { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
				"HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 abc X\r\n\r\n", "HTTP/1.1\r\n\r\n",
				"HTTP/9.9 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", CANARY + "\r\n", "\r\n\r\n", "\u0000\u0001\u0002" }) {
			all.add(both("status-line-" + all.size(), Kind.BROKEN, Set.of(Reason.REFUSED, Reason.UNREACHABLE),
					raw(line)));
		}
		all.add(both("continued-for-ever", Kind.LARGE_HEADERS, Set.of(Reason.REFUSED, Reason.UNREACHABLE),
				(request, connection) -> connection.repeat(utf8("HTTP/1.1 100 Continue\r\n\r\n"))));
		return all;
	}

	/**
	 * Bodies and headers beyond the limits. They are generated while they are written,
	 * because they exceed the memory of the JVM that fetches.
	 */
	private static List<HostileAnswer> sizes() {
		return List.of(
				new HostileAnswer("large-but-not-too-large", Kind.LARGE, Set.of(Reason.REFUSED), Set.of(),
						repeated(200, "{\"X\":\"", "x", 3_900_000, "\",\"SecretString\":\"x\"}")),
				refused("five-megabytes", repeated(200, "{\"SecretString\":\"", "x", 5_000_000, "\"}")),
				large("five-megabytes-until-close", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Type", JSON)) + "{\"SecretString\":\"");
					connection.write("x".repeat(5_000_000) + "\"}");
				}), large("five-megabytes-in-chunks", chunked(200, "{\"SecretString\":\"", 5000)),
				refused("seventy-kilobytes-400",
						repeated(400, "{\"__type\":\"ValidationException\",\"message\":\"", "x", 70_000, "\"}")),
				refused("seventy-kilobytes-400-in-chunks",
						chunked(400, "{\"__type\":\"ValidationException\",\"message\":\"", 70)),
				both("seventy-kilobytes-500", Kind.PLAIN, Set.of(Reason.UNREACHABLE),
						repeated(500, HTML, "x", 70_000, "")),
				refused("hundred-megabytes-announced", repeated(200, "{\"SecretString\":\"", "x", 100_000_000, "\"}")),
				refused("hundred-megabytes-announced-400", repeated(400, "{\"message\":\"", "x", 100_000_000, "\"}")),
				refused("small-values", repeated(200, "{\"x\":[0", ",0", 1_500_000, "]}")),
				refused("small-objects", repeated(200, "{\"x\":[{}", ",{}", 1_000_000, "]}")),
				refused("small-members", repeated(200, "{\"x\":0", ",\"y\":0", 500_000, "}")),
				refused("long-name", repeated(200, "{\"", "x", 3_000_000, "\":0}")),
				large("endless-text", endless(200, JSON, "{\"SecretString\":\"", "x")),
				refused("endless-text-400", endless(400, JSON, "{\"message\":\"", "x")),
				large("endless-text-in-chunks", (request, connection) -> {
					connection
						.write(head(200, Map.of("Transfer-Encoding", "chunked")) + "10000\r\n{\"SecretString\":\"");
					connection.write("x".repeat(0x10000 - 17) + "\r\n");
					connection.repeat(utf8("10000\r\n" + "x".repeat(0x10000) + "\r\n"));
				}), large("endless-html-in-chunks", (request, connection) -> {
					connection.write(head(200, Map.of("Transfer-Encoding", "chunked")));
					connection.repeat(utf8("40\r\n" + (HTML + " ".repeat(64)).substring(0, 64) + "\r\n"));
				}), large("endless-escapes", endless(200, JSON, "{\"SecretString\":\"", "\\u00fc")),
				large("endless-blanks", endless(200, JSON, "", " ")),
				large("endless-blanks-after-the-end", endless(200, JSON, "{\"SecretString\":\"x\"}", " ")),
				refused("endless-html", endless(200, "text/html", "", HTML)),
				refused("endless-html-403", endless(403, "text/html", "", HTML)),
				both("endless-html-502", Kind.PLAIN, Set.of(Reason.UNREACHABLE), endless(502, "text/html", "", HTML)),
				refused("endless-values", endless(200, JSON, "{\"x\":[0", ",0")),
				largeHeaders("endless-header-line", (request, connection) -> {
					connection.write("HTTP/1.1 200 OK\r\nX: ");
					connection.repeat(utf8("x".repeat(8192)));
				}), largeHeaders("endless-headers", (request, connection) -> {
					connection.write("HTTP/1.1 200 OK\r\n");
					connection.repeat(utf8("X: x\r\n".repeat(1000)));
				}), largeHeaders("endless-status-line", (request, connection) -> {
					connection.write("HTTP/1.1 200 ");
					connection.repeat(utf8("x".repeat(8192)));
				}), largeHeaders("huge-header", bytes(200, Map.of("X", "x".repeat(1_000_000)), utf8("{}"))));
	}

	private static List<HostileAnswer> transfers() {
		String good = "{\"SecretString\":\"x\"}";
		return List.of(slow("silent", (request, connection) -> connection.beSilent()),
				slow("silent-after-headers", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Length", "100")));
					connection.beSilent();
				}), slow("silent-after-headers-400", (request, connection) -> {
					connection.write(head(400, Map.of("Content-Length", "100")));
					connection.beSilent();
				}), slow("dripping-status-line", (request, connection) -> {
					connection.write("HTTP/1.1 200 ");
					connection.drip("x");
				}), slow("dripping-headers", (request, connection) -> {
					connection.write("HTTP/1.1 200 OK\r\n");
					connection.drip("X: x\r\n");
				}), slow("dripping-text", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Type", JSON)) + "{\"SecretString\":\"");
					connection.drip("x");
				}), slow("dripping-blanks-of-a-length", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Type", JSON, "Content-Length", "9999")));
					connection.drip(" ");
				}), slow("dripping-blanks-of-a-length-kept", (request, connection) -> {
					connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
					connection.drip(" ");
				}), slow("dripping-text-400", (request, connection) -> {
					connection.write(head(400, Map.of("Content-Type", JSON)) + "{\"message\":\"");
					connection.drip("x");
				}), slow("dripping-chunks", (request, connection) -> {
					connection.write(head(200, Map.of("Transfer-Encoding", "chunked")));
					connection.drip("1\r\n \r\n");
				}), slow("dripping-beyond-what-is-read-at-once", (request, connection) -> {
					connection.write(head(200, Map.of()) + "{\"SecretString\":\"" + "x".repeat(100_000));
					connection.drip("x");
				}), slow("silent-before-the-end", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Length", "100")) + good);
					connection.beSilent();
				}), broken("closed-at-once", raw("")),
				broken("reset-at-once", (request, connection) -> connection.reset()),
				broken("reset-midway", (request, connection) -> {
					connection.write(head(200, Map.of("Content-Length", "100")) + "{\"SecretString\":\"");
					connection.reset();
				}), broken("closed-midway", raw(head(200, Map.of("Content-Length", "100")) + good)),
				broken("closed-midway-400", raw(head(400, Map.of("Content-Length", "100")) + ABSENT)),
				broken("closed-in-chunk", raw(head(200, Map.of("Transfer-Encoding", "chunked")) + "64\r\n" + good)),
				refused("length-too-small", raw(head(200, Map.of("Content-Length", "5")) + good)),
				broken("length-not-a-number", raw(head(200, Map.of("Content-Length", "x")) + HTML)),
				broken("length-negative", raw(head(200, Map.of("Content-Length", "-1")) + HTML)),
				broken("chunk-of-no-number", raw(head(200, Map.of("Transfer-Encoding", "chunked")) + "zz\r\n" + HTML)),
				broken("chunk-too-large",
						raw(head(200, Map.of("Transfer-Encoding", "chunked")) + "7fffffffff\r\n" + HTML)),
				broken("chunk-with-endless-extension", (request, connection) -> {
					connection.write(head(200, Map.of("Transfer-Encoding", "chunked")) + "1;");
					connection.repeat(utf8("x".repeat(8192)));
				}), broken("header-without-colon", raw("HTTP/1.1 200 OK\r\n" + CANARY + "\r\n\r\n" + HTML)));
	}

	private static HostileAnswer found(String name, String parameters, String secret, String... before) {
		return both(name, Kind.PLAIN, Set.of(), (request, connection) -> {
			connection.write(String.join("", before));
			answer(200, JSON, request.isForParameters() ? parameters : secret).write(request, connection);
		});
	}

	private static HostileAnswer refused(String name, String body) {
		return refused(name, body, body);
	}

	private static HostileAnswer refused(String name, String parameters, String secret) {
		return refused(name, (request, connection) -> answer(200, JSON, request.isForParameters() ? parameters : secret)
			.write(request, connection));
	}

	private static HostileAnswer refused(String name, Writer writer) {
		return both(name, Kind.PLAIN, Set.of(Reason.REFUSED), writer);
	}

	private static HostileAnswer value(String name, String value) {
		return refused(name, "{\"Parameters\":[{\"Name\":\"/app/0\",\"Value\":" + value + "}]}",
				"{\"SecretString\":" + value + "}");
	}

	private static HostileAnswer error(String name, int status, String body, Reason reason) {
		return both(name, Kind.PLAIN, Set.of(reason), answer(status, JSON, body));
	}

	private static HostileAnswer large(String name, Writer writer) {
		return both(name, Kind.LARGE, Set.of(Reason.REFUSED), writer);
	}

	private static HostileAnswer slow(String name, Writer writer) {
		return both(name, Kind.SLOW, Set.of(Reason.TIMED_OUT), writer);
	}

	private static HostileAnswer broken(String name, Writer writer) {
		return both(name, Kind.BROKEN, Set.of(Reason.REFUSED, Reason.UNREACHABLE), writer);
	}

	private static HostileAnswer largeHeaders(String name, Writer writer) {
		return both(name, Kind.LARGE_HEADERS, Set.of(Reason.REFUSED, Reason.UNREACHABLE), writer);
	}

	private static HostileAnswer both(String name, Kind kind, Set<Reason> reasons, Writer writer) {
		return new HostileAnswer(name, kind, reasons, reasons, writer);
	}

	private static Writer answer(int status, String type, String body) {
		return answer(status, type, body, StandardCharsets.UTF_8);
	}

	private static Writer answer(int status, String type, String body, Charset charset) {
		return (request, connection) -> bytes(status, (type != null) ? Map.of("Content-Type", type) : Map.of(),
				fill(body, request).getBytes(charset))
			.write(request, connection);
	}

	private static Writer bytes(int status, Map<String, String> headers, byte[] body) {
		return (request, connection) -> {
			connection.write(head(status, headers).replace("Connection: close", "Content-Length: " + body.length));
			connection.write(body);
			connection.keep();
		};
	}

	private static Writer raw(String answer) {
		return (request, connection) -> connection.write(answer);
	}

	private static Writer chunked(int status, String start, int kilobytes) {
		return (request, connection) -> {
			connection.write(head(status, Map.of("Content-Type", JSON, "Transfer-Encoding", "chunked")));
			connection.write(Integer.toHexString(start.length()) + "\r\n" + start + "\r\n");
			for (int i = 0; i < kilobytes; i++) {
				connection.write("3e8\r\n" + "x".repeat(1000) + "\r\n");
			}
			connection.write("2\r\n\"}\r\n0\r\n\r\n");
		};
	}

	private static Writer repeated(int status, String start, String unit, int times, String end) {
		return (request, connection) -> {
			long length = start.length() + (long) unit.length() * times + end.length();
			connection
				.write(head(status, Map.of("Content-Type", JSON, "Content-Length", Long.toString(length))) + start);
			String units = unit.repeat(1000);
			for (int i = 0; i < times / 1000; i++) {
				connection.write(units);
			}
			connection.write(end);
		};
	}

	private static Writer endless(int status, String type, String start, String repeated) {
		return (request, connection) -> {
			connection.write(head(status, Map.of("Content-Type", type)) + start);
			connection.repeat(utf8(repeated.repeat(8192 / repeated.length() + 1)));
		};
	}

	private static String head(int status, Map<String, String> headers) {
		StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\nConnection: close\r\n");
		headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
		return head.append("\r\n").toString();
	}

	/**
	 * Replaces the variables in an answer with parts of the request.
	 */
	private static String fill(String body, Request request) {
		if (body.indexOf('$') < 0) {
			return body;
		}
		List<String> found = new ArrayList<>();
		for (JsonNode id : request.body().path("Names")) {
			String name = id.stringValue().replace("arn:aws:ssm:eu-west-1:123456789012:parameter", "");
			found.add("{\"Name\":\"" + name + "\",\"ARN\":\"arn:aws:ssm:eu-west-1:123456789012:parameter" + name
					+ "\",\"Value\":\"" + CANARY + "\",\"Version\":1}");
		}
		return body.replace("$NAMES", request.body().path("Names").toString())
			.replace("$FOUND_WITH_TEXT_AS_VERSION", found.toString().replace(":1}", ":\"1\"}"))
			.replace("$FOUND_TWICE", found.toString().replace("]", ",") + found.toString().substring(1))
			.replace("$FOUND", found.toString())
			.replace("$REQUEST", AwsJson.quote(request.head()));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static byte[] gzip(String text) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
			out.write(utf8(text));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

	/**
	 * Writes an answer.
	 */
	@FunctionalInterface
	interface Writer {

		void write(Request request, Connection connection) throws IOException;

	}

}
