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

	private static final Failed NO_ANSWER = new Failed(Reason.REFUSED, "the store gave no answer");

	private static final int LISTED_KEYS = 20;

	private static final int LISTED_KEY_LENGTH = 64;

	private final Supplier<? extends SecretStore> store;

	private final Duration timeout;

	/**
	 * Creates a resolver.
	 * @param store gives the store, each time the same one; it is called only when a
	 * value is missing, so that no class of a store that is not needed is loaded. What it
	 * throws, a resolution throws
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
				missing.put(declaration, SecretReference.parse(declaration));
			}
			catch (InvalidSecretReferenceException ex) {
				failures.add(new SecretFailure(declaration, Reason.INVALID_REFERENCE, ex.problem()));
			}
		}
		Response response = missing.isEmpty() ? new Response(Map.of())
				: fetch(this.store.get(), locations(missing.values()), this.timeout);
		FetchedValues values = new FetchedValues(response.answers());
		missing.forEach((declaration, reference) -> {
			Answer answer = values.get(reference);
			if (answer instanceof Found found) {
				fetched.add(new Fetched(declaration, found.value(), found.source(),
						(found.warning() != null) ? asWritten(declaration, reference, found.warning()) : null));
			}
			else if (answer instanceof Failed failed) {
				if (declaration.optional() && ABSENCE.contains(failed.reason())) {
					absent.add(declaration);
				}
				else {
					failures.add(new SecretFailure(declaration, failed.reason(),
							asWritten(declaration, reference, failed.detail())));
				}
			}
		});
		if (!failures.isEmpty()) {
			addOtherNames(missing, failures, this.timeout.minusNanos(System.nanoTime() - start));
			Map<SecretDeclaration, Integer> order = new HashMap<>();
			declarations.forEach((declaration) -> order.putIfAbsent(declaration, order.size()));
			failures.sort(Comparator.comparingInt((failure) -> order.getOrDefault(failure.declaration(), -1)));
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
			return "the name is declared with another valueFrom too: '" + PrintableText.of(sameName.writtenValueFrom())
					+ "'" + ((sameName.origin() != null) ? " at " + sameName.origin() : "");
		}
		return null;
	}

	private static Set<SecretLocation> locations(Collection<SecretReference> references) {
		Set<SecretLocation> locations = new LinkedHashSet<>();
		references.forEach((reference) -> locations.add(reference.location()));
		return locations;
	}

	/**
	 * Fetches locations from a store that may do anything. Whatever it throws is a
	 * failure of all locations.
	 * @return an answer for each location
	 */
	static Response fetch(SecretStore store, Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		try {
			Response response = store.fetch(Collections.unmodifiableSet(locations), timeout);
			locations
				.forEach((location) -> answers.put(location, response.answers().getOrDefault(location, NO_ANSWER)));
			return new Response(answers, response.calls());
		}
		catch (Throwable ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			Failed failed = new Failed(Reason.REFUSED, "the store threw " + describe(ex));
			locations.forEach((location) -> answers.put(location, failed));
			return new Response(answers);
		}
	}

	/**
	 * Describes an exception by its class and where it was thrown: its message may quote
	 * a value. That of a class that cannot be loaded names the class.
	 */
	private static String describe(Throwable ex) {
		StackTraceElement[] trace = ex.getStackTrace();
		return ex.getClass().getName() + ((ex instanceof LinkageError) ? " (" + ex.getMessage() + ")" : "")
				+ ((trace.length > 0) ? " at " + trace[0].getClassName() + "." + trace[0].getMethodName() + "("
						+ trace[0].getFileName() + ":" + trace[0].getLineNumber() + ")" : "");
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
	private void addOtherNames(Map<SecretDeclaration, SecretReference> asked, List<SecretFailure> failures,
			Duration timeLeft) {
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
		Map<SecretLocation, Answer> answers = fetch(this.store.get(), new LinkedHashSet<>(others.values()), timeLeft)
			.answers();
		failures.replaceAll((failure) -> {
			SecretLocation other = others.get(failure.declaration());
			return (other != null && answers.get(other) instanceof Found) ? new SecretFailure(failure.declaration(),
					failure.reason(), failure.detail() + ", but there is one " + otherName(failure, other)) : failure;
		});
	}

	private static String otherName(SecretFailure failure, SecretLocation other) {
		boolean slash = other.id().startsWith("/");
		return failure.declaration().hadPlaceholder() ? (slash ? "with" : "without") + " a leading slash"
				: "named '" + other.id() + "'";
	}

	/**
	 * The values of fetched locations. The JSON of a secret is parsed once, however many
	 * of its keys are declared.
	 */
	private static final class FetchedValues {

		private final Map<SecretLocation, Answer> answers;

		private final Map<SecretLocation, Members> parsed = new HashMap<>();

		FetchedValues(Map<SecretLocation, Answer> answers) {
			this.answers = answers;
		}

		Answer get(SecretReference reference) {
			Answer answer = this.answers.getOrDefault(reference.location(), NO_ANSWER);
			if (!(answer instanceof Found found)) {
				return answer;
			}
			Answer result = (reference.jsonKey() != null) ? member(reference, reference.jsonKey(), found) : found;
			if (result instanceof Found it && it.value().hasNul()) {
				return new Failed(Reason.INVALID_VALUE,
						"it has a NUL character, which no environment variable can hold");
			}
			return result;
		}

		private Answer member(SecretReference reference, String jsonKey, Found found) {
			Members members = this.parsed.computeIfAbsent(reference.location(), (location) -> Members.of(found));
			if (members.problem() != null) {
				return new Failed(Reason.NOT_A_JSON_OBJECT,
						"the valueFrom has a JSON key, and the secret " + members.problem());
			}
			GoJson member = members.byName().get(jsonKey);
			if (member == null) {
				return new Failed(Reason.NO_SUCH_JSON_KEY, members.describe(jsonKey));
			}
			String printed = member.print();
			Found value = new Found(SecretValue.of(printed), found.source(), found.warning());
			return (member.isString() || printed.equals(member.json())) ? value : value.withWarning("is a JSON "
					+ member.type() + ", which ECS prints in a form of its own: store it as a JSON string");
		}

	}

	/**
	 * The members of a secret that should be a JSON object.
	 *
	 * @param byName the members
	 * @param problem what the secret is instead, or {@code null}
	 */
	private record Members(Map<String, GoJson> byName, @Nullable String problem) {

		static Members of(Found found) {
			try {
				return new Members(found.value().members(), null);
			}
			catch (GoJson.SyntaxException ex) {
				return new Members(Map.of(), ex.getMessage());
			}
		}

		/**
		 * Describes why there is no such key, without the key: it may have come of a
		 * placeholder.
		 */
		String describe(String jsonKey) {
			String names = this.byName.keySet()
				.stream()
				.limit(LISTED_KEYS)
				.map((key) -> PrintableText.of(key, LISTED_KEY_LENGTH))
				.collect(Collectors.joining(", ", "[", (this.byName.size() > LISTED_KEYS) ? ", …]" : "]"));
			String problem = ReferenceProblem.find(jsonKey);
			return ((problem != null) ? "the key in the valueFrom " + problem + "; " : "") + "the secret has the keys "
					+ names;
		}

	}

}
