package dev.ecssecrets;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Parsing, printing and resolving, a thousand at a time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SecretsBenchmark {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:";

	// A third each: a parameter by its path, one by its ARN, a key of a JSON secret.
	private final List<SecretDeclaration> declarations = IntStream.range(0, 1000)
		.mapToObj((i) -> new SecretDeclaration("SECRET_" + i, switch (i % 3) {
			case 0 -> "/app/secret-" + i;
			case 1 -> "arn:aws:ssm:eu-west-1:123456789012:parameter/app/secret-" + i;
			default -> SECRET + "key-" + (i % 12) + "::";
		}))
		.toList();

	private final String json = IntStream.range(0, 12)
		.mapToObj((i) -> "\"key-" + i + "\":\"value " + i + " of a secret that is as long as most are\"")
		.collect(Collectors.joining(",", "{", "}"));

	private final List<GoJson> values = List.copyOf(GoJson.members("""
			{"text":"a password, \\"quoted\\" and \\u00e9","port":5432,"large":1000000,"small":0.1,"flag":true,
			"none":null,"object":{"b":[1,2,3],"a":{"c":"d"}}}""").values());

	private final SecretStore store = (locations, timeout) -> new Response(locations.stream()
		.collect(Collectors.toMap(Function.identity(), (location) -> new Found(SecretValue.of(this.json), "memory"))),
			0);

	private final SecretResolver resolver = new SecretResolver(() -> this.store, Duration.ofSeconds(60));

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
