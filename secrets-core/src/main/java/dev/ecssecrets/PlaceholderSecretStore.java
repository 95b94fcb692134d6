// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Store of placeholders for all declared secrets, for a run that only trains the JVM,
 * such as one that makes an AOT cache. Instances are immutable.
 *
 * @since 0.1.0
 */
public final class PlaceholderSecretStore implements SecretStore {

	private static final String SOURCE = "placeholders";

	private final Map<SecretLocation, String> values;

	/**
	 * Creates a store for declarations. A secret that is declared by JSON keys is a
	 * document that has them.
	 * @param declarations the declarations; invalid ones are ignored, as a
	 * {@link SecretResolver} reports them
	 */
	public PlaceholderSecretStore(List<SecretDeclaration> declarations) {
		Map<SecretLocation, String> values = new HashMap<>();
		Map<SecretLocation, Map<String, String>> documents = new HashMap<>();
		for (SecretDeclaration declaration : declarations) {
			try {
				SecretReference reference = SecretReference.parse(declaration);
				String placeholder = placeholder(declaration.name());
				if (reference.jsonKey() == null) {
					values.putIfAbsent(reference.location(), placeholder);
				}
				else {
					documents.computeIfAbsent(reference.location(), (location) -> new LinkedHashMap<>())
						.putIfAbsent(reference.jsonKey(), placeholder);
				}
			}
			catch (InvalidSecretReferenceException ex) {
				// It is reported, and not fetched.
			}
		}
		documents.forEach((location, members) -> values.put(location, json(members)));
		this.values = Map.copyOf(values);
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (SecretLocation location : locations) {
			String value = this.values.getOrDefault(location, placeholder(""));
			answers.put(location,
					new Found(SecretValue.of(value), new SecretSource(SOURCE, null, List.of(), Instant.now())));
		}
		return new Response(answers);
	}

	/**
	 * Returns the placeholder for a secret, by which it can be recognized in a failure.
	 */
	private static String placeholder(String name) {
		return "placeholder-for-" + name;
	}

	private static String json(Map<String, String> members) {
		StringJoiner json = new StringJoiner(",", "{", "}");
		members.forEach((key, value) -> json.add(GoJson.quote(key) + ":" + GoJson.quote(value)));
		return json.toString();
	}

}
