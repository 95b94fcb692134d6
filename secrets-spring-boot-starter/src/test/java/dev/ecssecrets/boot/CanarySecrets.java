// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

import dev.ecssecrets.localstack.LocalStack;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets of many shapes in a LocalStack, which are rotated together, and all values that
 * they have had.
 */
final class CanarySecrets {

	static final String USER = "DB_USER";

	static final String PASSWORD = "DB_PASSWORD";

	static final String ACCESS_KEY = "AWS_SECRET_ACCESS_KEY";

	static final String SESSION_TOKEN = "AWS_SESSION_TOKEN";

	private static final Map<String, UnaryOperator<String>> SHAPES = shapes();

	private static final List<String> MEMBERS = List.of("USERNAME", "ENGINE", "HOST", "TOKEN", "NOTE");

	private static final List<String> INJECTED = List.of("INJECTED", "INJECTED_LINES", "INJECTED_QUOTED",
			"INJECTED_NUMBER", "INJECTED_JSON", "CANARY_FIXED_MAP_INJECTED");

	private final String id = UUID.randomUUID().toString();

	private final LocalStack aws;

	private final Map<String, String> all = new LinkedHashMap<>();

	private final Map<String, String> current = new LinkedHashMap<>();

	private final Map<String, String> valueFroms = new LinkedHashMap<>();

	private int generation;

	CanarySecrets(LocalStack aws) {
		this.aws = aws;
		rotate();
		put(USER, (letters) -> letters.toUpperCase(Locale.ROOT));
		this.valueFroms.put(USER, aws.putSecret(this.id + "-user", value(USER)));
		put("INJECTED", (letters) -> letters);
		put("INJECTED_LINES", SHAPES.get("LINES"));
		put("INJECTED_QUOTED", SHAPES.get("QUOTED"));
		put("INJECTED_NUMBER", SHAPES.get("NUMBER"));
		put("INJECTED_JSON", SHAPES.get("DOCUMENT"));
		put("CANARY_FIXED_MAP_INJECTED", SHAPES.get("QUERY"));
		INJECTED.forEach((injected) -> this.valueFroms.put(injected, "/" + this.id + "/absent"));
	}

	private static Map<String, UnaryOperator<String>> shapes() {
		Map<String, UnaryOperator<String>> shapes = new LinkedHashMap<>();
		shapes.put("PLAIN", (letters) -> letters);
		shapes.put("LETTERS", (letters) -> letters.replaceAll("[0-9]", "x"));
		shapes.put("LONG", (letters) -> (letters + "-").repeat(180));
		shapes.put("QUOTED", (letters) -> "\"quoted\" '" + letters + "'");
		shapes.put("BACKSLASHES", (letters) -> "C:\\" + letters + "\\\\n");
		shapes.put("UNICODE", (letters) -> "ü\u00a0\uD83C\uDFEE" + letters + "浜");
		shapes.put("KANJI",
				(letters) -> letters.chars()
					.mapToObj((letter) -> String.valueOf((char) (0x4e00 + letter)))
					.reduce("", String::concat));
		shapes.put("PERCENT", (letters) -> "%" + letters + "%41%");
		shapes.put("QUERY", (letters) -> "a=" + letters + "&b=+ ?#");
		shapes.put("LINES", (letters) -> "-----BEGIN KEY-----\n" + letters + "\n" + letters.substring(1)
				+ "\r\n-----END KEY-----\n");
		shapes.put("NUMBER", Canaries::digits);
		shapes.put("FRACTION", (letters) -> "0." + Canaries.digits(letters));
		shapes.put("BLANKS", (letters) -> " " + letters + "\t ");
		shapes.put("URL", (letters) -> "https://user:" + letters + "@example.com/?q=" + letters);
		shapes.put("DOLLARS", (letters) -> "$" + letters + "$1");
		shapes.put("PAIRS", (letters) -> "user=app;password=" + letters);
		shapes.put("DOCUMENT", (letters) -> "{\"password\": \"" + letters + "\"}");
		shapes.put("MARKUP", (letters) -> "<b>" + letters + "&amp;</b>");
		shapes.put("COMMAS", (letters) -> letters + ",2" + letters);
		shapes.put("COLONS", (letters) -> "key:" + letters + ":x");
		shapes.put("HASH", (letters) -> "# " + letters + " ! =");
		shapes.put("UNRESOLVABLE", (letters) -> letters + "${absent.property}");
		shapes.put("CANARY_FIXED_MAP_FETCHED", (letters) -> letters);
		shapes.put("API_KEY", (letters) -> "sk_live_" + letters);
		shapes.put("UPPER", (letters) -> letters.toUpperCase(Locale.ROOT));
		shapes.put(PASSWORD, (letters) -> letters + "'%");
		return shapes;
	}

	/**
	 * Gives each fetched secret, but for the user, another value, which no other one has
	 * had.
	 */
	void rotate() {
		this.generation++;
		SHAPES.forEach((secret, shape) -> {
			put(secret, shape);
			String name = "/" + this.id + "/" + secret;
			this.aws.putParameter(name, value(secret));
			this.valueFroms.put(secret, name);
		});
		Map<String, String> members = new LinkedHashMap<>();
		for (String member : MEMBERS) {
			put(member, (letters) -> "\\" + letters + "\"");
			members.put(member, value(member));
		}
		String arn = this.aws.putSecret(this.id, new JsonMapper().writeValueAsString(members));
		MEMBERS.forEach((member) -> this.valueFroms.put(member, arn + ":" + member + "::"));
		this.valueFroms.put("WHOLE", arn);
		put("TEXT", (letters) -> letters);
		this.valueFroms.put("TEXT", this.aws.putSecret(this.id + "-text", value("TEXT")));
	}

	private void put(String secret, UnaryOperator<String> shape) {
		String value = shape.apply(Canaries.letters(this.id + secret + this.generation));
		this.all.put(secret + " " + this.generation, value);
		this.current.put(secret, value);
	}

	void delete(String secret) {
		this.aws.ssm().deleteParameter((request) -> request.name(this.valueFroms.get(secret)));
	}

	void restore(String secret) {
		this.aws.putParameter(this.valueFroms.get(secret), value(secret));
	}

	String value(String secret) {
		return this.current.get(secret);
	}

	/**
	 * Returns all values that there have been, by the name of the secret and a number.
	 */
	Map<String, String> all() {
		return this.all;
	}

	/**
	 * Returns the {@code valueFrom} of each secret.
	 */
	Map<String, String> valueFroms() {
		return this.valueFroms;
	}

	/**
	 * Returns the variables of a process that may fetch the secrets, with those that are
	 * injected.
	 */
	Map<String, String> variables() {
		Map<String, String> variables = new LinkedHashMap<>(this.aws.environment());
		for (String credential : List.of(ACCESS_KEY, SESSION_TOKEN)) {
			variables.put(credential, Canaries.letters(this.id + credential));
			this.all.put(credential, variables.get(credential));
		}
		INJECTED.forEach((injected) -> variables.put(injected, value(injected)));
		return variables;
	}

}
