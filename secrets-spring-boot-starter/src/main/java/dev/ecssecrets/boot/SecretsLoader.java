// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.boot.SecretsProperties.Store;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * One load of all declared secrets: from their declarations to the next snapshot, which
 * also says what failed.
 */
final class SecretsLoader {

	private final ConfigurableBootstrapContext bootstrapContext;

	private final Log logger;

	SecretsLoader(ConfigurableBootstrapContext bootstrapContext, Log logger) {
		this.bootstrapContext = bootstrapContext;
		this.logger = logger;
	}

	/**
	 * Loads. An exception or error on the way is a failed load.
	 * @param environment the environment whose process environment counts
	 * @param known the configuration, or {@code null} to read it from the environment
	 * @param before the snapshot before the load
	 * @param names the names of the secrets to load, or {@code null} for all; the others
	 * keep their values. If other secrets are declared than before, all are loaded
	 * @return the outcome
	 */
	Outcome load(ConfigurableEnvironment environment, @Nullable SecretsConfiguration known, SecretsSnapshot before,
			@Nullable Set<String> names) {
		boolean contextRefresh = known != null && before.number() > 0;
		// A placeholder is no newer value.
		boolean overrides = before.refresh().overrideInjected() && before.properties().store() != Store.PLACEHOLDER;
		Duration timeout = before.properties().timeout();
		long start = System.nanoTime();
		List<Call> calls = new ArrayList<>();
		SecretResolutionException notOverridden = null;
		Set<String> others = Set.of();
		try {
			SecretsConfiguration configuration = (known != null) ? known
					: SecretsConfigurationReader.readAgain(environment);
			PresentValues present = PresentValues.of(environment);
			if (names != null && before.isOf(configuration)) {
				others = others(configuration, before.withSameLocations(names));
			}
			Set<String> settled = settled(configuration, before, present);
			settled.addAll(others);
			ResolvedSecrets resolved;
			try {
				resolved = resolve(configuration, timeout,
						(name) -> settled.contains(name) || (!overrides && present.isInjected(name)), calls);
			}
			catch (SecretResolutionException ex) {
				if (!overrides || before.number() > 0) {
					throw ex;
				}
				notOverridden = ex;
				resolved = resolve(configuration, timeout, (name) -> settled.contains(name) || present.isInjected(name),
						calls);
				this.logger
					.warn("Injected secrets keep their injected values, because not all secrets could be fetched: "
							+ ex.getMessage());
			}
			Load load = load(before, others, contextRefresh, start, calls, notOverridden);
			return new Outcome(before, NextSnapshot.of(before, load, configuration, resolved, present,
					overrides && notOverridden == null && (others.isEmpty() || before.overridesInjected()), others),
					resolved, null);
		}
		catch (Throwable ex) {
			Load load = load(before, others, contextRefresh, start, calls,
					(notOverridden != null) ? notOverridden : ex);
			return new Outcome(before, before.failed(load), null, ex);
		}
	}

	private static Set<String> others(SecretsConfiguration configuration, Set<String> names) {
		Set<String> others = new HashSet<>();
		for (SecretDeclaration declaration : configuration.declarations()) {
			others.add(declaration.name());
		}
		others.removeAll(names);
		return others;
	}

	/**
	 * Returns the secrets that need not be fetched, whether they are injected or not.
	 */
	private static Set<String> settled(SecretsConfiguration configuration, SecretsSnapshot before,
			PresentValues present) {
		Set<String> settled = new HashSet<>();
		for (SecretDeclaration declaration : configuration.declarations()) {
			if (before.keeps(declaration) || before.isOverridden(declaration.name(), present)) {
				settled.add(declaration.name());
			}
		}
		return settled;
	}

	/**
	 * Returns the facts of a load. Secrets that were not loaded still fail if they did.
	 */
	private static Load load(SecretsSnapshot before, Set<String> others, boolean contextRefresh, long start,
			List<Call> calls, @Nullable Throwable failure) {
		List<SecretFailure> failures = new ArrayList<>();
		if (failure instanceof SecretResolutionException ex) {
			failures.addAll(ex.failures());
		}
		Load last = others.isEmpty() ? null : before.lastLoad();
		boolean successful = failure == null;
		if (last != null && !last.successful()) {
			for (SecretFailure standing : last.failures()) {
				if (others.contains(standing.subject())) {
					failures.add(standing);
				}
			}
			// A load may fail as a whole.
			successful = successful && failures.isEmpty() && !last.failures().isEmpty();
		}
		return new Load(before.number() + 1, others.isEmpty(), contextRefresh, Instant.now(),
				Duration.ofNanos(System.nanoTime() - start), calls, successful, failures);
	}

	private ResolvedSecrets resolve(SecretsConfiguration configuration, Duration timeout, Predicate<String> excluded,
			List<Call> calls) {
		// Log lines are lost if startup fails.
		List<String> warnings = new CopyOnWriteArrayList<>();
		SecretResolver resolver = new SecretResolver(() -> recording(store(configuration, warnings), calls), timeout);
		List<SecretFailure> unresolved = List.of();
		try {
			ResolvedSecrets resolved = resolver.resolve(configuration.accepted(), excluded);
			if (configuration.rejected().isEmpty()) {
				return resolved;
			}
		}
		catch (SecretResolutionException ex) {
			unresolved = ex.failures();
		}
		throw configuration.failure(unresolved, warnings);
	}

	/**
	 * Fetches secrets that are not declared, beside a load, once there has been one.
	 * @throws SecretResolutionException if any of them fails
	 */
	List<Fetched> fetch(List<SecretDeclaration> declarations, Duration timeout) {
		SecretStore store = this.bootstrapContext.get(SecretStore.class);
		return new SecretResolver(() -> store, timeout).resolve(declarations, (name) -> false).fetched();
	}

	/**
	 * Returns the store of the application, which the bootstrap context keeps, or
	 * placeholders, even if the application has registered a store.
	 */
	private SecretStore store(SecretsConfiguration configuration, List<String> warnings) {
		InstanceSupplier<SecretStore> open = (context) -> SecretStores.open(configuration, context, (warning) -> {
			this.logger.warn(warning);
			warnings.add(warning);
		});
		if (configuration.properties().store() == Store.PLACEHOLDER) {
			return Objects.requireNonNull(open.get(this.bootstrapContext));
		}
		this.bootstrapContext.registerIfAbsent(SecretStore.class, open);
		return Objects.requireNonNull(this.bootstrapContext.get(SecretStore.class));
	}

	private static SecretStore recording(SecretStore store, List<Call> calls) {
		return (locations, timeout) -> {
			Response response = store.fetch(locations, timeout);
			calls.addAll(response.calls());
			return response;
		};
	}

	/**
	 * Outcome of a load.
	 *
	 * @param before the snapshot before the load
	 * @param snapshot the next snapshot, after a failure with the values of the one
	 * before
	 * @param resolved the resolved declarations, or {@code null} after a failure
	 * @param failure why the load failed, or {@code null} if it did not
	 */
	record Outcome(SecretsSnapshot before, SecretsSnapshot snapshot, @Nullable ResolvedSecrets resolved,
			@Nullable Throwable failure) {

		Load load() {
			return Objects.requireNonNull(this.snapshot.lastLoad());
		}

		/**
		 * Returns the names of the secrets whose values have changed.
		 */
		Set<String> changes() {
			return this.snapshot.changesSince(this.before);
		}

		/**
		 * Logs the outcome, except for a failure of the startup, which is thrown.
		 */
		void log(Log logger) {
			Load last = this.before.lastLoad();
			if (this.failure != null) {
				if (last != null) {
					log(logger, this.failure, last.successful());
				}
				return;
			}
			if (last != null && !last.successful() && load().successful()) {
				logger.info("Secrets can be refreshed again");
			}
			Set<String> changes = (last != null) ? changes() : Set.of();
			if (!changes.isEmpty()) {
				logger.info("Secrets have changed: " + PrintableText.of(String.join(", ", changes)));
			}
			for (Fetched fetched : (this.resolved != null) ? this.resolved.fetched() : List.<Fetched>of()) {
				String name = fetched.declaration().name();
				if (fetched.warning() != null && (last == null || changes.contains(name))) {
					logger.warn(PrintableText.of(name) + " " + fetched.warning());
				}
			}
		}

		private static void log(Log logger, Throwable failure, boolean first) {
			// Messages of this library contain no values. Those of other libraries may.
			String cause = (failure instanceof SecretResolutionException) ? failure.getMessage()
					: failure.getClass().getName();
			if (first) {
				logger.warn("Secrets keep their values, because they could not be refreshed: " + cause);
			}
			else {
				logger.debug("Secrets still cannot be refreshed: " + cause);
			}
		}

	}

}
