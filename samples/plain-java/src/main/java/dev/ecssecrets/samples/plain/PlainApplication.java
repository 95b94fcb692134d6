package dev.ecssecrets.samples.plain;

import java.net.URL;
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

	public static void main(String[] args) {
		// The store is made only if a value is missing.
		SecretResolver resolver = new SecretResolver(() -> AwsSecretStore.builder().build(), Duration.ofSeconds(60));
		System.out.println(new PlainApplication(resolver).greet(System.getenv()));
	}

	String greet(Map<String, String> environment) {
		return "Hello, " + variables(environment).get("HAMADA_SECRETS") + "!";
	}

	private Map<String, String> variables(Map<String, String> environment) {
		Map<String, String> variables = new HashMap<>(environment);
		this.resolver.resolve(declared(), environment::containsKey)
			.fetched()
			.forEach((secret) -> variables.put(secret.declaration().name(), secret.value().reveal()));
		return variables;
	}

	private static List<SecretDeclaration> declared() {
		URL document = Objects.requireNonNull(PlainApplication.class.getResource("/task-definition.json"));
		return TaskDefinition.read("task-definition.json", document).secrets("app");
	}

}
