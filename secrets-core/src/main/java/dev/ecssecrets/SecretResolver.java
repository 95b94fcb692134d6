package dev.ecssecrets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.jspecify.annotations.Nullable;

/**
 * Turns declarations into the values that ECS would have injected. Instances are
 * immutable and may be used by any number of threads.
 */
public final class SecretResolver {

	/**
	 * What {@code optional} forgives: a store's plain answer, not its failure to give
	 * one.
	 */
	static final Set<Reason> ABSENCE = EnumSet.of(Reason.NOT_FOUND, Reason.NO_SUCH_VERSION);

	static final Failed NO_ANSWER = new Failed(Reason.REFUSED, "the store gave no answer");

	private static final SecretStore NOTHING = (locations, timeout) -> new Response(Map.of());

	private static final int LISTED_KEYS = 20;

	private static final int LISTED_KEY_LENGTH = 64;

	private final Supplier<? extends SecretStore> store;

	private final Duration timeout;

	/**
	 * Creates a resolver.
	 * @param store gives the store; it is asked only when a value is missing, so that no
	 * class of a store that is not needed is loaded
	 * @param timeout how long one resolution may take
	 */
	public SecretResolver(Supplier<? extends SecretStore> store, Duration timeout) {
		this.store = store;
		this.timeout = timeout;
	}

	/**
	 * Resolves declarations: all of them are tried, whatever becomes of the others.
	 * @param declarations the declarations
	 * @param injected tells whether a name is in the process environment already
	 * @return the snapshot
	 * @throws SecretResolutionException if any declaration has no value, with all that
	 * have none
	 */
	public ResolvedSecrets resolve(List<SecretDeclaration> declarations, Predicate<String> injected) {
		return resolve(declarations, List.of(), injected);
	}

	/**
	 * Resolves declarations some of which have failed already: the others are tried all
	 * the same, so that one report has everything.
	 * @param declarations the declarations
	 * @param rejected the failures so far; their declarations are not tried
	 * @param injected tells whether a name is in the process environment already
	 * @return the snapshot
	 * @throws SecretResolutionException if any declaration has no value, with all that
	 * have none
	 */
	public ResolvedSecrets resolve(List<SecretDeclaration> declarations, List<SecretFailure> rejected,
			Predicate<String> injected) {
		long start = System.nanoTime();
		List<SecretDeclaration> present = new ArrayList<>();
		List<SecretDeclaration> absent = new ArrayList<>();
		List<Fetched> fetched = new ArrayList<>();
		List<SecretFailure> failures = new ArrayList<>(rejected);
		Map<SecretDeclaration, SecretReference> missing = new LinkedHashMap<>();
		for (SecretDeclaration declaration : unique(declarations, failures)) {
			if (injected.test(declaration.name())) {
				present.add(declaration);
				continue;
			}
			try {
				missing.put(declaration, SecretReference.parse(declaration.valueFrom()));
			}
			catch (InvalidSecretReferenceException ex) {
				failures.add(new SecretFailure(declaration, Reason.INVALID_REFERENCE, "expected " + ex.expected()));
			}
		}
		SecretStore store = missing.isEmpty() ? NOTHING : this.store.get();
		Response response = fetch(store, missing.values());
		missing.forEach((declaration, reference) -> {
			Answer answer = value(reference, response.answers().get(reference.location()));
			if (answer instanceof Found found) {
				fetched.add(new Fetched(declaration, found.value(), found.source(), found.warning()));
			}
			else if (answer instanceof Failed failed) {
				if (declaration.optional() && ABSENCE.contains(failed.reason())) {
					absent.add(declaration);
				}
				else {
					failures.add(new SecretFailure(declaration, failed.reason(), failed.detail()));
				}
			}
		});
		if (!failures.isEmpty()) {
			tellOtherNames(store, missing, failures, this.timeout.minusNanos(System.nanoTime() - start));
			failures.sort(Comparator.comparingInt((failure) -> declarations.indexOf(failure.declaration())));
			throw new SecretResolutionException(declarations.size(), failures);
		}
		return new ResolvedSecrets(fetched, present, absent, response.calls().size(),
				Duration.ofNanos(System.nanoTime() - start));
	}

	private static Collection<SecretDeclaration> unique(List<SecretDeclaration> declarations,
			List<SecretFailure> failures) {
		Map<String, SecretDeclaration> unique = new LinkedHashMap<>();
		Set<SecretDeclaration> failed = failures.stream().map(SecretFailure::declaration).collect(Collectors.toSet());
		for (SecretDeclaration declaration : declarations) {
			if (failed.contains(declaration)) {
				continue;
			}
			String problem = problem(declaration, unique.get(declaration.name()));
			if (problem == null) {
				unique.putIfAbsent(declaration.name(), declaration);
			}
			else {
				failures.add(new SecretFailure(declaration, Reason.INVALID_DECLARATION, problem));
			}
		}
		return unique.values();
	}

	private static @Nullable String problem(SecretDeclaration declaration, @Nullable SecretDeclaration sameName) {
		if (declaration.name().isBlank()) {
			return "it has no name";
		}
		if (declaration.valueFrom().isBlank()) {
			return "it has no valueFrom";
		}
		if (sameName != null && !sameName.valueFrom().equals(declaration.valueFrom())) {
			return "the name is declared with another valueFrom too: '" + sameName.valueFrom() + "'"
					+ ((sameName.origin() != null) ? " at " + sameName.origin() : "");
		}
		return null;
	}

	private Response fetch(SecretStore store, Collection<SecretReference> references) {
		Set<SecretLocation> locations = references.stream()
			.map(SecretReference::location)
			.collect(Collectors.toCollection(LinkedHashSet::new));
		return store.fetch(Collections.unmodifiableSet(locations), this.timeout);
	}

	/**
	 * With a leading slash and without it are two parameters. Where one is not found,
	 * this tells whether the other is there.
	 */
	private static void tellOtherNames(SecretStore store, Map<SecretDeclaration, SecretReference> asked,
			List<SecretFailure> failures, Duration timeLeft) {
		Map<SecretDeclaration, SecretLocation> others = new HashMap<>();
		for (SecretFailure failure : failures) {
			SecretReference reference = asked.get(failure.declaration());
			if (failure.reason() == Reason.NOT_FOUND && reference != null
					&& reference.location() instanceof Parameter parameter && parameter.arn() == null
					&& parameter.name().lastIndexOf('/') <= 0) {
				String name = parameter.name();
				others.put(failure.declaration(),
						new Parameter(name.startsWith("/") ? name.substring(1) : "/" + name, null));
			}
		}
		if (others.isEmpty() || timeLeft.isNegative()) {
			return;
		}
		Map<SecretLocation, Answer> answers = store.fetch(Set.copyOf(others.values()), timeLeft).answers();
		failures.replaceAll((failure) -> {
			SecretLocation other = others.get(failure.declaration());
			return (other != null && answers.get(other) instanceof Found) ? new SecretFailure(failure.declaration(),
					failure.reason(), failure.detail() + ", but there is '" + other.id() + "'") : failure;
		});
	}

	private static Answer value(SecretReference reference, @Nullable Answer answer) {
		if (answer == null) {
			return NO_ANSWER;
		}
		if (!(answer instanceof Found found)) {
			return answer;
		}
		Answer result = (reference.jsonKey() != null) ? member(reference.jsonKey(), found) : found;
		if (result instanceof Found it && it.value().hasNul()) {
			return new Failed(Reason.INVALID_VALUE, "it has a NUL character, which no environment variable can hold");
		}
		return result;
	}

	private static Answer member(String jsonKey, Found found) {
		try {
			Map<String, GoJson> members = found.value().members();
			GoJson member = members.get(jsonKey);
			if (member == null) {
				return new Failed(Reason.NO_SUCH_JSON_KEY,
						"'" + jsonKey + "' is not among the secret's keys " + names(members.keySet()));
			}
			String printed = member.print();
			Found value = new Found(SecretValue.of(printed), found.source(), found.warning());
			return (member.isString() || printed.equals(member.json())) ? value : value.withWarning("is a JSON "
					+ member.type() + ", which ECS prints in a form of its own: store it as a JSON string");
		}
		catch (GoJson.SyntaxException ex) {
			return new Failed(Reason.NOT_A_JSON_OBJECT,
					"the valueFrom asks for the key '" + jsonKey + "' of a secret that " + ex.getMessage());
		}
	}

	private static String names(Set<String> keys) {
		return keys.stream()
			.limit(LISTED_KEYS)
			.map((key) -> (key.length() > LISTED_KEY_LENGTH) ? key.substring(0, LISTED_KEY_LENGTH) + "…" : key)
			.collect(Collectors.joining(", ", "[", (keys.size() > LISTED_KEYS) ? ", …]" : "]"));
	}

}
