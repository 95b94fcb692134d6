// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.ecssecrets.InvalidSecretReferenceException;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.SecretStatus.Failure;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsProperties.Refresh;
import org.jspecify.annotations.Nullable;

/**
 * State of all declared secrets of an application after a load. Immutable: what is read
 * from one snapshot belongs together. It prints no value.
 *
 * @since 0.1.0
 */
public final class SecretsSnapshot {

	static final String MASK = "******";

	private static final int UNMISTAKABLE = 8;

	/**
	 * How many loads a snapshot remembers, for listeners that are added after the first
	 * loads.
	 */
	private static final int REMEMBERED = 16;

	/**
	 * Failures of a store to give an answer.
	 */
	private static final Set<Reason> OUTAGES = EnumSet.of(Reason.MARKED_FOR_DELETION, Reason.ACCESS_DENIED,
			Reason.KMS_DENIED, Reason.THROTTLED, Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.INVALID_CONFIGURATION,
			Reason.NO_REGION, Reason.NO_CREDENTIALS, Reason.INVALID_SIGNATURE, Reason.NO_SDK, Reason.UNREADABLE_FILE,
			Reason.REFUSED);

	private final long number;

	private final SecretsProperties properties;

	private final boolean overridesInjected;

	private final List<SecretStatus> secrets;

	private final Map<String, SecretStatus> byName;

	private final Map<String, SecretValue> values;

	private final SecretsPropertySource source;

	private final List<Load> loads;

	private final long loadedNanos;

	// When the last load ended that brought values.
	private final long fetchedNanos;

	private SecretsSnapshot(long number, SecretsProperties properties, boolean overridesInjected,
			List<SecretStatus> secrets, Map<String, SecretValue> values, SecretsPropertySource source, List<Load> loads,
			long loadedNanos, long fetchedNanos) {
		this.number = number;
		this.properties = properties;
		this.overridesInjected = overridesInjected;
		this.secrets = List.copyOf(secrets);
		Map<String, SecretStatus> byName = new HashMap<>();
		for (SecretStatus secret : secrets) {
			byName.putIfAbsent(secret.name(), secret);
		}
		this.byName = Map.copyOf(byName);
		this.values = Map.copyOf(values);
		this.source = source;
		this.loads = List.copyOf(loads);
		this.loadedNanos = loadedNanos;
		this.fetchedNanos = fetchedNanos;
	}

	/**
	 * Returns the snapshot of an application that has loaded nothing yet.
	 */
	static SecretsSnapshot of(SecretsConfiguration configuration) {
		List<SecretStatus> secrets = new ArrayList<>();
		for (SecretDeclaration declaration : configuration.unique()) {
			secrets.add(new SecretStatus(declaration, State.ABSENT, null, null, null));
		}
		long now = System.nanoTime();
		return new SecretsSnapshot(0, configuration.properties(), false, secrets, Map.of(),
				SecretsPropertySource.empty(), List.of(), now, now);
	}

	/**
	 * Returns the snapshot after a load whose values the application gets.
	 * @param load the load
	 * @param overridesInjected whether fetched values were preferred to injected ones
	 * @param secrets the states of the secrets, in the order of their declarations
	 * @param values the values that they have
	 * @param source the property source of these values
	 */
	SecretsSnapshot next(Load load, boolean overridesInjected, List<SecretStatus> secrets,
			Map<String, SecretValue> values, SecretsPropertySource source) {
		long now = System.nanoTime();
		return new SecretsSnapshot(this.number + 1, this.properties, overridesInjected, secrets, values,
				source.hasSameValues(this.source) ? this.source : source, with(load), now,
				load.all() ? now : this.fetchedNanos);
	}

	/**
	 * Returns this snapshot with other values for some fetched secrets. The
	 * {@code Environment} never has it.
	 */
	SecretsSnapshot with(Map<String, SecretValue> others) {
		Map<String, SecretValue> values = new HashMap<>(this.values);
		values.putAll(others);
		return new SecretsSnapshot(this.number, this.properties, this.overridesInjected, this.secrets, values,
				this.source.with(others), this.loads, this.loadedNanos, this.fetchedNanos);
	}

	/**
	 * Returns the snapshot after a load that left the application what it had.
	 */
	SecretsSnapshot failed(Load load) {
		Map<String, Failure> failures = failures(load);
		List<SecretStatus> secrets = new ArrayList<>();
		for (SecretStatus secret : this.secrets) {
			Failure failure = failures.get(secret.name());
			secrets.add(new SecretStatus(secret.declaration(), secret.state(), secret.source(), secret.changed(),
					(failure != null) ? failure : secret.lastFailure()));
		}
		return new SecretsSnapshot(this.number + 1, this.properties, this.overridesInjected, secrets, this.values,
				this.source, with(load), System.nanoTime(), this.fetchedNanos);
	}

	/**
	 * Returns the failures of a load by the names of secrets.
	 */
	static Map<String, Failure> failures(Load load) {
		Map<String, Failure> failures = new HashMap<>();
		for (SecretFailure failure : load.failures()) {
			failures.putIfAbsent(failure.subject(), new Failure(failure, load.end()));
		}
		return failures;
	}

	static boolean isSame(@Nullable SecretValue left, @Nullable SecretValue right) {
		return (left != null) ? right != null && left.reveal().equals(right.reveal()) : right == null;
	}

	private List<Load> with(Load load) {
		List<Load> loads = new ArrayList<>(this.loads);
		loads.add(load);
		return loads.subList(Math.max(0, loads.size() - REMEMBERED), loads.size());
	}

	/**
	 * Returns the number of the snapshot.
	 * @return how many loads there were, failed ones too
	 */
	public long number() {
		return this.number;
	}

	/**
	 * Returns the declared secrets.
	 * @return the secrets in the order of their declarations
	 */
	public List<SecretStatus> secrets() {
		return this.secrets;
	}

	/**
	 * Returns the declarations.
	 * @return the declarations in their order
	 */
	public List<SecretDeclaration> declarations() {
		return this.secrets.stream().map(SecretStatus::declaration).toList();
	}

	/**
	 * Returns the value of a secret: fetched, injected, or of the property that overrides
	 * it.
	 * @param name the name of the secret
	 * @return the value, or {@code null} if there is none
	 */
	public @Nullable SecretValue value(String name) {
		return this.values.get(name);
	}

	/**
	 * Masks secrets in a text. Shorter values than eight characters stay, as they may be
	 * there by chance.
	 * @param text the text
	 * @return the text with {@value #MASK} for each value of a secret, fetched or
	 * injected, that has at least eight characters
	 */
	public String mask(String text) {
		return this.values.values()
			.stream()
			.map(SecretValue::reveal)
			.filter((value) -> value.length() >= UNMISTAKABLE)
			.sorted(Comparator.comparingInt(String::length).reversed())
			.reduce(text, (masked, value) -> masked.replace(value, MASK));
	}

	/**
	 * Returns the secrets that have a value, which may be short.
	 */
	List<SecretStatus> withValue(String text) {
		return this.secrets.stream().filter((secret) -> {
			SecretValue value = this.values.get(secret.name());
			return value != null && value.reveal().equals(text);
		}).toList();
	}

	/**
	 * Returns the fetched secrets whose values a text contains. Several may have the same
	 * value, and one value may begin with another one.
	 */
	Set<String> fetchedNamesIn(String text) {
		Map<String, Set<String>> names = new TreeMap<>(
				Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));
		for (SecretStatus secret : this.secrets) {
			SecretValue value = (secret.state() == State.FETCHED) ? this.values.get(secret.name()) : null;
			if (value != null && !value.reveal().isEmpty()) {
				names.computeIfAbsent(value.reveal(), (same) -> new TreeSet<>()).add(secret.name());
			}
		}
		Set<String> found = new TreeSet<>();
		String rest = text;
		for (Map.Entry<String, Set<String>> value : names.entrySet()) {
			if (rest.contains(value.getKey())) {
				found.addAll(value.getValue());
				rest = rest.replace(value.getKey(), "");
			}
		}
		return found;
	}

	/**
	 * Returns the most recent loads, failed ones too.
	 * @return at most 16 loads, the last one last; none if nothing has been loaded
	 */
	public List<Load> loads() {
		return this.loads;
	}

	/**
	 * Returns the last load.
	 * @return the load, or {@code null} if nothing has been loaded
	 */
	public @Nullable Load lastLoad() {
		return this.loads.isEmpty() ? null : this.loads.get(this.loads.size() - 1);
	}

	/**
	 * Returns the secrets that have other values than in an earlier snapshot.
	 * @param before the earlier snapshot
	 * @return the names of the secrets that have changed, appeared or vanished, in
	 * alphabetical order
	 */
	public Set<String> changesSince(SecretsSnapshot before) {
		Set<String> names = new TreeSet<>();
		this.values.forEach((name, value) -> addIfChanged(name, before.values.get(name), value, names));
		before.values.forEach((name, value) -> addIfChanged(name, value, this.values.get(name), names));
		return Collections.unmodifiableSet(names);
	}

	private static void addIfChanged(String name, @Nullable SecretValue before, @Nullable SecretValue after,
			Set<String> changed) {
		if (!isSame(before, after)) {
			changed.add(name);
		}
	}

	/**
	 * Returns the secrets whose values another load may change.
	 * @return the names of the secrets that are neither injected, unless fetched values
	 * are preferred, nor overridden
	 */
	public Set<String> changeableNames() {
		Set<String> names = new TreeSet<>();
		for (SecretStatus secret : this.secrets) {
			boolean settled = secret.state() == State.OVERRIDDEN
					|| (secret.state() == State.INJECTED && !refresh().overrideInjected());
			if (!settled) {
				names.add(secret.name());
			}
		}
		return names;
	}

	/**
	 * Returns the secret that was fetched the longest time ago, of those whose values
	 * could be others by now.
	 * @return the secret, or {@code null} if there is none
	 */
	public @Nullable SecretStatus oldest() {
		return this.secrets.stream()
			.filter((secret) -> secret.source() != null && !isPinned(secret.declaration()))
			.min(Comparator.comparing(SecretsSnapshot::fetched))
			.orElse(null);
	}

	/**
	 * Returns the age of the {@linkplain #oldest() oldest} secret: by the wall clock or
	 * by the monotonic clock, whichever is larger. The monotonic clock may stand still
	 * while a machine sleeps, and the wall clock may be set back.
	 * @param now the current time
	 * @param nanoTime the current value of {@link System#nanoTime()}
	 * @return the age, which is never negative; {@code null} if no secret has one
	 */
	public @Nullable Duration age(Instant now, long nanoTime) {
		SecretStatus oldest = oldest();
		Duration age = (oldest != null) ? oldest.age(now) : null;
		return (age != null) ? longer(age, Duration.ofNanos(nanoTime - this.fetchedNanos)) : null;
	}

	private static Duration longer(Duration left, Duration right) {
		return (left.compareTo(right) < 0) ? right : left;
	}

	private static Instant fetched(SecretStatus secret) {
		return (secret.source() != null) ? secret.source().fetched() : Instant.MAX;
	}

	/**
	 * A version that is declared by its id never changes.
	 */
	private static boolean isPinned(SecretDeclaration declaration) {
		SecretReference reference = reference(declaration);
		return reference != null && reference.location() instanceof SecretsManagerSecret secret
				&& secret.versionId() != null;
	}

	/**
	 * Returns whether all of some secrets are fetched from Secrets Manager itself.
	 */
	boolean areInSecretsManager(Set<String> names) {
		return this.secrets.stream().filter((secret) -> names.contains(secret.name())).allMatch((secret) -> {
			SecretReference reference = reference(secret.declaration());
			return reference != null && reference.location() instanceof SecretsManagerSecret;
		});
	}

	static @Nullable SecretReference reference(SecretDeclaration declaration) {
		try {
			return SecretReference.parse(declaration.valueFrom());
		}
		catch (InvalidSecretReferenceException ex) {
			return null;
		}
	}

	/**
	 * Returns some secrets with all others that are in the same documents: what belongs
	 * together is to be of one version.
	 */
	Set<String> withSameLocations(Set<String> names) {
		Set<SecretLocation> locations = new HashSet<>();
		this.secrets.forEach((secret) -> addLocation(secret, names, locations));
		Set<String> all = new TreeSet<>(names);
		for (SecretStatus secret : this.secrets) {
			SecretReference reference = reference(secret.declaration());
			if (reference != null && locations.contains(reference.location())) {
				all.add(secret.name());
			}
		}
		return all;
	}

	private static void addLocation(SecretStatus secret, Set<String> names, Set<SecretLocation> locations) {
		SecretReference reference = names.contains(secret.name()) ? reference(secret.declaration()) : null;
		if (reference != null) {
			locations.add(reference.location());
		}
	}

	/**
	 * Returns whether a secret need not be fetched again.
	 */
	boolean keeps(SecretDeclaration declaration) {
		SecretStatus known = find(declaration.name());
		return known != null && known.source() != null && isPinned(declaration)
				&& known.declaration().valueFrom().equals(declaration.valueFrom());
	}

	/**
	 * Returns whether a secret has a property that wins over it. That is found out when
	 * it is first loaded: later there are sources that are made of secrets, such as those
	 * that Spring Cloud decrypts.
	 */
	boolean isOverridden(String name, PresentValues present) {
		SecretStatus known = (this.number > 0) ? find(name) : null;
		return (known != null) ? known.state() == State.OVERRIDDEN : present.isOverridden(name);
	}

	int count(State state) {
		int count = 0;
		for (SecretStatus secret : this.secrets) {
			count += (secret.state() == state) ? 1 : 0;
		}
		return count;
	}

	@Nullable SecretStatus find(String name) {
		return this.byName.get(name);
	}

	/**
	 * Returns whether this is the state of what a configuration declares, none of which
	 * is rejected.
	 */
	boolean isOf(SecretsConfiguration configuration) {
		return configuration.rejected().isEmpty() && declarations().equals(configuration.unique());
	}

	/**
	 * Returns whether the values of this snapshot can stand in for those of a load that
	 * failed: it has all that is declared, and the store returned no answer. An answer
	 * that says that something does not exist, or is not as declared, is one.
	 */
	boolean standsInFor(Throwable failure, SecretsConfiguration configuration) {
		return this.number > 0 && isOf(configuration) && failure instanceof SecretResolutionException resolution
				&& resolution.failures().stream().allMatch((failed) -> OUTAGES.contains(failed.reason()));
	}

	/**
	 * Returns how long until another load may begin.
	 * @return the time, which is zero if it may begin now
	 */
	public Duration timeToNextLoad() {
		return timeToNextLoad(Instant.now(), System.nanoTime());
	}

	/**
	 * Returns how long until another load may begin: the minimum interval at most. In a
	 * process that was restored, the monotonic clock may have begun again or stood still.
	 */
	Duration timeToNextLoad(Instant now, long nanoTime) {
		Load last = lastLoad();
		if (last == null) {
			return Duration.ZERO;
		}
		Duration minInterval = refresh().minInterval();
		Duration passed = longer(Duration.between(last.end(), now),
				Duration.ofNanos(Math.max(nanoTime - this.loadedNanos, 0)));
		return (passed.compareTo(minInterval) >= 0) ? Duration.ZERO : minInterval.minus(passed);
	}

	/**
	 * Returns the keys, which stay as they were at startup.
	 */
	SecretsProperties properties() {
		return this.properties;
	}

	Refresh refresh() {
		return this.properties.refresh();
	}

	boolean overridesInjected() {
		return this.overridesInjected;
	}

	SecretsPropertySource source() {
		return this.source;
	}

	/**
	 * Property sources are equal by their names.
	 */
	@SuppressWarnings("ReferenceEquality")
	boolean hasSourceOf(SecretsSnapshot other) {
		return this.source == other.source;
	}

	/**
	 * Returns the number and how many secrets there are.
	 */
	@Override
	public String toString() {
		return "snapshot " + this.number + " of " + this.secrets.size() + " secrets";
	}

	/**
	 * Facts of one load.
	 *
	 * @param number the number of the load, from 1
	 * @param all whether all secrets were loaded, and not only those of a client whose
	 * login was refused
	 * @param contextRefresh whether it is a part of a context refresh of Spring Cloud,
	 * which publishes changes itself
	 * @param end when it ended
	 * @param elapsed how long it took
	 * @param calls the calls of stores that it took
	 * @param successful whether nothing failed, now or, of secrets that were not loaded,
	 * before
	 * @param failures the secrets that failed, even if other values stand in for theirs;
	 * none if the load failed for another cause
	 */
	public record Load(long number, boolean all, boolean contextRefresh, Instant end, Duration elapsed,
			List<Call> calls, boolean successful, List<SecretFailure> failures) {

		/**
		 * Creates the facts, with copies of the lists.
		 * @param number the number of the load
		 * @param all whether all secrets were loaded
		 * @param contextRefresh whether it is a part of a context refresh
		 * @param end when it ended
		 * @param elapsed how long it took
		 * @param calls the calls of stores that it took
		 * @param successful whether nothing failed
		 * @param failures the secrets that failed
		 */
		public Load {
			calls = List.copyOf(calls);
			failures = List.copyOf(failures);
		}

		/**
		 * Returns whether the application had values before this load.
		 * @return {@code false} for the load of the startup
		 */
		public boolean isRefresh() {
			return this.number > 1;
		}

	}

}
