package dev.ecssecrets;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What became of the declared secrets: an immutable snapshot.
 *
 * @param fetched the secrets that were fetched
 * @param injected the declarations whose names the environment already had; nothing was
 * fetched for them
 * @param absent the optional declarations whose values do not exist
 * @param calls how many calls of stores it took, each with its retries
 * @param elapsed how long it took
 */
public record ResolvedSecrets(List<Fetched> fetched, List<SecretDeclaration> injected, List<SecretDeclaration> absent,
		int calls, Duration elapsed) {

	/**
	 * Creates a snapshot, with copies of the lists.
	 * @param fetched the secrets that were fetched
	 * @param injected the declarations whose names the environment already had
	 * @param absent the optional declarations whose values do not exist
	 * @param calls how many calls of stores it took
	 * @param elapsed how long it took
	 */
	public ResolvedSecrets {
		fetched = List.copyOf(fetched);
		injected = List.copyOf(injected);
		absent = List.copyOf(absent);
	}

	/**
	 * A secret that was fetched.
	 *
	 * @param declaration the declaration
	 * @param value the value, byte for byte what ECS injects
	 * @param source where it is from
	 * @param warning what about the value will surprise and what to do, for a person to
	 * read after the name of the secret, or {@code null}; it never holds a value
	 */
	public record Fetched(SecretDeclaration declaration, SecretValue value, SecretSource source,
			@Nullable String warning) {

	}

}
