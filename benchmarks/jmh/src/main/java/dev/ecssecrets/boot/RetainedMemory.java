// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.test.InMemorySecretStore;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;

/**
 * Measures what a thousand secrets of 1 KB keep of the heap for as long as the
 * application runs. Many such environments are made, so that what else happens on the
 * heap does not count.
 */
public final class RetainedMemory {

	private static final int SECRETS = 1000;

	private static final int SIZE = 1024;

	private static final int ENVIRONMENTS = 100;

	private RetainedMemory() {
	}

	public static void main(String[] args) {
		// What the first one loads and caches once.
		environment();
		StandardEnvironment[] kept = new StandardEnvironment[ENVIRONMENTS];
		long before = used();
		for (int i = 0; i < ENVIRONMENTS; i++) {
			kept[i] = environment();
		}
		long each = (used() - before) / kept.length;
		System.out.printf("%d secrets of %d bytes keep %,d bytes: %.2f times their own%n", SECRETS, SIZE, each,
				(double) each / (SECRETS * SIZE));
		try (RefreshedSecrets secrets = new RefreshedSecrets(SECRETS, SIZE)) {
			System.out.printf("Used after 10 refreshes: %,d bytes%n", usedAfter(10, secrets));
			System.out.printf("Used after 1,000 refreshes: %,d bytes%n", usedAfter(990, secrets));
		}
	}

	private static long usedAfter(int refreshes, RefreshedSecrets secrets) {
		for (int i = 0; i < refreshes; i++) {
			secrets.refresh();
			Binder.get(secrets.environment()).bind("app.secret-1", String.class).get();
		}
		return used();
	}

	private static StandardEnvironment environment() {
		InMemorySecretStore store = new InMemorySecretStore();
		List<SecretDeclaration> declarations = new ArrayList<>();
		for (int i = 0; i < SECRETS; i++) {
			declarations.add(new SecretDeclaration("APP_SECRET_" + i, "secret-" + i, false, "application.yml:" + i));
			store.put("secret-" + i, "x".repeat(SIZE));
		}
		SecretResolver resolver = new SecretResolver(() -> store, Duration.ofSeconds(60));
		Map<String, Fetched> fetched = new HashMap<>();
		resolver.resolve(declarations, (name) -> false)
			.fetched()
			.forEach((secret) -> fetched.put(secret.declaration().name(), secret));
		StandardEnvironment environment = new StandardEnvironment();
		SecretsPropertySource.of(fetched, Map.of(), true, null).putInto(environment.getPropertySources(), false);
		// Spring Boot caches names when it binds.
		ConfigurationPropertySources.attach(environment);
		Binder.get(environment).bind("app.secret-1", String.class).get();
		return environment;
	}

	private static long used() {
		for (int i = 0; i < 3; i++) {
			System.gc();
		}
		return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
	}

}
