package dev.ecssecrets;

import java.net.URL;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * At least one of the two has to be there, and each has to be an object: any other file
 * is taken for a broken one, not for one without secrets.
 * <p>
 * A parameter is found by its name or its ARN, a secret by its ARN or its name, each with
 * or without the random suffix that Secrets Manager adds to the name in an ARN. Six
 * lower-case letters are no such suffix, as names end so more often: {@code db-master} is
 * not answered by {@code db}. A JSON string stands for its text, any other JSON value for
 * its JSON text as it is in the file. The file has one version of each secret: stages and
 * version ids are passed over.
 * <p>
 * The file is UTF-8, 4 MB at most, and local: a regular file, which symbolic links may
 * lead to, or a class path resource. It is read again for each fetch, on a daemon thread,
 * so that a fetch ends when its timeout is over or its thread is interrupted.
 */
public final class FileSecretStore implements SecretStore {

	private static final String PARAMETERS = "parameters";

	private static final String SECRETS = "secrets";

	// A hyphen and six characters.
	private static final int SUFFIX_LENGTH = 7;

	private static final double NEAR = 0.6;

	private static final int MAX_NEAR = 3;

	private static final int MAX_HINTS = 20;

	private static final int MAX_COMPARED = 10_000;

	private static final int MAX_NAME_LENGTH = 512;

	private final URL file;

	private final String name;

	/**
	 * Creates a store.
	 * @param file the file
	 */
	public FileSecretStore(URL file) {
		this.file = file;
		this.name = TextFile.name(file);
	}

	/**
	 * Fetches locations with one reading of the file.
	 * @param locations the locations
	 * @param timeout how long the fetch may take
	 * @return an answer for each location. All fail with {@link Reason#UNREADABLE_FILE}
	 * if the file cannot be read or is none of this form, and with
	 * {@link Reason#TIMED_OUT} if it is not read in time or the thread is interrupted,
	 * which stays so
	 */
	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		if (locations.isEmpty()) {
			return new Response(Map.of());
		}
		long start = System.nanoTime();
		Map<SecretLocation, Answer> answers = new HashMap<>();
		Failed failed = null;
		try {
			answers.putAll(answers(locations, content(read(timeout))));
		}
		catch (TextFile.UnreadableException | JsonSyntax.SyntaxException ex) {
			failed = new Failed(Reason.UNREADABLE_FILE, this.name + " " + ex.getMessage());
		}
		catch (TimeoutException ex) {
			failed = new Failed(Reason.TIMED_OUT, this.name + " was not read within " + timeout.toMillis() + " ms");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			failed = new Failed(Reason.TIMED_OUT, this.name + " was not read: the thread was interrupted");
		}
		if (failed != null) {
			for (SecretLocation location : locations) {
				answers.put(location, failed);
			}
		}
		return new Response(answers, List.of(new Call("file", Duration.ofNanos(System.nanoTime() - start),
				(failed != null) ? failed.reason() : null)));
	}

	private String read(Duration timeout) throws InterruptedException, TimeoutException {
		FutureTask<String> reading = new FutureTask<>(() -> TextFile.read(this.file));
		Thread thread = new Thread(reading, "ecs-secrets-file");
		thread.setDaemon(true);
		thread.start();
		try {
			return reading.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			Throwable cause = Objects.requireNonNull(ex.getCause());
			throw (cause instanceof TextFile.UnreadableException unreadable) ? unreadable
					: new TextFile.UnreadableException("cannot be read: " + cause.getClass().getName());
		}
		finally {
			reading.cancel(true);
		}
	}

	private static Map<String, GoJson> content(String text) {
		if (text.isBlank()) {
			throw withoutSections("is empty");
		}
		GoJson content = GoJson.of(text);
		if (!content.isObject()) {
			throw withoutSections("is a JSON " + content.type());
		}
		Map<String, GoJson> members = content.members();
		if (!members.containsKey(PARAMETERS) && !members.containsKey(SECRETS)) {
			throw withoutSections("has neither parameters nor secrets");
		}
		return members;
	}

	private static TextFile.UnreadableException withoutSections(String problem) {
		return new TextFile.UnreadableException(problem + ": parameters and secrets are expected at the top");
	}

	private static Map<String, GoJson> section(Map<String, GoJson> content, String name) {
		GoJson section = content.get(name);
		if (section == null) {
			return Map.of();
		}
		if (!section.isObject()) {
			throw new TextFile.UnreadableException(
					"has '" + name + "' that is a JSON " + section.type() + ", not an object");
		}
		return section.members();
	}

	private Map<SecretLocation, Answer> answers(Set<SecretLocation> locations, Map<String, GoJson> content) {
		Map<String, GoJson> parameters = section(content, PARAMETERS);
		Map<String, GoJson> secrets = section(content, SECRETS);
		Map<SecretLocation, Answer> answers = new HashMap<>();
		int absent = 0;
		for (SecretLocation location : locations) {
			GoJson found = find(location, parameters, secrets);
			if (found != null) {
				String text = found.isString() ? found.print() : found.json();
				answers.put(location, new Found(SecretValue.of(text), this.name));
			}
			else {
				// A report does not list more.
				String near = (absent++ < MAX_HINTS) ? near(location, parameters.keySet(), secrets.keySet()) : "";
				answers.put(location, new Failed(Reason.NOT_FOUND, this.name + " has no " + location.id() + near));
			}
		}
		return answers;
	}

	private static @Nullable GoJson find(SecretLocation location, Map<String, GoJson> parameters,
			Map<String, GoJson> secrets) {
		return (location instanceof Parameter parameter) ? find(parameter, parameters, secrets)
				: find((SecretsManagerSecret) location, secrets);
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
		String arn = secret.id();
		String id = secret.secretId();
		GoJson found = first(secrets, arn, id, withoutSuffix(arn), withoutSuffix(id));
		return (found != null) ? found : findWithSuffix(secret, secrets);
	}

	/**
	 * As in Secrets Manager, an ARN without the suffix leads to the secret, unless it
	 * could be one of several.
	 */
	private static @Nullable GoJson findWithSuffix(SecretsManagerSecret secret, Map<String, GoJson> secrets) {
		List<String> names = secrets.keySet()
			.stream()
			.filter((name) -> isWithSuffix(name, secret.id()) || isWithSuffix(name, secret.secretId()))
			.toList();
		return (names.size() == 1) ? secrets.get(names.get(0)) : null;
	}

	private static boolean isWithSuffix(String name, String id) {
		return name.length() == id.length() + SUFFIX_LENGTH && name.startsWith(id) && hasSuffix(name);
	}

	private static String withoutSuffix(String name) {
		return hasSuffix(name) ? name.substring(0, name.length() - SUFFIX_LENGTH) : name;
	}

	private static boolean hasSuffix(String name) {
		int start = name.length() - SUFFIX_LENGTH;
		if (start <= 0 || name.charAt(start) != '-') {
			return false;
		}
		boolean word = true;
		for (char c : name.substring(start + 1).toCharArray()) {
			boolean lowerCase = c >= 'a' && c <= 'z';
			if (!lowerCase && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
				return false;
			}
			word &= lowerCase;
		}
		return !word;
	}

	private static String near(SecretLocation location, Set<String> parameters, Set<String> secrets) {
		return (location instanceof Parameter parameter) ? near(parameter.name(), parameters)
				: near(((SecretsManagerSecret) location).secretId(), secrets);
	}

	private static String near(String id, Set<String> names) {
		Set<String> pairs = pairs(id);
		List<String> near = names.stream()
			.limit(MAX_COMPARED)
			.filter((name) -> name.length() <= MAX_NAME_LENGTH && likeness(pairs, pairs(name)) >= NEAR)
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
