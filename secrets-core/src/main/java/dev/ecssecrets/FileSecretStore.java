// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Store that reads secrets from a local JSON file, for a laptop without AWS:
 *
 * <pre>{@code
 * {
 *   "parameters": { "hamako-favorite-word": "wassyoi" },
 *   "secrets": { "db": { "password": "local" } }
 * }
 * }</pre>
 *
 * The file must have at least one of the two, and each must be an object. Any other file
 * counts as unreadable, not as a file without secrets.
 * <p>
 * A parameter is found by its name or its ARN, and a secret by its ARN or its name, each
 * with or without the random suffix that Secrets Manager appends to the name in an ARN.
 * Six lower-case letters do not count as a suffix, because they are a word more often:
 * {@code db} does not answer for {@code db-master}. The value of a JSON string is its
 * text. Any other JSON value stands for its JSON text, exactly as in the file. The file
 * has one version of each secret: version stages and IDs are ignored.
 * <p>
 * The file is UTF-8, of at most 4 MB, and local: a regular file, possibly behind symbolic
 * links, or a class path resource. Each fetch reads it again, on a daemon thread, so that
 * a fetch ends when its time is over or its thread is interrupted.
 *
 * @since 0.1.0
 */
public final class FileSecretStore implements SecretStore {

	private static final int MAX_HINTS = 20;

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
	 * Fetches locations by reading the file once.
	 * @param locations the locations
	 * @param timeout how long the fetch may take
	 * @return an answer for each location. All of them are failures with
	 * {@link Reason#UNREADABLE_FILE} if the file cannot be read or does not have this
	 * form, and with {@link Reason#TIMED_OUT} if it is not read in time or the thread is
	 * interrupted. The thread then remains interrupted
	 */
	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		if (locations.isEmpty()) {
			return new Response(Map.of());
		}
		long start = System.nanoTime();
		try {
			SecretsFile content = SecretsFile.parse(read(timeout));
			return new Response(answers(locations, content), List.of(call(start, null)));
		}
		catch (TextFile.UnreadableException | JsonSyntax.SyntaxException ex) {
			return failed(locations, start, Reason.UNREADABLE_FILE, String.valueOf(ex.getMessage()));
		}
		catch (TimeoutException ex) {
			return failed(locations, start, Reason.TIMED_OUT, "was not read within " + timeout.toMillis() + " ms");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return failed(locations, start, Reason.TIMED_OUT, "was not read: the thread was interrupted");
		}
	}

	private Response failed(Set<SecretLocation> locations, long start, Reason reason, String problem) {
		Failed failed = new Failed(reason, this.name + " " + problem);
		Map<SecretLocation, Answer> answers = new HashMap<>();
		locations.forEach((location) -> answers.put(location, failed));
		return new Response(answers, List.of(call(start, reason)));
	}

	private static Call call(long start, @Nullable Reason failure) {
		return new Call("file", Duration.ofNanos(System.nanoTime() - start), failure);
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

	private Map<SecretLocation, Answer> answers(Set<SecretLocation> locations, SecretsFile content) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		SecretSource source = new SecretSource(this.name, null, List.of(), Instant.now());
		int absent = 0;
		for (SecretLocation location : locations) {
			SecretValue value = content.find(location);
			if (value != null) {
				answers.put(location, new Found(value, source));
			}
			else {
				answers.put(location, new Failed(Reason.NOT_FOUND,
						this.name + " has no " + location.id() + hint(location, content, absent++ < MAX_HINTS)));
			}
		}
		return answers;
	}

	/**
	 * Returns a hint at a secret or at similar names. Only the first failures have one.
	 */
	private static String hint(SecretLocation location, SecretsFile content, boolean wanted) {
		String secret = content.secretOfThatName(location);
		if (secret != null) {
			return ", but it has a secret of that name, whose valueFrom is arn:aws:secretsmanager:REGION:ACCOUNT:secret:"
					+ secret;
		}
		List<String> similar = wanted ? content.similarNames(location) : List.of();
		return similar.isEmpty() ? "" : ". Did you mean " + String.join(" or ", similar) + "?";
	}

}
