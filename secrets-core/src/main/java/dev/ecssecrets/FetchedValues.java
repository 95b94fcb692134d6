// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import org.jspecify.annotations.Nullable;

/**
 * Values of fetched locations. The JSON of a secret is parsed once, even if several of
 * its keys are declared.
 */
final class FetchedValues {

	private static final int LISTED_KEYS = 20;

	private static final int LISTED_KEY_LENGTH = 64;

	private final Map<SecretLocation, Answer> answers;

	private final Map<SecretLocation, Members> parsed = new HashMap<>();

	FetchedValues(Map<SecretLocation, Answer> answers) {
		this.answers = answers;
	}

	Answer get(SecretReference reference) {
		Answer answer = Objects.requireNonNull(this.answers.get(reference.location()));
		if (!(answer instanceof Found found)) {
			return answer;
		}
		Answer result = (reference.jsonKey() != null) ? member(reference, reference.jsonKey(), found) : found;
		if (result instanceof Found it && it.value().hasNul()) {
			return new Failed(Reason.INVALID_VALUE,
					"it has a NUL character, which environment variables cannot contain");
		}
		return result;
	}

	private Answer member(SecretReference reference, String jsonKey, Found found) {
		Members members = this.parsed.computeIfAbsent(reference.location(), (location) -> Members.of(found));
		if (members.problem() != null) {
			return new Failed(Reason.NOT_A_JSON_OBJECT,
					"the valueFrom has a JSON key, but the secret " + members.problem());
		}
		GoJson member = members.byName().get(jsonKey);
		if (member == null) {
			return new Failed(Reason.NO_SUCH_JSON_KEY, members.describe(jsonKey));
		}
		String printed = member.print();
		Found value = new Found(SecretValue.of(printed), found.source(), found.warning());
		return (member.isString() || printed.equals(member.json())) ? value : value.withWarning(
				"is a JSON " + member.type() + ", which ECS prints in its own format: store it as a JSON string");
	}

	/**
	 * Members of a secret that should be a JSON object.
	 *
	 * @param byName the members by name
	 * @param problem why the secret is not a JSON object, or {@code null} if it is one
	 */
	private record Members(Map<String, GoJson> byName, @Nullable String problem) {

		static Members of(Found found) {
			try {
				return new Members(found.value().members(), null);
			}
			catch (JsonSyntax.SyntaxException ex) {
				return new Members(Map.of(), ex.getMessage());
			}
		}

		/**
		 * Describes why the key does not exist. The key itself is left out, because it
		 * may be the value of a placeholder.
		 */
		String describe(String jsonKey) {
			String names = this.byName.keySet()
				.stream()
				.limit(LISTED_KEYS)
				.map((key) -> PrintableText.of(key, LISTED_KEY_LENGTH))
				.collect(Collectors.joining(", ", "[", (this.byName.size() > LISTED_KEYS) ? ", ...]" : "]"));
			String problem = ReferenceText.find(jsonKey);
			return ((problem != null) ? "the key in the valueFrom " + problem + "; " : "") + "the secret has the keys "
					+ names;
		}

	}

}
