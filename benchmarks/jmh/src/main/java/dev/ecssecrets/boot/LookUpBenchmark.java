package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretResolver;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Looking up a property, in Spring's source of environment variables and in this
 * library's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookUpBenchmark {

	private static final String NAME = "APP_SECRET_25";

	private static final String PROPERTY = "app.secret-25";

	private static final String ABSENT = "app.absent";

	private final SystemEnvironmentPropertySource environment;

	private final SystemEnvironmentPropertySource secrets;

	public LookUpBenchmark() {
		InMemorySecretStore store = new InMemorySecretStore();
		List<SecretDeclaration> declarations = new ArrayList<>();
		Map<String, Object> variables = new HashMap<>();
		for (int i = 0; i < 50; i++) {
			declarations.add(new SecretDeclaration("APP_SECRET_" + i, "secret-" + i));
			store.put("secret-" + i, "value " + i);
			variables.put("APP_SECRET_" + i, "value " + i);
		}
		// Unmodifiable as System.getenv() is, and as ours are.
		this.environment = new SystemEnvironmentPropertySource("systemEnvironment",
				Collections.unmodifiableMap(variables));
		this.secrets = SecretsPropertySource.of(
				new SecretResolver(() -> store, Duration.ofSeconds(60)).resolve(declarations, (name) -> false),
				new MutablePropertySources());
	}

	@Benchmark
	public @Nullable Object nameInEnvironment() {
		return this.environment.getProperty(NAME);
	}

	@Benchmark
	public @Nullable Object nameInSecrets() {
		return this.secrets.getProperty(NAME);
	}

	@Benchmark
	public @Nullable Object propertyInEnvironment() {
		return this.environment.getProperty(PROPERTY);
	}

	@Benchmark
	public @Nullable Object propertyInSecrets() {
		return this.secrets.getProperty(PROPERTY);
	}

	@Benchmark
	public @Nullable Object absentInEnvironment() {
		return this.environment.getProperty(ABSENT);
	}

	@Benchmark
	public @Nullable Object absentInSecrets() {
		return this.secrets.getProperty(ABSENT);
	}

}
