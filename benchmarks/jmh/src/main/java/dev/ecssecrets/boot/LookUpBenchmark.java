// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

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

	private static final int SECRETS = 50;

	private static final String NAME = "APP_SECRET_25";

	private static final String PROPERTY = "app.secret-25";

	private static final String ABSENT = "app.absent";

	private final SystemEnvironmentPropertySource environment;

	private final SystemEnvironmentPropertySource secrets;

	public LookUpBenchmark() {
		Map<String, Object> variables = new HashMap<>();
		for (int i = 0; i < SECRETS; i++) {
			variables.put("APP_SECRET_" + i, "value " + i);
		}
		// Unmodifiable as System.getenv() is, and as ours are.
		this.environment = new SystemEnvironmentPropertySource("systemEnvironment",
				Collections.unmodifiableMap(variables));
		try (RefreshedSecrets refreshed = new RefreshedSecrets(SECRETS, 8)) {
			this.secrets = (SystemEnvironmentPropertySource) Objects
				.requireNonNull(refreshed.environment().getPropertySources().get(SecretsPropertySource.NAME));
		}
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
