package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

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

	private final List<Fetched> fetched = IntStream.range(0, 50)
		.mapToObj((i) -> new Fetched(new SecretDeclaration("APP_SECRET_" + i, "secret-" + i),
				SecretValue.of("value " + i), "memory"))
		.toList();

	private final SystemEnvironmentPropertySource environment = new SystemEnvironmentPropertySource("systemEnvironment",
			variables(this.fetched));

	private final SystemEnvironmentPropertySource secrets = new SecretsPropertySource(
			new ResolvedSecrets(this.fetched, List.of(), List.of(), 0, Duration.ZERO), null);

	private static Map<String, Object> variables(List<Fetched> fetched) {
		Map<String, Object> variables = new HashMap<>();
		fetched.forEach((it) -> variables.put(it.declaration().name(), it.value().reveal()));
		// As System.getenv() is, and as ours are.
		return Collections.unmodifiableMap(variables);
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
