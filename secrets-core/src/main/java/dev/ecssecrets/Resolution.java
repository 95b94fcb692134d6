// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.jspecify.annotations.Nullable;

/**
 * One resolution: parses declarations, fetches the missing values, and collects failures.
 */
final class Resolution {

	private final List<SecretDeclaration> declarations;

	private final Supplier<? extends SecretStore> store;

	private final Duration timeout;

	private final long start = System.nanoTime();

	private final List<MissingSecret> missing = new ArrayList<>();

	private final List<Fetched> fetched = new ArrayList<>();

	private final List<SecretDeclaration> absent = new ArrayList<>();

	private final Map<SecretDeclaration, SecretFailure> failures = new HashMap<>();

	Resolution(List<SecretDeclaration> declarations, Supplier<? extends SecretStore> store, Duration timeout) {
		this.declarations = declarations;
		this.store = store;
		this.timeout = timeout;
	}

	ResolvedSecrets resolve(Predicate<String> injected) {
		List<SecretDeclaration> present = new ArrayList<>();
		for (SecretDeclaration declaration : unique()) {
			if (injected.test(declaration.name())) {
				present.add(declaration);
			}
			else {
				parse(declaration);
			}
		}
		int calls = this.missing.isEmpty() ? 0 : fetchMissing();
		if (!this.failures.isEmpty()) {
			addOtherNames();
			throw new SecretResolutionException(this.declarations.size(), failuresInOrder());
		}
		return new ResolvedSecrets(this.fetched, present, this.absent, calls, elapsed());
	}

	private List<SecretDeclaration> unique() {
		Map<String, SecretDeclaration> unique = new LinkedHashMap<>();
		for (SecretDeclaration declaration : this.declarations) {
			String problem = problem(declaration, unique.get(declaration.name()));
			if (problem == null) {
				unique.putIfAbsent(declaration.name(), declaration);
			}
			else {
				fail(declaration, Reason.INVALID_DECLARATION, problem);
			}
		}
		return List.copyOf(unique.values());
	}

	private static @Nullable String problem(SecretDeclaration declaration, @Nullable SecretDeclaration sameName) {
		if (declaration.name().isBlank()) {
			return "it has no name";
		}
		if (declaration.valueFrom().isBlank()) {
			return "it has no valueFrom";
		}
		if (sameName != null && !sameName.valueFrom().equals(declaration.valueFrom())) {
			return "the same name is declared with a different valueFrom: '"
					+ PrintableText.of(sameName.writtenValueFrom()) + "'"
					+ ((sameName.origin() != null) ? " at " + sameName.origin() : "");
		}
		return null;
	}

	private void parse(SecretDeclaration declaration) {
		try {
			this.missing.add(new MissingSecret(declaration, SecretReference.parse(declaration)));
		}
		catch (InvalidSecretReferenceException ex) {
			fail(declaration, Reason.INVALID_REFERENCE, ex.problem());
		}
	}

	private int fetchMissing() {
		Set<SecretLocation> locations = new LinkedHashSet<>();
		this.missing.forEach((secret) -> locations.add(secret.location()));
		Response response = GuardedFetch.from(this.store.get(), locations, this.timeout);
		FetchedValues values = new FetchedValues(response.answers());
		this.missing.forEach((secret) -> add(secret, values.get(secret.reference())));
		return response.calls().size();
	}

	private void add(MissingSecret secret, Answer answer) {
		SecretDeclaration declaration = secret.declaration();
		if (answer instanceof Found found) {
			String warning = (found.warning() != null) ? secret.asWritten(found.warning()) : null;
			this.fetched.add(new Fetched(declaration, found.value(), found.source(), warning));
		}
		else if (answer instanceof Failed failed && failed.reason().isAbsence() && declaration.optional()) {
			this.absent.add(declaration);
		}
		else if (answer instanceof Failed failed) {
			fail(declaration, failed.reason(), secret.asWritten(failed.detail()));
		}
	}

	private void fail(SecretDeclaration declaration, Reason reason, String detail) {
		this.failures.put(declaration, new SecretFailure(declaration, reason, detail));
	}

	/**
	 * Adds hints to the failures of parameters that were not found: a parameter whose
	 * name differs only in the leading slash, or a secret of that name.
	 */
	private void addOtherNames() {
		Map<MissingSecret, Parameter> others = otherNames();
		Duration timeLeft = this.timeout.minus(elapsed());
		if (others.isEmpty() || timeLeft.isNegative()) {
			return;
		}
		Set<SecretLocation> locations = new LinkedHashSet<>(others.values());
		Map<SecretLocation, Answer> answers = GuardedFetch.from(this.store.get(), locations, timeLeft).answers();
		others.forEach((secret, other) -> {
			boolean found = answers.get(other) instanceof Found;
			this.failures.computeIfPresent(secret.declaration(), (declaration, failure) -> {
				String hint = found ? ", but there is one " + secret.describe(other) : secret.hintAtSecret();
				// The store may have asked whether another name was meant.
				return (!found && failure.detail().endsWith("?")) ? failure
						: new SecretFailure(declaration, failure.reason(), failure.detail() + hint);
			});
		});
	}

	private Map<MissingSecret, Parameter> otherNames() {
		Map<MissingSecret, Parameter> others = new LinkedHashMap<>();
		for (MissingSecret secret : this.missing) {
			SecretFailure failure = this.failures.get(secret.declaration());
			Parameter other = secret.withOtherSlash();
			if (failure != null && failure.reason() == Reason.NOT_FOUND && other != null) {
				others.put(secret, other);
			}
		}
		return others;
	}

	private List<SecretFailure> failuresInOrder() {
		return this.declarations.stream().distinct().map(this.failures::get).filter(Objects::nonNull).toList();
	}

	private Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

}
