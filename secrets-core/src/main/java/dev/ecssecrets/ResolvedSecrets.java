package dev.ecssecrets;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Outcome of a resolution: an immutable snapshot. Two of them are equal only if their
 * fetched secrets hold the same instances of {@link SecretValue}.
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
	 * Returns the fetched values by name.
	 * @return the name of the environment variable and the value of each secret that was
	 * fetched, in the order of the declarations; unmodifiable
	 */
	public Map<String, SecretValue> asMap() {
		Map<String, SecretValue> values = new LinkedHashMap<>();
		this.fetched.forEach((secret) -> values.put(secret.declaration().name(), secret.value()));
		return Collections.unmodifiableMap(values);
	}

	/**
	 * A secret that was fetched. Two of them are equal only if they hold the same
	 * instance of {@link SecretValue}.
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
