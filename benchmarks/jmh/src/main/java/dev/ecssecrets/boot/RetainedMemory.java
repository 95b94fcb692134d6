package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.SecretValue;

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
	}

	private static StandardEnvironment environment() {
		List<SecretDeclaration> declarations = IntStream.range(0, SECRETS)
			.mapToObj((i) -> new SecretDeclaration("APP_SECRET_" + i, "/app/secret-" + i, false,
					"application.yml:" + i + ":13"))
			.toList();
		SecretResolver resolver = new SecretResolver(() -> RetainedMemory::fetch, Duration.ofSeconds(60));
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new SecretsPropertySource(resolver.resolve(declarations, (name) -> false), null));
		// Spring Boot caches names when it binds.
		ConfigurationPropertySources.attach(environment);
		Binder.get(environment).bind("app.secret-1", String.class).get();
		return environment;
	}

	private static Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		locations.forEach((it) -> answers.put(it, new Found(SecretValue.of("x".repeat(SIZE)), "memory")));
		return new Response(answers, 0);
	}

	private static long used() {
		for (int i = 0; i < 3; i++) {
			System.gc();
		}
		return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
	}

}
