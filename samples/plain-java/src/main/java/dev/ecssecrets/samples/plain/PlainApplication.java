package dev.ecssecrets.samples.plain;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.TaskDefinition;
import dev.ecssecrets.aws.AwsSecretStore;

/**
 * Greets with a secret of its task definition: ECS has injected it, or else it is
 * fetched.
 */
public final class PlainApplication {

	private final SecretResolver resolver;

	PlainApplication(SecretResolver resolver) {
		this.resolver = resolver;
	}

	public static void main(String[] args) throws IOException {
		// The store is made only if a value is missing.
		SecretResolver resolver = new SecretResolver(() -> AwsSecretStore.builder().build(), Duration.ofSeconds(60));
		System.out.println(new PlainApplication(resolver).greet(System.getenv()));
	}

	String greet(Map<String, String> environment) throws IOException {
		return "Hello, " + variables(environment).get("HAMADA_SECRETS") + "!";
	}

	private Map<String, String> variables(Map<String, String> environment) throws IOException {
		Map<String, String> variables = new HashMap<>(environment);
		this.resolver.resolve(declared(), environment::containsKey)
			.fetched()
			.forEach((secret) -> variables.put(secret.declaration().name(), secret.value().reveal()));
		return variables;
	}

	private static List<SecretDeclaration> declared() throws IOException {
		try (InputStream json = PlainApplication.class.getResourceAsStream("/task-definition.json")) {
			return TaskDefinition
				.parse("task-definition.json",
						new String(Objects.requireNonNull(json).readAllBytes(), StandardCharsets.UTF_8))
				.secrets("app");
		}
	}

}
