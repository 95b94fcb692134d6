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
 * One resolution: sorts the declarations, fetches what is missing, and collects what
 * fails.
 */
final class Resolution {

	private final List<SecretDeclaration> declarations;

	private final Supplier<? extends SecretStore> store;

	private final Duration timeout;

	private final long start = System.nanoTime();

	private final Map<SecretDeclaration, SecretReference> missing = new LinkedHashMap<>();

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

	private int fetchMissing() {
		Set<SecretLocation> locations = new LinkedHashSet<>();
		this.missing.values().forEach((reference) -> locations.add(reference.location()));
		Response response = GuardedFetch.from(this.store.get(), locations, this.timeout);
		FetchedValues values = new FetchedValues(response.answers());
		this.missing.forEach((declaration, reference) -> add(declaration, reference, values.get(reference)));
		return response.calls().size();
	}

	private void add(SecretDeclaration declaration, SecretReference reference, Answer answer) {
		if (answer instanceof Found found) {
			this.fetched.add(new Fetched(declaration, found.value(), found.source(),
					(found.warning() != null) ? asWritten(declaration, reference, found.warning()) : null));
		}
		else if (answer instanceof Failed failed && failed.reason().isAbsence() && declaration.optional()) {
			this.absent.add(declaration);
		}
		else if (answer instanceof Failed failed) {
			fail(declaration, failed.reason(), asWritten(declaration, reference, failed.detail()));
		}
	}

	private List<SecretFailure> failuresInOrder() {
		return this.declarations.stream().distinct().map(this.failures::get).filter(Objects::nonNull).toList();
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
			return "the name is declared with another valueFrom too: '" + PrintableText.of(sameName.writtenValueFrom())
					+ "'" + ((sameName.origin() != null) ? " at " + sameName.origin() : "");
		}
		return null;
	}

	private void parse(SecretDeclaration declaration) {
		try {
			this.missing.put(declaration, SecretReference.parse(declaration));
		}
		catch (InvalidSecretReferenceException ex) {
			fail(declaration, Reason.INVALID_REFERENCE, ex.problem());
		}
	}

	private void fail(SecretDeclaration declaration, Reason reason, String detail) {
		this.failures.put(declaration, new SecretFailure(declaration, reason, detail));
	}

	private Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	/**
	 * Puts the {@code valueFrom} as it was written in the place of what it became, which
	 * may be a secret. An ARN is none.
	 */
	private static String asWritten(SecretDeclaration declaration, SecretReference reference, String text) {
		if (!declaration.hadPlaceholder() || reference.location().arn() != null) {
			return text;
		}
		String id = reference.location().id();
		String path = id.startsWith("/") ? id.substring(1) : id;
		return text.replace(id, declaration.writtenValueFrom()).replace(path, declaration.writtenValueFrom());
	}

	/**
	 * With a leading slash and without it are two parameters. Where one is not found,
	 * adds whether the other is there.
	 */
	private void addOtherNames() {
		Map<SecretDeclaration, Parameter> others = new HashMap<>();
		this.missing.forEach((declaration, reference) -> {
			SecretFailure failure = this.failures.get(declaration);
			if (failure != null && failure.reason() == Reason.NOT_FOUND
					&& reference.location() instanceof Parameter parameter && parameter.arn() == null
					&& parameter.name().lastIndexOf('/') <= 0) {
				others.put(declaration, withOtherSlash(parameter));
			}
		});
		Duration timeLeft = this.timeout.minus(elapsed());
		if (others.isEmpty() || timeLeft.isNegative()) {
			return;
		}
		Map<SecretLocation, Answer> answers = GuardedFetch
			.from(this.store.get(), new LinkedHashSet<>(others.values()), timeLeft)
			.answers();
		others.forEach((declaration, other) -> {
			if (answers.get(other) instanceof Found) {
				this.failures.computeIfPresent(declaration, (key, failure) -> new SecretFailure(declaration,
						failure.reason(), failure.detail() + ", but there is one " + otherName(declaration, other)));
			}
		});
	}

	private static Parameter withOtherSlash(Parameter parameter) {
		String name = parameter.name();
		return new Parameter(name.startsWith("/") ? name.substring(1) : "/" + name, null);
	}

	private static String otherName(SecretDeclaration declaration, Parameter other) {
		if (declaration.hadPlaceholder()) {
			return (other.name().startsWith("/") ? "with" : "without") + " a leading slash";
		}
		return "named '" + other.name() + "'";
	}

}
