// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.boot.LiveValue.Property;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

import org.springframework.core.env.PropertySource;

/**
 * Reading a {@link LiveSecret} while nothing changes, and a field that does not follow.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LiveSecretBenchmark {

	private final LiveSecret liveSecret;

	private final String field;

	public LiveSecretBenchmark() {
		try (RefreshedSecrets refreshed = new RefreshedSecrets(50, 8)) {
			List<PropertySource<?>> sources = refreshed.environment().getPropertySources().stream().toList();
			this.liveSecret = Objects.requireNonNull(LiveValue.following(
					new Property(refreshed.secrets(), "a property", sources, (all) -> all.bind("app.secret-25")),
					(all) -> all.referencesSecret("app.secret-25")));
			refreshed.refresh();
			this.field = this.liveSecret.get();
		}
	}

	@Benchmark
	public String field() {
		return this.field;
	}

	@Benchmark
	public String liveSecret() {
		return this.liveSecret.get();
	}

}
