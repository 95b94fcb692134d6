// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.ecssecrets.boot.PendingVersions.PendingVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.ConfigurableEnvironment;

/**
 * User and password of a client, such as a connection pool. Both always come from one
 * snapshot of the secrets. After a refused login it finds others, and it keeps the client
 * from trying a refused pair again and again: many databases lock an account after a few
 * wrong passwords.
 * <p>
 * May be used by any number of threads.
 *
 * @since 0.1.0
 */
public final class ClientCredentials {

	// How long a refused login asks as often as it may. Then, something else is wrong.
	private static final Duration URGENT = Duration.ofMinutes(10);

	private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

	// After a refusal, when the same pair is tried once more; then after each last one.
	private static final List<Duration> PROBES = List.of(Duration.ofMinutes(1), Duration.ofMinutes(5),
			Duration.ofMinutes(10));

	private static final int MAX_DOUBLINGS = 6;

	private final WeakReference<Source> source;

	private final @Nullable String userProperty;

	private final @Nullable String passwordProperty;

	private final Function<CredentialProperties, Pair> values;

	private final Supplier<Pair> own;

	// Held while one refused login asks for others.
	private final ReentrantLock asking = new ReentrantLock();

	private volatile State state = State.NONE;

	/**
	 * Creates the credentials of a client.
	 * @param source the secrets. They are referred to weakly, as a client may outlive its
	 * application
	 * @param userProperty the name of the property that has the user, in its canonical
	 * form, or {@code null} if it comes from none
	 * @param passwordProperty the name of the property that has the password, or
	 * {@code null} if it comes from none
	 * @param own returns the pair that the client itself has. It counts for what comes
	 * from no property, and where the properties are incomplete
	 */
	public ClientCredentials(Source source, @Nullable String userProperty, @Nullable String passwordProperty,
			Supplier<Pair> own) {
		this(source, userProperty, passwordProperty,
				(properties) -> new Pair(value(properties, userProperty), value(properties, passwordProperty)), own);
	}

	/**
	 * Creates the credentials of a client that finds them in the values of its
	 * properties, such as in a URL.
	 * @param source the secrets. They are referred to weakly, as a client may outlive its
	 * application
	 * @param userProperty the name of the property that has the user, in its canonical
	 * form, or {@code null} if it comes from none
	 * @param passwordProperty the name of the property that has the password, or
	 * {@code null} if it comes from none
	 * @param values returns the pair that properties have
	 * @param own returns the pair that the client itself has. It counts for what comes
	 * from no property, and where the properties are incomplete
	 */
	public ClientCredentials(Source source, @Nullable String userProperty, @Nullable String passwordProperty,
			Function<CredentialProperties, Pair> values, Supplier<Pair> own) {
		this.source = new WeakReference<>(source);
		this.userProperty = userProperty;
		this.passwordProperty = passwordProperty;
		this.values = values;
		this.own = own;
		source.follow(userProperty, passwordProperty);
	}

	private static @Nullable String value(CredentialProperties properties, @Nullable String property) {
		return (property != null) ? properties.bind(property) : null;
	}

	/**
	 * Returns the pair for a new login.
	 * @return that of the current snapshot; or that of a pending version which the server
	 * has accepted, until the current version changes
	 */
	public Pair current() {
		Pair bound = bound();
		Pending pending = this.state.pendingOf(bound);
		return (pending != null && pending.accepted()) ? pending.pair() : bound;
	}

	/**
	 * Returns whether {@link #current()} is the pair of a pending version.
	 * @return {@code true} while the server has accepted it instead of the current one
	 */
	boolean isPending() {
		return !current().equals(bound());
	}

	private Pair bound() {
		Source source = this.source.get();
		return (source != null) ? bind(source.properties()) : this.own.get();
	}

	private Pair bind(CredentialProperties properties) {
		Pair values = this.values.apply(properties);
		String user = (this.userProperty != null) ? values.user() : this.own.get().user();
		String password = (this.passwordProperty != null) ? values.password() : this.own.get().password();
		boolean complete = (user != null || this.userProperty == null)
				&& (password != null || this.passwordProperty == null);
		return complete ? new Pair(user, password) : this.own.get();
	}

	/**
	 * Returns whether a refused login tries the version of a secret that is pending.
	 * @return {@code true} if {@code ecs-secrets.refresh.pending} is set
	 */
	boolean triesPending() {
		Source source = this.source.get();
		return source != null && source.snapshot().refresh().pending();
	}

	/**
	 * Returns whether a login may use a pair. One that was refused must not, until the
	 * secret has changed, but for one try after 1, 5 and 10 minutes, and then every 10
	 * minutes.
	 * @param pair the pair
	 * @return whether it may; after {@code true}, the login has to be tried
	 */
	boolean mayTry(Pair pair) {
		State state = this.state;
		if (!pair.equals(state.refused())) {
			return true;
		}
		boolean probe = nanoTime() - state.since() - state.nextProbe().toNanos() >= 0;
		if (probe) {
			this.state = state.probed();
		}
		return probe;
	}

	/**
	 * Notes that the server has accepted a login.
	 * @param pair the pair
	 */
	void accepted(Pair pair) {
		State state = this.state;
		if (state.refused() == null && state.pending() == null) {
			return;
		}
		Pending pending = state.pendingOf(bound());
		this.state = (pending != null && pending.pair().equals(pair)) ? state.accepting(pending)
				: State.NONE.withTried(state.tried());
	}

	/**
	 * Notes that the server has refused a login for a wrong user or password.
	 * @param pair the pair
	 */
	void refused(Pair pair) {
		State state = this.state;
		Pending pending = state.pendingOf(bound());
		if (pending != null && pending.pair().equals(pair)) {
			// Back to the current version.
			this.state = (pending.accepted() ? State.NONE : state.withPending(null)).withTried(state.triedAnd(pending));
		}
		else if (!pair.equals(state.refused())) {
			this.state = State.barring(pair, nanoTime()).withTried(state.tried());
		}
	}

	/**
	 * Notes that the account of a pair is locked. It stays the pair for new logins.
	 * @param pair the pair
	 */
	void locked(Pair pair) {
		State state = this.state;
		if (!pair.equals(state.refused())) {
			this.state = State.barring(pair, nanoTime()).withPending(state.pendingOf(bound())).withTried(state.tried());
		}
	}

	/**
	 * Returns another pair than the refused one. Asks for a version that is pending, if
	 * that is enabled, and loads the secrets of this client, if it may.
	 * @param refused the refused pair
	 * @param wrongPassword whether it was refused for a wrong user or password
	 * @param atMost how long to wait
	 * @return the pair to try next, or {@code null} if there is none
	 */
	@Nullable Pair instead(Pair refused, boolean wrongPassword, Duration atMost) {
		Source source = this.source.get();
		long end = nanoTime() + atMost.toNanos();
		if (source == null) {
			return null;
		}
		Pair current = current();
		boolean changed = !current.equals(refused);
		if (changed && !current.equals(this.state.refused())) {
			return current;
		}
		if (!beginAsking(atMost)) {
			return null;
		}
		try {
			Pair now = current();
			if (!now.equals(current)) {
				return now;
			}
			// What was refused may have been the pending version of the current pair.
			Pair pending = (wrongPassword && !changed) ? pending(source, refused, atMost) : null;
			return (pending != null) ? pending : reloaded(source, current, end);
		}
		finally {
			this.asking.unlock();
		}
	}

	/**
	 * Waits while another login asks, for it to bring what this one needs.
	 */
	private boolean beginAsking(Duration atMost) {
		try {
			return this.asking.tryLock(atMost.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/**
	 * Returns the pair of the pending version. If a login with it has failed otherwise,
	 * such as for a lost connection, it is still to be tried.
	 */
	private @Nullable Pair pending(Source source, Pair refused, Duration atMost) {
		State state = this.state;
		Pending known = state.pendingOf(refused);
		if (known != null) {
			return known.pair();
		}
		// Without an answer, again with the next load.
		if (state.askedForPending() || state.refused() == null || nanoTime() - state.nextReload() < 0) {
			return null;
		}
		PendingVersion version = source.pending(secrets(source), atMost);
		if (version == null) {
			return null;
		}
		this.state = this.state.asked();
		Pair pair = bind(source.properties(version.snapshot()));
		if (pair.equals(refused) || state.tried().contains(version.id())) {
			return null;
		}
		this.state = this.state.withPending(new Pending(version.id(), pair, refused, false));
		return pair;
	}

	private @Nullable Pair reloaded(Source source, Pair refused, long end) {
		State state = this.state;
		long now = nanoTime();
		boolean due = now - state.nextReload() >= 0 && end - now > 0;
		Set<String> secrets = due ? secrets(source) : Set.of();
		if (secrets.isEmpty()) {
			return null;
		}
		this.state = state.reloaded(now + pause(source, secrets, state, now).toNanos());
		source.refreshEarly(secrets, Duration.ofNanos(end - now));
		Pair current = current();
		return current.equals(refused) ? null : current;
	}

	/**
	 * Returns the time from one load to the next one, beside the minimum time between two
	 * loads. Parameter Store allows few calls, for all tasks together.
	 */
	private Duration pause(Source source, Set<String> secrets, State state, long now) {
		boolean urgent = now - state.since() < URGENT.toNanos();
		if (urgent && source.areInSecretsManager(secrets)) {
			return SHORTEST_PAUSE;
		}
		int doublings = urgent ? state.reloads()
				: (int) ((now - state.since() - URGENT.toNanos()) / LONGEST_PAUSE.toNanos());
		Duration least = source.minInterval();
		Duration pause = ((least.compareTo(SHORTEST_PAUSE) < 0) ? SHORTEST_PAUSE : least)
			.multipliedBy(1L << Math.min(doublings + 1, MAX_DOUBLINGS));
		return (pause.compareTo(LONGEST_PAUSE) < 0) ? pause : LONGEST_PAUSE;
	}

	private Set<String> secrets(Source source) {
		CredentialProperties properties = source.properties();
		Set<String> secrets = new TreeSet<>();
		if (this.userProperty != null) {
			secrets.addAll(properties.secretsOf(this.userProperty));
		}
		if (this.passwordProperty != null) {
			secrets.addAll(properties.secretsOf(this.passwordProperty));
		}
		return secrets;
	}

	private long nanoTime() {
		Source source = this.source.get();
		return (source != null) ? source.nanoTime() : 0;
	}

	/**
	 * Returns where the credentials come from.
	 */
	@Override
	public String toString() {
		return "user from " + described(this.userProperty) + ", password from " + described(this.passwordProperty);
	}

	private static String described(@Nullable String property) {
		return Objects.requireNonNullElse(property, "the client's own configuration");
	}

	/**
	 * User and password, of one version. Prints neither.
	 *
	 * @param user the user, or {@code null} if there is none
	 * @param password the password, or {@code null} if there is none
	 */
	public record Pair(@Nullable String user, @Nullable String password) {

		/**
		 * Returns no values.
		 */
		@Override
		public String toString() {
			return SecretsSnapshot.MASK;
		}

	}

	/**
	 * Secrets of an application, from which its clients have their credentials. The
	 * application keeps it for as long as it exists.
	 */
	public static class Source {

		private final Secrets secrets;

		private final ConfigurableEnvironment environment;

		/**
		 * Creates a source.
		 * @param secrets the secrets of the application
		 * @param environment its environment
		 */
		public Source(Secrets secrets, ConfigurableEnvironment environment) {
			this.secrets = secrets;
			this.environment = environment;
		}

		/**
		 * Returns the properties with the secrets of the current snapshot.
		 * @return the properties, which are immutable
		 */
		public final CredentialProperties properties() {
			return properties(snapshot());
		}

		CredentialProperties properties(SecretsSnapshot snapshot) {
			return new CredentialProperties(this.environment, snapshot);
		}

		SecretsSnapshot snapshot() {
			return this.secrets.current();
		}

		private void follow(@Nullable String... properties) {
			Stream.of(properties).filter(Objects::nonNull).forEach(this.secrets.followed()::add);
		}

		void refreshEarly(Set<String> names, Duration atMost) {
			this.secrets.refreshEarly(names, atMost);
		}

		@Nullable PendingVersion pending(Set<String> names, Duration atMost) {
			return this.secrets.pendingVersions().find(snapshot(), names, atMost);
		}

		Duration minInterval() {
			return snapshot().refresh().minInterval();
		}

		boolean areInSecretsManager(Set<String> names) {
			return snapshot().areInSecretsManager(names);
		}

		long nanoTime() {
			return System.nanoTime();
		}

	}

	/**
	 * Pair of a pending version.
	 *
	 * @param id the id of the version
	 * @param pair the pair
	 * @param insteadOf the refused pair of the current version
	 * @param accepted whether a login with it was accepted
	 */
	private record Pending(String id, Pair pair, Pair insteadOf, boolean accepted) {

	}

	/**
	 * What is known of refused logins.
	 *
	 * @param refused the pair that was refused, or {@code null}
	 * @param since when it was first refused
	 * @param probes how often it was tried again
	 * @param reloads how often secrets were loaded because of it
	 * @param nextReload when they may be loaded the next time
	 * @param askedForPending whether a pending version was asked for since the last try
	 * @param pending the pair that is tried or used instead of it
	 * @param tried the ids of pending versions that were tried
	 */
	private record State(@Nullable Pair refused, long since, int probes, int reloads, long nextReload,
			boolean askedForPending, @Nullable Pending pending, Set<String> tried) {

		static final State NONE = new State(null, 0, 0, 0, 0, false, null, Set.of());

		State {
			tried = Set.copyOf(tried);
		}

		static State barring(Pair pair, long now) {
			return new State(pair, now, 0, 0, now, false, null, Set.of());
		}

		Duration nextProbe() {
			int last = PROBES.size() - 1;
			return (this.probes <= last) ? PROBES.get(this.probes)
					: PROBES.get(last).multipliedBy(this.probes - last + 1L);
		}

		/**
		 * Returns the pending version that stands in for the pair of the current one.
		 */
		@Nullable Pending pendingOf(Pair bound) {
			return (this.pending != null && this.pending.insteadOf().equals(bound)) ? this.pending : null;
		}

		Set<String> triedAnd(Pending pending) {
			Set<String> all = new HashSet<>(this.tried);
			all.add(pending.id());
			return all;
		}

		/**
		 * Returns the state in which the pending pair is used, and no longer the one that
		 * it stands in for.
		 */
		State accepting(Pending pending) {
			return new State(pending.insteadOf(), this.since, this.probes, this.reloads, this.nextReload,
					this.askedForPending, new Pending(pending.id(), pending.pair(), pending.insteadOf(), true),
					triedAnd(pending));
		}

		State probed() {
			return new State(this.refused, this.since, this.probes + 1, this.reloads, this.nextReload, false,
					this.pending, this.tried);
		}

		State asked() {
			return new State(this.refused, this.since, this.probes, this.reloads, this.nextReload, true, this.pending,
					this.tried);
		}

		State reloaded(long next) {
			return new State(this.refused, this.since, this.probes, this.reloads + 1, next, this.askedForPending,
					this.pending, this.tried);
		}

		State withPending(@Nullable Pending pending) {
			return new State(this.refused, this.since, this.probes, this.reloads, this.nextReload, this.askedForPending,
					pending, this.tried);
		}

		State withTried(Set<String> tried) {
			return new State(this.refused, this.since, this.probes, this.reloads, this.nextReload, this.askedForPending,
					this.pending, tried);
		}

	}

}
