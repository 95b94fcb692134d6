// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.ecssecrets.test.InMemorySecretStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Parsing, printing and resolving, a thousand at a time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SecretsBenchmark {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-";

	// A third each: a parameter by its path, one by its ARN, one of four keys of a
	// secret.
	private final List<SecretDeclaration> declarations = IntStream.range(0, 1000)
		.mapToObj((i) -> new SecretDeclaration("SECRET_" + i, switch (i % 3) {
			case 0 -> "/app/secret-" + i;
			case 1 -> "arn:aws:ssm:eu-west-1:123456789012:parameter/app/secret-" + i;
			default -> SECRET + (i / 12) + "-AbCdEf:key-" + i + "::";
		}))
		.toList();

	private final List<GoJson> values = List.copyOf(GoJson.members("""
			{"text":"a password, \\"quoted\\" and \\u00e9","port":5432,"large":1000000,"small":0.1,"flag":true,
			"none":null,"object":{"b":[1,2,3],"a":{"c":"d"}}}""").values());

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final SecretResolver resolver = new SecretResolver(() -> this.store, Duration.ofSeconds(60));

	@Setup
	public void putSecrets() {
		this.declarations.forEach((it) -> this.store.put(it.valueFrom(), "a value as long as most are"));
	}

	@Benchmark
	public void parseReferences(Blackhole sink) {
		this.declarations.forEach((declaration) -> sink.consume(SecretReference.parse(declaration.valueFrom())));
	}

	@Benchmark
	public void printJsonValues(Blackhole sink) {
		for (int i = 0; i < 1000; i++) {
			sink.consume(this.values.get(i % this.values.size()).print());
		}
	}

	@Benchmark
	public ResolvedSecrets resolveDeclarations() {
		return this.resolver.resolve(this.declarations, (name) -> false);
	}

}
