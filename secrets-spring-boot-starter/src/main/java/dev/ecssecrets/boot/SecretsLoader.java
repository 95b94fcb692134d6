package dev.ecssecrets.boot;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.ecssecrets.CachingSecretStore;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.boot.SecretsHistory.Load;
import dev.ecssecrets.boot.SecretsProperties.Refresh;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Loads the declared secrets of an application, at its start and again. All loads share
 * it, those of Spring Cloud's context refresh too: it is kept in the bootstrap context.
 */
final class SecretsLoader {

	/**
	 * How old a value may be that stands in for one that cannot be fetched.
	 */
	private static final Duration MAXIMUM_AGE = Duration.ofHours(24);

	private static final boolean WINDOWS = File.separatorChar == '\\';

	private final BootstrapContext registered;

	private final Log logger;

	private final SecretsHistory history = new SecretsHistory();

	private @Nullable SecretStore opened;

	private @Nullable CachingSecretStore cache;

	private volatile boolean loaded;

	private volatile boolean overridden;

	private @Nullable Refresh keys;

	SecretsLoader(BootstrapContext registered, Log logger) {
		this.registered = registered;
		this.logger = logger;
	}

	/**
	 * Returns the loader of an application, which becomes a bean once there are any.
	 */
	static SecretsLoader get(ConfigurableBootstrapContext bootstrapContext, Log logger) {
		SecretsLoader known = bootstrapContext.getOrElse(SecretsLoader.class, null);
		if (known != null) {
			return known;
		}
		SecretsLoader loader = new SecretsLoader(bootstrapContext, logger);
		bootstrapContext.register(SecretsLoader.class, InstanceSupplier.of(loader));
		bootstrapContext.addCloseListener((event) -> event.getApplicationContext()
			.getBeanFactory()
			.registerSingleton(SecretsLoader.class.getName(), loader));
		return loader;
	}

	/**
	 * Loads for a start or a context refresh, in which last good values stand in for what
	 * cannot be fetched.
	 */
	ResolvedSecrets load(ConfigurableEnvironment environment, SecretsProperties properties,
			SecretDeclarations declarations) {
		Attempts attempts = new Attempts(this.loaded);
		try {
			return attempts.record(() -> load(attempts, environment, properties, declarations), () -> {
			});
		}
		finally {
			this.loaded = true;
		}
	}

	private ResolvedSecrets load(Attempts attempts, ConfigurableEnvironment environment, SecretsProperties properties,
			SecretDeclarations declarations) {
		boolean overrides = keys(properties::refresh).overrideInjected();
		Predicate<String> kept = kept(environment, overrides);
		try {
			ResolvedSecrets secrets = this.loaded ? loadOrKeep(attempts, properties, declarations, kept)
					: attempts.resolve(() -> store(properties), properties, declarations, kept);
			this.overridden = overrides;
			return secrets;
		}
		catch (SecretResolutionException ex) {
			if (!overrides || this.overridden) {
				throw ex;
			}
			ResolvedSecrets secrets = attempts.resolve(() -> store(properties), properties, declarations,
					injected(environment));
			this.logger.warn("Injected secrets are used as they are, as not all can be fetched: " + ex.getMessage());
			return secrets;
		}
	}

	private ResolvedSecrets loadOrKeep(Attempts attempts, SecretsProperties properties, SecretDeclarations declarations,
			Predicate<String> kept) {
		try {
			return attempts.resolve(() -> cache(properties)::fetchStrictly, properties, declarations, kept);
		}
		catch (SecretResolutionException ex) {
			return attempts.resolve(() -> cache(properties), properties, declarations, kept);
		}
	}

	/**
	 * Loads for a refresh, which fails if anything does.
	 * @param checkRunning throws if the application has stopped meanwhile
	 */
	ResolvedSecrets loadAgain(ConfigurableEnvironment environment, Runnable checkRunning) {
		Attempts attempts = new Attempts(true);
		return attempts.record(() -> {
			SecretsProperties properties = SecretsProperties.get(environment);
			SecretDeclarations declarations = SecretDeclarations.of(environment, properties);
			boolean overrides = keys(properties::refresh).overrideInjected();
			ResolvedSecrets secrets = attempts.resolve(() -> cache(properties)::fetchStrictly, properties, declarations,
					kept(environment, overrides));
			this.overridden = overrides;
			return secrets;
		}, checkRunning);
	}

	SecretsHistory history() {
		return this.history;
	}

	/**
	 * Returns the keys of refreshes. They stay as they are at first, as the place of the
	 * property source does.
	 */
	synchronized Refresh keys(Supplier<Refresh> present) {
		Refresh keys = this.keys;
		if (keys == null) {
			keys = present.get();
			this.keys = keys;
		}
		return keys;
	}

	/**
	 * Returns how long until the next load may begin.
	 */
	synchronized Duration timeToNextLoad() {
		return (this.cache != null) ? this.cache.timeToNextLoad() : Duration.ZERO;
	}

	private SecretStore store(SecretsProperties properties) {
		// An application that never refreshes loads no class of a cache.
		return (this.loaded || keys(properties::refresh).isExpected()) ? cache(properties) : open(properties);
	}

	private synchronized CachingSecretStore cache(SecretsProperties properties) {
		CachingSecretStore cache = this.cache;
		if (cache == null) {
			cache = new CachingSecretStore(open(properties), MAXIMUM_AGE, keys(properties::refresh).minInterval(),
					System::nanoTime);
			this.cache = cache;
		}
		return cache;
	}

	private synchronized SecretStore open(SecretsProperties properties) {
		SecretStore opened = this.opened;
		if (opened == null) {
			opened = SecretStores.open(properties, this.registered, this.logger);
			this.opened = opened;
		}
		return opened;
	}

	/**
	 * Returns the names of the secrets that another load may change.
	 */
	static Set<String> changeableNames(ConfigurableEnvironment environment) {
		SecretsProperties properties = SecretsProperties.get(environment);
		Predicate<String> kept = kept(environment, properties.refresh().overrideInjected());
		Set<String> names = new LinkedHashSet<>();
		for (SecretDeclaration declaration : SecretDeclarations.of(environment, properties).all()) {
			if (!kept.test(declaration.name())) {
				names.add(declaration.name());
			}
		}
		return names;
	}

	private static Predicate<String> kept(ConfigurableEnvironment environment, boolean overrides) {
		return overrides ? (name) -> false : injected(environment);
	}

	static Predicate<String> injected(ConfigurableEnvironment environment) {
		return injected(
				environment.getPropertySources().get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME),
				WINDOWS);
	}

	static Predicate<String> injected(@Nullable PropertySource<?> processEnvironment, boolean windows) {
		if (!(processEnvironment instanceof SystemEnvironmentPropertySource source)) {
			return (name) -> false;
		}
		if (windows) {
			// There the process environment takes names in any case.
			return (name) -> source.getSource().keySet().stream().anyMatch(name::equalsIgnoreCase);
		}
		return source.getSource()::containsKey;
	}

	/**
	 * The attempts of one load, which are one in the history: what has failed is what
	 * fails first, whatever stands in for it then.
	 */
	private final class Attempts {

		private final boolean refresh;

		private final long start = System.nanoTime();

		private final List<Call> calls = new ArrayList<>();

		private List<SecretDeclaration> declared = List.of();

		private List<SecretFailure> failures = List.of();

		Attempts(boolean refresh) {
			this.refresh = refresh;
		}

		ResolvedSecrets resolve(Supplier<SecretStore> store, SecretsProperties properties,
				SecretDeclarations declarations, Predicate<String> kept) {
			this.declared = declarations.all();
			try {
				return new SecretResolver(() -> counting(store.get()), properties.timeout()).resolve(this.declared,
						declarations.rejected(), kept);
			}
			catch (SecretResolutionException ex) {
				if (this.failures.isEmpty()) {
					this.failures = ex.failures();
				}
				throw ex;
			}
		}

		private SecretStore counting(SecretStore store) {
			return (locations, timeout) -> {
				Response response = store.fetch(locations, timeout);
				this.calls.addAll(response.calls());
				return response;
			};
		}

		ResolvedSecrets record(Supplier<ResolvedSecrets> load, Runnable checkRunning) {
			ResolvedSecrets secrets;
			try {
				secrets = load.get();
			}
			catch (RuntimeException | Error ex) {
				// What an application that stops makes of a load says nothing of secrets.
				checkRunning.run();
				SecretsLoader.this.history.failed(end(false));
				throw ex;
			}
			checkRunning.run();
			SecretsLoader.this.history.succeeded(end(this.failures.isEmpty()), this.declared, secrets);
			return secrets;
		}

		private Load end(boolean successful) {
			return new Load(Instant.now(), Duration.ofNanos(System.nanoTime() - this.start), this.refresh, this.calls,
					successful, this.failures);
		}

	}

}
