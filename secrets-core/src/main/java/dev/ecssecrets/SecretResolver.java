package dev.ecssecrets;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Turns declarations into the values that ECS would have injected. Instances are
 * immutable and may be used by any number of threads.
 */
public final class SecretResolver {

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
	 * Resolves declarations. All of them are tried, even if some fail. Blocks until the
	 * store has answered for all, which takes at most the timeout. If the thread is
	 * interrupted meanwhile, a store of this library stops waiting: what is not there yet
	 * fails, and the thread stays interrupted.
	 * @param declarations the declarations
	 * @param injected returns whether the process environment already has a name
	 * @return the resolved secrets
	 * @throws SecretResolutionException if any declaration has no value, with all that
	 * have none
	 */
	public ResolvedSecrets resolve(List<SecretDeclaration> declarations, Predicate<String> injected) {
		return new Resolution(declarations, this.store, this.timeout).resolve(injected);
	}

}
