package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore.Call;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the loads of an application's secrets have brought so far, for its operators. It
 * holds no value.
 */
final class SecretsHistory {

	/**
	 * How many loads are told to who comes later: meters are made after the start.
	 */
	private static final int REMEMBERED = 16;

	private static final Log logger = LogFactory.getLog(SecretsHistory.class);

	private final List<Load> firstLoads = new ArrayList<>();

	private final List<Consumer<Load>> listeners = new ArrayList<>();

	private final Map<String, SecretDeclaration> declared = new LinkedHashMap<>();

	private final Map<String, SecretSource> sources = new HashMap<>();

	private final Map<String, Instant> changes = new HashMap<>();

	private final Map<String, Failure> failures = new HashMap<>();

	private Set<String> injected = Set.of();

	private @Nullable Load lastLoad;

	/**
	 * Adds a load whose values the application gets.
	 */
	synchronized void succeeded(Load load, List<SecretDeclaration> declared, ResolvedSecrets secrets) {
		this.declared.clear();
		declared.forEach((declaration) -> this.declared.putIfAbsent(declaration.name(), declaration));
		this.injected = secrets.injected().stream().map(SecretDeclaration::name).collect(Collectors.toSet());
		this.sources.clear();
		for (Fetched fetched : secrets.fetched()) {
			this.sources.put(fetched.declaration().name(), fetched.source());
		}
		add(load);
		this.changes.keySet().retainAll(this.declared.keySet());
		this.failures.keySet().retainAll(this.declared.keySet());
	}

	/**
	 * Adds a load that leaves the application what it has.
	 */
	synchronized void failed(Load load) {
		add(load);
	}

	private void add(Load load) {
		for (SecretFailure failure : load.failures()) {
			this.failures.put(failure.declaration().name(), new Failure(failure, load.end()));
		}
		this.lastLoad = load;
		if (this.firstLoads.size() < REMEMBERED) {
			this.firstLoads.add(load);
		}
		this.listeners.forEach((listener) -> tell(listener, load));
	}

	/**
	 * What is wrong with a meter must not keep the application from its secrets. Messages
	 * of others are not logged, as everywhere.
	 */
	private static void tell(Consumer<Load> listener, Load load) {
		try {
			listener.accept(load);
		}
		catch (RuntimeException ex) {
			logger.warn("A load of secrets cannot be measured: " + ex.getClass().getName());
		}
	}

	synchronized void changed(Collection<String> names) {
		Instant now = Instant.now();
		names.forEach((name) -> this.changes.put(name, now));
	}

	/**
	 * Adds who is told of each load, and tells the first ones again.
	 */
	synchronized void listen(Consumer<Load> listener) {
		this.firstLoads.forEach((load) -> tell(listener, load));
		this.listeners.add(listener);
	}

	synchronized @Nullable Load lastLoad() {
		return this.lastLoad;
	}

	/**
	 * Returns the declared secrets as they are now, in the order of their declarations.
	 */
	synchronized List<Secret> secrets() {
		return this.declared.values()
			.stream()
			.map((declaration) -> new Secret(declaration, this.injected.contains(declaration.name()),
					this.sources.get(declaration.name()), this.changes.get(declaration.name()),
					this.failures.get(declaration.name())))
			.toList();
	}

	/**
	 * Returns the secret that was fetched the longest time ago, of those whose values
	 * could be others by now.
	 */
	@Nullable Secret oldest() {
		return secrets().stream()
			.filter(Secret::ages)
			.min(Comparator.comparing((secret) -> secret.fetched(Instant.MAX)))
			.orElse(null);
	}

	/**
	 * A load of all secrets.
	 *
	 * @param end when it ended
	 * @param elapsed how long it took
	 * @param refresh whether the application had values already
	 * @param calls the calls of stores that it took
	 * @param successful whether nothing has failed
	 * @param failures the secrets that have failed, even if other values stand in for
	 * theirs; none if it is no secret that has failed
	 */
	record Load(Instant end, Duration elapsed, boolean refresh, List<Call> calls, boolean successful,
			List<SecretFailure> failures) {

		Load {
			calls = List.copyOf(calls);
			failures = List.copyOf(failures);
		}

	}

	/**
	 * A declared secret.
	 *
	 * @param declaration the declaration
	 * @param injected whether it was in the process environment
	 * @param source where its value was fetched from, or {@code null} if it was not
	 * @param changed when the application last got another value, or {@code null} if it
	 * has the one that it had at its start
	 * @param failure its last failure, which may be over
	 */
	record Secret(SecretDeclaration declaration, boolean injected, @Nullable SecretSource source,
			@Nullable Instant changed, @Nullable Failure failure) {

		/**
		 * Returns whether the value was fetched and is not that of a version that never
		 * changes.
		 */
		private boolean ages() {
			return this.source != null && !(SecretReference.parse(this.declaration.valueFrom())
				.location() instanceof SecretsManagerSecret secret && secret.versionId() != null);
		}

		/**
		 * Returns how old the value is, which is zero if it was not fetched.
		 */
		Duration age(Instant now) {
			return Duration.between(fetched(now), now);
		}

		Instant fetched(Instant otherwise) {
			return (this.source != null) ? this.source.fetched() : otherwise;
		}

	}

	/**
	 * A failure of a secret.
	 *
	 * @param failure what has failed
	 * @param at when
	 */
	record Failure(SecretFailure failure, Instant at) {

	}

}
