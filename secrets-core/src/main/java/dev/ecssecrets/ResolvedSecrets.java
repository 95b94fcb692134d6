// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Result of a resolution, as an immutable snapshot. Two snapshots are equal only if their
 * fetched secrets have the same instances of {@link SecretValue}.
 *
 * @param fetched the secrets that were fetched
 * @param injected the declarations that were not fetched, because the environment already
 * had their names
 * @param absent the optional declarations whose values do not exist
 * @param calls the number of calls to stores, without retries
 * @param elapsed how long the resolution took
 * @since 0.1.0
 */
public record ResolvedSecrets(List<Fetched> fetched, List<SecretDeclaration> injected, List<SecretDeclaration> absent,
		int calls, Duration elapsed) {

	/**
	 * Creates a snapshot, with copies of the lists.
	 * @param fetched the secrets that were fetched
	 * @param injected the declarations whose names the environment already had
	 * @param absent the optional declarations whose values do not exist
	 * @param calls the number of calls to stores
	 * @param elapsed how long the resolution took
	 */
	public ResolvedSecrets {
		fetched = List.copyOf(fetched);
		injected = List.copyOf(injected);
		absent = List.copyOf(absent);
	}

	/**
	 * Returns the fetched values by name.
	 * @return an unmodifiable map from the names of environment variables to the values
	 * that were fetched, in the order of the declarations
	 */
	public Map<String, SecretValue> asMap() {
		Map<String, SecretValue> values = new LinkedHashMap<>();
		this.fetched.forEach((secret) -> values.put(secret.declaration().name(), secret.value()));
		return Collections.unmodifiableMap(values);
	}

	/**
	 * Secret that was fetched. Two of them are equal only if they have the same instance
	 * of {@link SecretValue}.
	 *
	 * @param declaration the declaration
	 * @param value the value, byte for byte what ECS injects
	 * @param source the source of the value
	 * @param warning a surprising fact about the value and how to fix it, for a person to
	 * read after the name of the secret, or {@code null}; it never contains a value
	 */
	public record Fetched(SecretDeclaration declaration, SecretValue value, SecretSource source,
			@Nullable String warning) {

	}

}
