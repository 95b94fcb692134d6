// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.RefreshSchedule.Work;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import dev.ecssecrets.boot.SwapGate.Read;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;

/**
 * The declared secrets of an application. Loads them, keeps the last good values as one
 * {@linkplain #current() snapshot}, puts them into the {@code Environment}, all or none,
 * and calls {@linkplain #addListener listeners}. Two loads are at least
 * {@code ecs-secrets.refresh.min-interval} apart, no matter what triggers them.
 * <p>
 * What one snapshot has, one bind of {@code @ConfigurationProperties} reads, or
 * {@link #readTogether} runs, belongs together. Separate reads of the {@code Environment}
 * may be of two versions, those of a {@code Binder} of the application too.
 * <p>
 * A bean of this type exists where secrets are declared and enabled. The
 * {@code BootstrapContext} has it from the moment the declarations are read, so that a
 * registered {@link dev.ecssecrets.SecretStore} can be made of what is declared. It may
 * be used by any number of threads.
 *
 * @since 0.1.0
 */
public final class Secrets {

	/**
	 * How much longer than its timeout a load may take, with its swap, before those that
	 * wait for it give up.
	 */
	private static final Duration GRACE = Duration.ofSeconds(5).plus(SwapGate.LONGEST_READ);

	private static final String STARTS_AGAIN = "The application starts again with the secrets that it has: ";

	private final SecretsLoader loader;

	private final Log logger;

	private final PendingVersions pendingVersions;

	private final SwapGate gate = new SwapGate();

	// Of the application and of child contexts, which copy its sources. The lock.
	private final Set<ConfigurableEnvironment> environments = Collections.newSetFromMap(new WeakHashMap<>());

	// Properties of clients.
	private final Set<String> followed = ConcurrentHashMap.newKeySet();

	private volatile SecretsSnapshot current;

	private @Nullable CompletableFuture<Outcome> loading;

	// Once there is an application context.
	private volatile @Nullable Application application;

	Secrets(SecretsLoader loader, SecretsSnapshot current, Log logger) {
		this.loader = loader;
		this.current = current;
		this.logger = logger;
		this.pendingVersions = new PendingVersions(loader, logger);
	}

	/**
	 * Begins to serve an application context, which is about to create its beans.
	 */
	void enter(ConfigurableApplicationContext context) {
		this.application = new Application(context);
		follow(context.getEnvironment());
	}

	/**
	 * Returns the current state.
	 * @return the snapshot of the last load; values that are read from one snapshot
	 * belong together
	 */
	public SecretsSnapshot current() {
		return this.current;
	}

	/**
	 * Loads the secrets as soon as another load may begin, and waits until the
	 * {@code Environment} has the values. Listeners are called afterwards. The load
	 * begins after this call; all callers share it until then.
	 * @return the names of the secrets that have changed, appeared or vanished, in
	 * alphabetical order; empty if there is none
	 * @throws SecretResolutionException if any secret cannot be fetched: all of them keep
	 * the values that they have
	 * @throws CancellationException if the application stops meanwhile, or the thread is
	 * interrupted, which stays so
	 * @throws IllegalStateException if there is no application context yet, or if a load
	 * takes far longer than its timeout
	 */
	public Set<String> refresh() {
		// The load before, too, may still be in progress.
		Duration minInterval = this.current.refresh().minInterval();
		Duration atMost = minInterval.plus(minInterval.dividedBy(2)).plus(longestLoad().multipliedBy(2));
		Outcome outcome = await(application().schedule.next(), atMost);
		if (outcome.failure() != null) {
			throw unchecked(outcome.failure());
		}
		return outcome.changes();
	}

	/**
	 * Loads some secrets as {@link #refresh()} loads all, because their values seem to be
	 * outdated. Returns when that is done, has failed, or takes too long.
	 * @param names the names of the secrets; the others keep their values, unless
	 * somebody else wants all of them
	 * @param atMost how long to wait
	 */
	public void refreshEarly(Set<String> names, Duration atMost) {
		try {
			await(application().schedule.next(names), atMost);
		}
		catch (IllegalStateException ex) {
			this.logger.debug("An early refresh did not finish: " + ex.getMessage());
		}
	}

	PendingVersions pendingVersions() {
		return this.pendingVersions;
	}

	/**
	 * Returns how long until the next refresh begins.
	 * @return the time, or {@code null} if none is planned
	 */
	public @Nullable Duration timeToNextRefresh() {
		return application().schedule.timeToNext();
	}

	/**
	 * Returns whether clients, such as connection pools, are to follow their secrets.
	 * @return {@code true} if an interval of refreshes is set, unless
	 * {@code ecs-secrets.refresh.clients} says otherwise
	 */
	public boolean clientsFollow() {
		return this.current.refresh().clientsFollow();
	}

	/**
	 * Returns the properties with the user or the password of clients that follow.
	 */
	Set<String> followed() {
		return this.followed;
	}

	/**
	 * Adds a listener for loads from now on. Beans that are listeners are added when the
	 * application starts.
	 * @param listener the listener
	 */
	public void addListener(SecretsListener listener) {
		application().listeners.add(listener);
	}

	/**
	 * Removes a listener. If it is being called, that call still ends.
	 * @param listener the listener
	 */
	public void removeListener(SecretsListener listener) {
		application().listeners.remove(listener);
	}

	/**
	 * Keeps the values in an environment current: that of the application, or that of a
	 * child context, which has copied its sources. Something that replaces sources, as a
	 * context refresh of Spring Cloud does, may have put older values over newer ones:
	 * then this puts the current ones back.
	 * @param environment the environment
	 */
	public void follow(ConfigurableEnvironment environment) {
		boolean added;
		synchronized (this.environments) {
			added = this.environments.add(environment);
		}
		boolean aboveInjected = this.current.refresh().overrideInjected();
		MutablePropertySources sources = environment.getPropertySources();
		if (!added && this.current.source().isIn(sources, aboveInjected)) {
			return;
		}
		this.gate.close(() -> false);
		try {
			if (added) {
				SecretsPropertySource.moveToItsPlace(sources, aboveInjected);
			}
			put(environment);
		}
		finally {
			this.gate.open();
		}
	}

	/**
	 * Runs code to which no secret changes in the {@code Environment} of the application
	 * or of its children: what it reads there belongs together. A refresh waits for it,
	 * but for at most five seconds. If the code itself waits for a refresh, values change
	 * then.
	 * @param reader the code, which runs on the calling thread
	 */
	public void readTogether(Runnable reader) {
		Object key = new Object();
		this.gate.enter(key);
		try {
			reader.run();
		}
		finally {
			this.gate.leave(key);
		}
	}

	SwapGate gate() {
		return this.gate;
	}

	RefreshSchedule schedule() {
		return application().schedule;
	}

	private Application application() {
		Application application = this.application;
		if (application == null) {
			throw new IllegalStateException("There is no application context yet");
		}
		return application;
	}

	/**
	 * Loads for an environment that is being prepared, at startup or by a context refresh
	 * of Spring Cloud. Soon after another load, or where the store gives no answer, the
	 * environment gets the last good values.
	 * @return the outcome, or {@code null} if nothing was loaded
	 */
	@Nullable Outcome prepare(ConfigurableEnvironment environment, SecretsConfiguration configuration) {
		Outcome outcome = (this.current.number() == 0) ? loadFirst(environment, configuration)
				: loadAgain(environment, configuration);
		Throwable failure = (outcome != null) ? outcome.failure() : null;
		if (outcome != null && failure != null && !outcome.before().standsInFor(failure, configuration)) {
			throw unchecked(failure);
		}
		put(environment);
		return outcome;
	}

	/**
	 * Loads at startup, when nobody else loads or waits.
	 */
	private Outcome loadFirst(ConfigurableEnvironment environment, SecretsConfiguration configuration) {
		Outcome outcome = this.loader.load(environment, configuration, this.current, null);
		this.current = outcome.snapshot();
		outcome.log(this.logger);
		return outcome;
	}

	private @Nullable Outcome loadAgain(ConfigurableEnvironment environment, SecretsConfiguration configuration) {
		CompletableFuture<Outcome> load = new CompletableFuture<>();
		while (isToBeLoaded(configuration)) {
			CompletableFuture<Outcome> inProgress = begin(load);
			if (inProgress == load) {
				Outcome outcome = load(environment, configuration, load, null);
				if (load.isCancelled()) {
					throw new CancellationException("The application has stopped");
				}
				return outcome;
			}
			awaitEnd(inProgress);
		}
		return null;
	}

	/**
	 * A context refresh is about all secrets, but the last load may have been of some.
	 */
	private boolean isToBeLoaded(SecretsConfiguration configuration) {
		Load last = this.current.lastLoad();
		return this.current.timeToNextLoad().isZero() || !this.current.isOf(configuration)
				|| (last != null && !last.all());
	}

	/**
	 * Begins a load, unless there is one in progress.
	 * @return the future of the load in progress
	 */
	private CompletableFuture<Outcome> begin(CompletableFuture<Outcome> load) {
		synchronized (this.environments) {
			CompletableFuture<Outcome> inProgress = this.loading;
			if (inProgress == null) {
				inProgress = load;
				this.loading = load;
			}
			return inProgress;
		}
	}

	/**
	 * Does a load that has begun: swaps snapshots, lets go all that wait for values, and
	 * has listeners called.
	 */
	private Outcome load(ConfigurableEnvironment environment, @Nullable SecretsConfiguration configuration,
			CompletableFuture<Outcome> load, @Nullable Set<String> names) {
		try {
			Outcome outcome = this.loader.load(environment, configuration, this.current, names);
			if (swap(load, outcome)) {
				try {
					outcome.log(this.logger);
				}
				finally {
					load.complete(outcome);
					Application application = this.application;
					if (application != null) {
						application.schedule.publish();
					}
				}
			}
			return outcome;
		}
		finally {
			abandon(load);
		}
	}

	/**
	 * Makes the snapshot of a load the current one, unless the load was cancelled. Until
	 * then {@link #current()} is what the {@code Environment} has: failures of binds are
	 * masked by it.
	 */
	private boolean swap(CompletableFuture<Outcome> load, Outcome outcome) {
		if (outcome.snapshot().hasSourceOf(outcome.before())) {
			return makeCurrent(load, outcome.snapshot());
		}
		this.gate.close(load::isDone);
		try {
			boolean swapped = makeCurrent(load, outcome.snapshot());
			if (swapped) {
				followers().forEach(this::put);
			}
			return swapped;
		}
		finally {
			this.gate.open();
		}
	}

	private boolean makeCurrent(CompletableFuture<Outcome> load, SecretsSnapshot snapshot) {
		synchronized (this.environments) {
			if (this.loading != load) {
				return false;
			}
			this.loading = null;
			this.current = snapshot;
			return true;
		}
	}

	private List<ConfigurableEnvironment> followers() {
		synchronized (this.environments) {
			return List.copyOf(this.environments);
		}
	}

	/**
	 * Cancels a load, unless it is done.
	 */
	private void abandon(CompletableFuture<Outcome> load) {
		synchronized (this.environments) {
			if (this.loading == load) {
				this.loading = null;
			}
		}
		load.cancel(false);
		this.gate.wake();
	}

	/**
	 * Puts the current values into an environment. Another thread may swap snapshots
	 * meanwhile: whichever puts last has made sure that it was the current one.
	 */
	private void put(ConfigurableEnvironment environment) {
		SecretsSnapshot snapshot;
		do {
			snapshot = this.current;
			snapshot.source().putInto(environment.getPropertySources(), snapshot.refresh().overrideInjected());
		}
		while (snapshot != this.current);
	}

	private Duration longestLoad() {
		return this.current.properties().timeout().plus(GRACE);
	}

	private void awaitEnd(CompletableFuture<Outcome> load) {
		try {
			await(load, longestLoad());
		}
		catch (CancellationException ex) {
			if (Thread.currentThread().isInterrupted()) {
				throw ex;
			}
		}
	}

	private Outcome await(CompletableFuture<Outcome> load, Duration atMost) {
		List<Read> suspended = this.gate.suspend();
		try {
			return load.get(TimeUnit.NANOSECONDS.convert(atMost), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new CancellationException("Interrupted while secrets were loaded");
		}
		catch (TimeoutException ex) {
			throw new IllegalStateException("Secrets were not loaded within " + atMost.toSeconds() + " s", ex);
		}
		catch (ExecutionException ex) {
			throw unchecked(ex);
		}
		finally {
			this.gate.resume(suspended);
		}
	}

	private static RuntimeException unchecked(Throwable failure) {
		return (failure instanceof RuntimeException unchecked) ? unchecked
				: new IllegalStateException("Secrets cannot be loaded", failure);
	}

	/**
	 * What there is once there is an application context.
	 */
	private final class Application implements Work, SecretsListener {

		private final ConfigurableApplicationContext context;

		private final SecretsListeners listeners;

		private final RefreshSchedule schedule;

		Application(ConfigurableApplicationContext context) {
			SecretsSnapshot started = Secrets.this.current;
			this.context = context;
			this.listeners = new SecretsListeners(started, Secrets.this.logger);
			this.listeners.add(this);
			this.schedule = new RefreshSchedule(this, started.refresh().interval());
		}

		@Override
		public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
			Set<String> changes = after.changesSince(before);
			if (!changes.isEmpty()) {
				this.context.publishEvent(new SecretsRefreshedEvent(Secrets.this, changes));
			}
		}

		/**
		 * Adds the beans that listen.
		 */
		@Override
		public void start() {
			for (String name : this.context.getBeanFactory().getBeanNamesForType(SecretsListener.class)) {
				this.listeners.add(this.context.getBean(name, SecretsListener.class));
			}
		}

		@Override
		public Duration timeToNextLoad() {
			return Secrets.this.current.timeToNextLoad();
		}

		@Override
		public CompletableFuture<Outcome> begin(CompletableFuture<Outcome> load) {
			return Secrets.this.begin(load);
		}

		@Override
		public void load(CompletableFuture<Outcome> load, @Nullable Set<String> names) {
			Secrets.this.load(this.context.getEnvironment(), null, load, names);
		}

		@Override
		public boolean isPublished() {
			return this.listeners.know(Secrets.this.current);
		}

		@Override
		public void publish(RefreshThreads threads) {
			this.listeners.publish(Secrets.this.current, threads);
		}

		@Override
		public boolean isOfImage() {
			return DefaultLifecycleProcessor.ON_REFRESH_VALUE
				.equalsIgnoreCase(SpringProperties.getProperty(DefaultLifecycleProcessor.CHECKPOINT_PROPERTY_NAME));
		}

		@Override
		public void forgetShared() {
			SecretStores.forgetShared();
		}

		@Override
		public boolean isPaused() {
			return !this.context.isRunning();
		}

		@Override
		public void await(CompletableFuture<Outcome> refresh) {
			try {
				Outcome outcome = Secrets.this.await(refresh, longestLoad());
				Load last = outcome.before().lastLoad();
				if (outcome.failure() != null && last != null && !last.successful()) {
					Secrets.this.logger.warn(STARTS_AGAIN + "they still cannot be refreshed");
				}
			}
			catch (CancellationException ex) {
				// It stops meanwhile.
			}
			catch (IllegalStateException ex) {
				Secrets.this.logger.warn(STARTS_AGAIN + ex.getMessage());
			}
		}

		@Override
		public void cancel() {
			CompletableFuture<Outcome> loading;
			synchronized (Secrets.this.environments) {
				loading = Secrets.this.loading;
			}
			if (loading != null) {
				abandon(loading);
			}
		}

	}

}
