// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Resolver of declarations into the values that ECS would have injected. Instances are
 * immutable and safe for use by multiple threads.
 *
 * @since 0.1.0
 */
public final class SecretResolver {

	private final Supplier<? extends SecretStore> store;

	private final Duration timeout;

	/**
	 * Creates a resolver.
	 * @param store returns the store, always the same one. It is called only if a value
	 * is missing, so that the classes of an unused store are not loaded. Its exceptions
	 * are passed on to the caller of a resolution
	 * @param timeout how long a resolution may take
	 * @throws IllegalArgumentException if the timeout is not positive, or has more
	 * nanoseconds than a {@code long} holds (292 years)
	 */
	public SecretResolver(Supplier<? extends SecretStore> store, Duration timeout) {
		if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
			throw new IllegalArgumentException("timeout must be positive and less than 292 years");
		}
		this.store = store;
		this.timeout = timeout;
	}

	/**
	 * Resolves declarations. If some fail, the others are still tried. The method blocks
	 * until the store has answered for all of them, for at most the timeout. If the
	 * thread is interrupted in the meantime, the stores of this library stop waiting:
	 * secrets without a value fail, and the thread remains interrupted.
	 * @param declarations the declarations
	 * @param injected returns whether the process environment already has a name
	 * @return the resolved secrets
	 * @throws SecretResolutionException if any secret fails, with all failures
	 */
	public ResolvedSecrets resolve(List<SecretDeclaration> declarations, Predicate<String> injected) {
		return new Resolution(declarations, this.store, this.timeout).resolve(injected);
	}

}
