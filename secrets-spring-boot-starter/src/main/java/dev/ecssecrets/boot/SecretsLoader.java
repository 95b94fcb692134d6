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
		boolean overrides = keys(properties::refresh).overrideInjected();
		Supplier<SecretStore> store = () -> store(properties);
		try {
			ResolvedSecrets secrets = resolve(store, properties.timeout(), declarations, kept(environment, overrides));
			this.overridden = overrides;
			return secrets;
		}
		catch (SecretResolutionException ex) {
			if (!overrides || this.overridden) {
				throw ex;
			}
			ResolvedSecrets secrets = resolve(store, properties.timeout(), declarations, injected(environment));
			this.logger.warn("Injected secrets are used as they are, as not all can be fetched: " + ex.getMessage());
			return secrets;
		}
		finally {
			this.loaded = true;
		}
	}

	/**
	 * Loads for a refresh, which fails if anything does.
	 */
	ResolvedSecrets loadAgain(ConfigurableEnvironment environment) {
		SecretsProperties properties = SecretsProperties.get(environment);
		SecretDeclarations declarations = SecretDeclarations.of(environment, properties);
		boolean overrides = keys(properties::refresh).overrideInjected();
		ResolvedSecrets secrets = resolve(() -> cache(properties)::fetchStrictly, properties.timeout(), declarations,
				kept(environment, overrides));
		this.overridden = overrides;
		return secrets;
	}

	private ResolvedSecrets resolve(Supplier<SecretStore> store, Duration timeout, SecretDeclarations declarations,
			Predicate<String> kept) {
		boolean refresh = this.loaded;
		long start = System.nanoTime();
		List<Call> calls = new ArrayList<>();
		ResolvedSecrets secrets;
		try {
			secrets = new SecretResolver(() -> counting(store.get(), calls), timeout).resolve(declarations.all(),
					declarations.rejected(), kept);
		}
		catch (RuntimeException | Error ex) {
			List<SecretFailure> failures = (ex instanceof SecretResolutionException failed) ? failed.failures()
					: List.of();
			this.history.failed(new Load(Instant.now(), Duration.ofNanos(System.nanoTime() - start), refresh, calls,
					false, failures));
			throw ex;
		}
		this.history.succeeded(new Load(Instant.now(), secrets.elapsed(), refresh, calls, true, List.of()),
				declarations.all(), secrets);
		return secrets;
	}

	private static SecretStore counting(SecretStore store, List<Call> calls) {
		return (locations, timeout) -> {
			Response response = store.fetch(locations, timeout);
			calls.addAll(response.calls());
			return response;
		};
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

}
