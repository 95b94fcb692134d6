package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.SecretsProperties.Refresh;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Loads the declared secrets again, by the interval that is set and when it is asked to,
 * and puts changed values in the place of those that the {@code Environment} has: all of
 * them at once, or none if any cannot be fetched. Two loads are at least
 * {@code ecs-secrets.refresh.min-interval} apart. There is a bean of this type where
 * secrets are declared and enabled; it may be used by any number of threads.
 */
public final class SecretsRefresher {

	private static final Log logger = LogFactory.getLog(SecretsRefresher.class);

	private final SecretsLoader loader;

	private final ConfigurableEnvironment environment;

	private final ApplicationEventPublisher events;

	private final Consumer<Set<String>> springCloud;

	private final Refresh keys;

	private final RefreshSchedule schedule;

	private volatile @Nullable SecretsPropertySource newest;

	private @Nullable PropertySource<?> told;

	private boolean failing;

	/**
	 * Creates a refresher.
	 * @param springCloud told of what has changed after all listeners were
	 */
	SecretsRefresher(SecretsLoader loader, ConfigurableEnvironment environment, ApplicationEventPublisher events,
			Consumer<Set<String>> springCloud) {
		this.loader = loader;
		this.environment = environment;
		this.events = events;
		this.springCloud = springCloud;
		this.keys = loader.keys(() -> SecretsProperties.refresh(Binder.get(environment)));
		this.schedule = new RefreshSchedule(this::load, loader::timeToNextLoad, this.keys.interval());
		this.told = environment.getPropertySources().get(SecretsPropertySource.NAME);
	}

	Refresh keys() {
		return this.keys;
	}

	RefreshSchedule schedule() {
		return this.schedule;
	}

	SecretsHistory history() {
		return this.loader.history();
	}

	void stop() {
		this.schedule.stop();
	}

	/**
	 * Loads the secrets as soon as another load may begin, and waits until the
	 * {@code Environment} has the values and all listeners know; listeners hear of what
	 * is refreshed while beans are still being made when that is done. Whoever asks
	 * before the load begins shares it.
	 * @return the names of the secrets that have changed, appeared or vanished, in
	 * alphabetical order, as in the {@link SecretsRefreshedEvent}; empty if there was
	 * none
	 * @throws SecretResolutionException if any secret cannot be fetched: all of them keep
	 * the values that they have
	 * @throws CancellationException if the application stops meanwhile, or the thread is
	 * interrupted, which stays so
	 * @throws IllegalStateException if it is called on the thread that refreshes, by a
	 * listener, for which it would wait
	 */
	public Set<String> refresh() {
		if (this.schedule.isRefreshing()) {
			throw new IllegalStateException("Secrets are being refreshed on this very thread");
		}
		try {
			return this.schedule.next().get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new CancellationException("Interrupted before secrets are refreshed");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
	}

	/**
	 * Refreshes because a value seems to be too old. Returns when that is done, has
	 * failed, or takes too long.
	 */
	void refreshEarly(Duration timeout) {
		if (this.schedule.isRefreshing()) {
			return;
		}
		try {
			this.schedule.next().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (CancellationException | ExecutionException | TimeoutException ex) {
			logger.debug("An early refresh has not come to an end: " + ex.getClass().getSimpleName());
		}
	}

	private Set<String> load() {
		ResolvedSecrets secrets;
		try {
			secrets = this.loader.loadAgain(this.environment, this::throwIfStopped);
		}
		catch (RuntimeException | Error ex) {
			throwIfStopped();
			fail(ex);
			throw ex;
		}
		recover();
		put(secrets);
		// Before, a listener may be in the making, by the thread that waits for this.
		Set<String> changed = this.schedule.isRunning() ? tell() : changes();
		warn(secrets, changed);
		return changed;
	}

	/**
	 * What an application that stops makes of a load says nothing about the secrets.
	 */
	private void throwIfStopped() {
		if (!this.schedule.isRefreshing()) {
			throw new CancellationException("The application has stopped");
		}
	}

	private void put(ResolvedSecrets secrets) {
		MutablePropertySources sources = this.environment.getPropertySources();
		SecretsPropertySource source = SecretsPropertySource.of(secrets, sources);
		Set<String> changed = SecretsPropertySource.changes(sources.get(SecretsPropertySource.NAME), source, sources);
		if (!changed.isEmpty()) {
			this.newest = source;
			source.putInto(sources, this.keys.overrideInjected());
			this.loader.history().changed(changed);
		}
	}

	/**
	 * Tells everybody of what has changed since they were told last.
	 */
	private Set<String> tell() {
		Set<String> changed = tellListeners();
		if (!changed.isEmpty()) {
			tell("Spring Cloud", () -> this.springCloud.accept(changed));
		}
		return changed;
	}

	/**
	 * Tells listeners of what a context refresh of Spring Cloud has changed. It may have
	 * taken so long that a refresh of our own was faster.
	 */
	void onContextRefresh() {
		MutablePropertySources sources = this.environment.getPropertySources();
		SecretsPropertySource newest = this.newest;
		if (newest != null && sources.get(SecretsPropertySource.NAME) instanceof SecretsPropertySource present
				&& present.isOlderThan(newest)) {
			newest.putInto(sources, this.keys.overrideInjected());
		}
		this.loader.history().changed(changes());
		tellListeners();
	}

	private Set<String> tellListeners() {
		Set<String> changed;
		synchronized (this) {
			changed = changes();
			this.told = this.environment.getPropertySources().get(SecretsPropertySource.NAME);
		}
		if (!changed.isEmpty()) {
			logger.info("Secrets have changed: " + PrintableText.of(String.join(", ", changed)));
			tell("a listener", () -> this.events.publishEvent(new SecretsRefreshedEvent(this, changed)));
		}
		return changed;
	}

	private synchronized Set<String> changes() {
		MutablePropertySources sources = this.environment.getPropertySources();
		return SecretsPropertySource.changes(this.told, sources.get(SecretsPropertySource.NAME), sources);
	}

	/**
	 * A message of what fails may quote the value that made it fail, so none is logged.
	 */
	private static void tell(String whom, Runnable news) {
		try {
			news.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("Secrets have changed, but " + whom + " failed with " + ex.getClass().getName()
					+ ((ex.getCause() != null) ? " because of " + ex.getCause().getClass().getName() : ""));
		}
	}

	private static void warn(ResolvedSecrets secrets, Set<String> changed) {
		for (Fetched fetched : secrets.fetched()) {
			if (fetched.warning() != null && changed.contains(fetched.declaration().name())) {
				logger.warn(PrintableText.of(fetched.declaration().name()) + " " + fetched.warning());
			}
		}
	}

	private void fail(Throwable ex) {
		// Messages of ours hold no value, those of others may.
		String what = (ex instanceof SecretResolutionException) ? ex.getMessage() : ex.getClass().getName();
		if (!this.failing) {
			this.failing = true;
			logger.warn("Secrets keep the values that they have, as they cannot be refreshed: " + what);
		}
		else if (logger.isDebugEnabled()) {
			logger.debug("Secrets still cannot be refreshed: " + what);
		}
	}

	private void recover() {
		if (this.failing) {
			this.failing = false;
			logger.info("Secrets can be refreshed again");
		}
	}

}
