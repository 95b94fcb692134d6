package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
 * The values of declared secrets, each where its declaration says.
 */
final class TestValues {

	private final InMemorySecretStore checked = new InMemorySecretStore();

	private final List<SecretDeclaration> declared;

	/**
	 * The declarations that can be resolved.
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
				// The report of the start has it.
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
	 * Returns what a store is asked for.
	 */
	Set<SecretLocation> locations() {
		return Set.copyOf(this.references.values().stream().map(SecretReference::location).toList());
	}

	/**
	 * Returns whether all secrets at a location have values.
	 */
	boolean isComplete(SecretLocation location) {
		return this.references.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().location().equals(location))
			.allMatch((entry) -> hasValue(entry.getKey()));
	}

	/**
	 * Returns the names of the secrets that need values and have none.
	 */
	List<String> missing() {
		return this.references.keySet()
			.stream()
			.filter((declaration) -> !declaration.optional() && !hasValue(declaration))
			.map(SecretDeclaration::name)
			.toList();
	}

	private boolean hasValue(SecretDeclaration declaration) {
		return resolve(declaration) instanceof String;
	}

	/**
	 * Puts values by the names of their secrets.
	 */
	void put(Map<String, String> values) {
		// A JSON key goes into the secret, which therefore comes first.
		this.references.entrySet()
			.stream()
			.sorted(Comparator.comparing((entry) -> entry.getValue().jsonKey() != null))
			.forEach((entry) -> put(entry.getKey(), values.get(entry.getKey().name())));
	}

	/**
	 * Gives each secret without value its name as the value.
	 */
	void putNames() {
		// A secret that has keys by now has a value.
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
			// The check finds that it is not JSON.
		}
	}

	/**
	 * Checks that values and declarations fit.
	 * @throws IllegalStateException if they do not, with all that does not
	 */
	void check(Map<String, String> values, Class<?> testClass) {
		List<String> names = this.declared.stream().map(SecretDeclaration::name).distinct().toList();
		List<String> problems = new ArrayList<>();
		values.keySet()
			.stream()
			.filter((name) -> !names.contains(name))
			.sorted()
			.forEach((name) -> problems.add(name + " is not declared"));
		this.references.keySet().forEach((declaration) -> {
			String problem = problem(declaration, values.get(declaration.name()));
			if (problem != null) {
				problems.add(declaration.name() + " " + problem);
			}
		});
		if (!problems.isEmpty()) {
			throw new IllegalStateException("@TestSecrets of " + testClass.getName()
					+ " does not fit the declared secrets " + names + ":\n- " + String.join("\n- ", problems));
		}
	}

	private @Nullable String problem(SecretDeclaration declaration, @Nullable String value) {
		Object resolved = resolve(declaration);
		if (!(resolved instanceof SecretFailure failure)) {
			return (value == null || value.equals(resolved)) ? null
					: "has another value than a secret with the same valueFrom: "
							+ PrintableText.of(declaration.writtenValueFrom());
		}
		if (failure.reason() == Reason.NOT_FOUND && declaration.optional()) {
			return null;
		}
		if (failure.reason() == Reason.NOT_FOUND || failure.reason() == Reason.NO_SUCH_JSON_KEY) {
			return "has no value: add \"" + declaration.name() + "=…\"";
		}
		return "has no value: " + failure.detail();
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
