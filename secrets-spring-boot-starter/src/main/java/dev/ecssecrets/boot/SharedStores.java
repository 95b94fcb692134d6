// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.ecssecrets.CachingSecretStore;
import dev.ecssecrets.SecretStore;

/**
 * Stores that share what they fetch between the applications of a process, one after the
 * other and at once. It is used only where Caffeine is on the class path.
 */
final class SharedStores {

	private static final Map<Settings, CachingSecretStore> STORES = new ConcurrentHashMap<>();

	private SharedStores() {
	}

	/**
	 * Returns the store of all applications with the same settings.
	 * @param aws the access to AWS, which determines the values
	 * @param interval how long fetched values are shared
	 * @param store the store to share if there is none yet
	 */
	static SecretStore get(SecretsProperties.Aws aws, Duration interval, SecretStore store) {
		return STORES.computeIfAbsent(new Settings(aws, interval),
				(settings) -> new CachingSecretStore(store, interval));
	}

	/**
	 * Forgets what is shared.
	 */
	static void clear() {
		STORES.values().forEach(CachingSecretStore::clear);
	}

	private record Settings(SecretsProperties.Aws aws, Duration interval) {

	}

}
