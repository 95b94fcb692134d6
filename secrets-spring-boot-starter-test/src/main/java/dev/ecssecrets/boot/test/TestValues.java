// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import dev.ecssecrets.InvalidSecretReferenceException;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.test.InMemorySecretStore;
import org.jspecify.annotations.Nullable;

/**
 * Values of declared secrets, each at the location of its declaration.
 */
final class TestValues {

	private static final int MAX_EDITS = 2;

	private final InMemorySecretStore checked = new InMemorySecretStore();

	private final List<SecretDeclaration> declared;

	/**
	 * The valid declarations.
	 */
	private final Map<SecretDeclaration, SecretReference> references = new LinkedHashMap<>();

	/**
	 * The values by {@code valueFrom}, in the order in which they were put.
	 */
	private final Map<String, String> values = new LinkedHashMap<>();

	TestValues(List<SecretDeclaration> declared) {
		this.declared = declared;
		for (SecretDeclaration declaration : declared) {
			try {
				this.references.put(declaration, SecretReference.parse(declaration.valueFrom()));
			}
			catch (InvalidSecretReferenceException ex) {
				// The application reports it.
			}
		}
	}

	/**
	 * Returns a new store with the values.
	 */
	InMemorySecretStore store() {
		InMemorySecretStore store = new InMemorySecretStore();
		this.values.forEach(store::put);
		return store;
	}

	/**
	 * Returns the locations that the application fetches.
	 */
	Set<SecretLocation> locations() {
		return Set.copyOf(this.references.values().stream().map(SecretReference::location).toList());
	}

	/**
	 * Returns the names of the secrets that need a value and have none: the required
	 * ones, and each optional JSON key of a secret that has a value.
	 */
	List<String> missing() {
		return this.references.keySet()
			.stream()
			.filter((declaration) -> resolve(declaration) instanceof SecretFailure failure
					&& !isAbsent(declaration, failure))
			.map(SecretDeclaration::name)
			.distinct()
			.toList();
	}

	private static boolean isAbsent(SecretDeclaration declaration, SecretFailure failure) {
		return failure.reason() == Reason.NOT_FOUND && declaration.optional();
	}

	private boolean hasValue(SecretDeclaration declaration) {
		return resolve(declaration) instanceof String;
	}

	/**
	 * Puts values by the names of their secrets.
	 */
	void put(Map<String, String> values) {
		// Whole secrets first: a JSON key is put into its secret.
		this.references.entrySet()
			.stream()
			.sorted(Comparator.comparing((entry) -> entry.getValue().jsonKey() != null))
			.forEach((entry) -> put(entry.getKey(), values.get(entry.getKey().name())));
	}

	/**
	 * Puts the name of each secret without a value as its value.
	 */
	void putNames() {
		// Keys first: with them, a secret has a value.
		this.references.entrySet()
			.stream()
			.sorted(Comparator.comparing((entry) -> entry.getValue().jsonKey() == null))
			.map(Map.Entry::getKey)
			.filter((declaration) -> !hasValue(declaration))
			.forEach((declaration) -> put(declaration, declaration.name()));
	}

	private void put(SecretDeclaration declaration, @Nullable String value) {
		if (value == null) {
			return;
		}
		try {
			this.checked.put(declaration.valueFrom(), value);
			this.values.put(declaration.valueFrom(), value);
		}
		catch (IllegalStateException ex) {
			// The check reports that it is not JSON.
		}
	}

	/**
	 * Checks that values and declarations match.
	 * @throws TestSecretsException if they do not, with all differences
	 */
	void check(Map<String, String> values, Class<?> testClass) {
		List<String> names = this.declared.stream().map(SecretDeclaration::name).distinct().toList();
		List<String> problems = new ArrayList<>();
		values.keySet()
			.stream()
			.filter((name) -> !names.contains(name))
			.sorted()
			.forEach((name) -> problems.add(PrintableText.of(name) + " is not declared" + similar(name, names)));
		this.references.keySet().forEach((declaration) -> {
			String problem = problem(declaration, values.get(declaration.name()));
			if (problem != null) {
				problems.add(PrintableText.of(declaration.name()) + " " + problem);
			}
		});
		if (!problems.isEmpty()) {
			throw new TestSecretsException(
					"@TestSecrets of " + testClass.getName() + " does not match the declared secrets "
							+ names.stream().map(PrintableText::of).toList() + ":\n- " + String.join("\n- ", problems));
		}
	}

	private @Nullable String problem(SecretDeclaration declaration, @Nullable String value) {
		Object resolved = resolve(declaration);
		if (!(resolved instanceof SecretFailure failure)) {
			return (value == null || value.equals(resolved)) ? null
					: "and another secret have different values, but the same valueFrom: "
							+ PrintableText.of(declaration.writtenValueFrom());
		}
		if (isAbsent(declaration, failure)) {
			return null;
		}
		if (failure.reason() == Reason.NOT_FOUND || failure.reason() == Reason.NO_SUCH_JSON_KEY) {
			return "has no value. Add \"" + PrintableText.of(declaration.name()) + "=...\"";
		}
		return "has no value: " + failure.detail();
	}

	private static String similar(String name, List<String> names) {
		return names.stream()
			.filter((other) -> edits(comparable(name), comparable(other)) <= MAX_EDITS)
			.findFirst()
			.map((other) -> "; did you mean " + PrintableText.of(other) + "?")
			.orElse("");
	}

	/**
	 * Returns the name as an environment variable has it.
	 */
	private static String comparable(String name) {
		return name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
	}

	/**
	 * Returns how many characters have to be inserted, removed or replaced.
	 */
	private static int edits(String left, String right) {
		int[] row = IntStream.rangeClosed(0, right.length()).toArray();
		for (int i = 1; i <= left.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= right.length(); j++) {
				int replaced = diagonal + ((left.charAt(i - 1) == right.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
			}
		}
		return row[right.length()];
	}

	/**
	 * Returns the value, or the {@link SecretFailure}.
	 */
	private Object resolve(SecretDeclaration declaration) {
		try {
			SecretDeclaration required = new SecretDeclaration(declaration.name(), declaration.valueFrom());
			return new SecretResolver(() -> this.checked, Duration.ofSeconds(1))
				.resolve(List.of(required), (name) -> false)
				.fetched()
				.get(0)
				.value()
				.reveal();
		}
		catch (SecretResolutionException ex) {
			return ex.failures().get(0);
		}
	}

}
