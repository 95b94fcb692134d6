// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.net.URL;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.CachingSecretStore;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.TaskDefinition;
import dev.ecssecrets.aws.AwsSecretStore;

/**
 * Greets with a secret of its task definition: ECS has injected it, or else it is
 * fetched. A greeting has the value as it is then, or was at most a minute ago.
 */
public final class PlainApplication {

	private final SecretResolver resolver;

	PlainApplication(SecretStore store) {
		// However often and from how many threads it greets, it fetches once a minute.
		SecretStore shared = new CachingSecretStore(store, Duration.ofMinutes(1));
		this.resolver = new SecretResolver(() -> shared, Duration.ofSeconds(60));
	}

	public static void main(String[] args) {
		// No class of the AWS SDK is loaded unless a value is missing.
		SecretStore aws = (locations, timeout) -> AwsSecretStore.builder().build().fetch(locations, timeout);
		System.out.println(new PlainApplication(aws).greet(System.getenv()));
	}

	String greet(Map<String, String> environment) {
		return "Hello, " + variables(environment).get("HAMADA_SECRETS") + "!";
	}

	private Map<String, String> variables(Map<String, String> environment) {
		Map<String, String> variables = new HashMap<>(environment);
		this.resolver.resolve(declared(), environment::containsKey)
			.asMap()
			.forEach((name, value) -> variables.put(name, value.reveal()));
		return variables;
	}

	private static List<SecretDeclaration> declared() {
		URL document = Objects.requireNonNull(PlainApplication.class.getResource("/task-definition.json"));
		return TaskDefinition.read("task-definition.json", document).secrets("app");
	}

}
