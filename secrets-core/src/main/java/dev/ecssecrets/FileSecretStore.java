package dev.ecssecrets;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Secrets in a local JSON file, for a laptop without AWS:
 *
 * <pre>{@code
 * {
 *   "parameters": { "hamako-favorite-word": "wassyoi" },
 *   "secrets": { "db": { "password": "local" } }
 * }
 * }</pre>
 *
 * A parameter is found by its name or its ARN, a secret by its ARN, its name, or its name
 * without the random suffix that Secrets Manager adds to it in an ARN. Six lower-case
 * letters are no such suffix, as names end so more often: {@code db-master} is not
 * answered by {@code db}. A JSON string stands for its text, any other JSON value for its
 * JSON text as it is in the file. The file has one version of each secret: stages and
 * version ids are passed over. It is read again for each fetch.
 */
public final class FileSecretStore implements SecretStore {

	private static final Pattern RANDOM_SUFFIX = Pattern.compile("-(?![a-z]{6}$)[A-Za-z0-9]{6}$");

	private static final double NEAR = 0.6;

	private static final int MAX_NEAR = 3;

	private final URL file;

	/**
	 * Creates a store.
	 * @param file the file
	 */
	public FileSecretStore(URL file) {
		this.file = file;
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		if (locations.isEmpty()) {
			return new Response(Map.of());
		}
		long start = System.nanoTime();
		Map<SecretLocation, Answer> answers = new HashMap<>();
		Failed failed = null;
		try {
			Map<String, GoJson> content = GoJson.members(read());
			Map<String, GoJson> parameters = section(content, "parameters");
			Map<String, GoJson> secrets = section(content, "secrets");
			locations.forEach((location) -> answers.put(location, answer(location, parameters, secrets)));
		}
		catch (IOException ex) {
			failed = new Failed(Reason.UNREADABLE_FILE, this.file + " cannot be read: " + ex);
		}
		catch (GoJson.SyntaxException ex) {
			failed = new Failed(Reason.UNREADABLE_FILE, this.file + " " + ex.getMessage());
		}
		if (failed != null) {
			for (SecretLocation location : locations) {
				answers.put(location, failed);
			}
		}
		return new Response(answers, List.of(new Call("file", Duration.ofNanos(System.nanoTime() - start),
				(failed != null) ? failed.reason() : null)));
	}

	private String read() throws IOException {
		try (InputStream in = this.file.openStream()) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private static Map<String, GoJson> section(Map<String, GoJson> content, String name) {
		GoJson section = content.get(name);
		try {
			return (section != null) ? section.members() : Map.of();
		}
		catch (GoJson.SyntaxException ex) {
			throw new GoJson.SyntaxException("has '" + name + "' that is not a JSON object");
		}
	}

	private Answer answer(SecretLocation location, Map<String, GoJson> parameters, Map<String, GoJson> secrets) {
		GoJson found = (location instanceof Parameter parameter) ? find(parameter, parameters, secrets)
				: find((SecretsManagerSecret) location, secrets);
		if (found == null) {
			String near = (location instanceof Parameter parameter) ? near(parameter.name(), parameters.keySet())
					: near(((SecretsManagerSecret) location).secretId(), secrets.keySet());
			return new Failed(Reason.NOT_FOUND, this.file + " has no " + location.id() + near);
		}
		return new Found(SecretValue.of(found.isString() ? found.print() : found.json()), this.file.toString());
	}

	private static @Nullable GoJson find(Parameter parameter, Map<String, GoJson> parameters,
			Map<String, GoJson> secrets) {
		// The ARN of a parameter without a path does not tell whether its name has a
		// slash.
		GoJson found = first(parameters, parameter.id(), parameter.name(),
				(parameter.arn() != null) ? "/" + parameter.name() : parameter.name());
		String secretId = parameter.secretId();
		return (found == null && secretId != null) ? secrets.get(secretId) : found;
	}

	private static @Nullable GoJson find(SecretsManagerSecret secret, Map<String, GoJson> secrets) {
		String id = secret.secretId();
		return first(secrets, secret.id(), id, RANDOM_SUFFIX.matcher(id).replaceFirst(""));
	}

	private static String near(String id, Set<String> names) {
		Set<String> pairs = pairs(id);
		List<String> near = names.stream()
			.filter((name) -> likeness(pairs, pairs(name)) >= NEAR)
			// That a slash makes the difference is told for every store.
			.filter((name) -> !name.equals("/" + id) && !id.equals("/" + name))
			.sorted(Comparator.comparingDouble((name) -> -likeness(pairs, pairs(name))))
			.limit(MAX_NEAR)
			.toList();
		return near.isEmpty() ? "" : ", but " + String.join(" and ", near);
	}

	/**
	 * Returns the share of the shorter name's pairs of letters that the other has too: a
	 * path is like the name that it ends with.
	 */
	private static double likeness(Set<String> left, Set<String> right) {
		return (double) left.stream().filter(right::contains).count()
				/ Math.max(Math.min(left.size(), right.size()), 1);
	}

	private static Set<String> pairs(String name) {
		return IntStream.range(1, name.length())
			.mapToObj((i) -> name.substring(i - 1, i + 1).toLowerCase(Locale.ROOT))
			.collect(Collectors.toSet());
	}

	private static @Nullable GoJson first(Map<String, GoJson> values, String... names) {
		return Stream.of(names).map(values::get).filter(Objects::nonNull).findFirst().orElse(null);
	}

}
