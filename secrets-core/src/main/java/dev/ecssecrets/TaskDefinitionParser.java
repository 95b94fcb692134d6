// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Parser of the documents that {@link TaskDefinition} describes.
 */
final class TaskDefinitionParser {

	private static final String EXPECTED = "expected the JSON format of ECS, which this command prints: aws ecs"
			+ " describe-task-definition --task-definition NAME --query taskDefinition";

	private static final String CONTAINERS = "containerDefinitions";

	private static final Set<String> CONTAINER_KEYS = Set.of("environment", "image", "secrets");

	private TaskDefinitionParser() {
	}

	/**
	 * Parses a document.
	 * @param name the name of the document for messages
	 * @param json the document
	 * @return the secrets of each container
	 * @throws InvalidTaskDefinitionException if the document has none of the forms
	 */
	static List<ContainerSecrets> parse(String name, String json) {
		DocumentPlace root = new DocumentPlace(name, "");
		GoJson document = parse(root, json);
		return document.isArray() ? array(root, document) : object(root, document);
	}

	private static GoJson parse(DocumentPlace root, String json) {
		try {
			return GoJson.of(json);
		}
		catch (JsonSyntax.SyntaxException ex) {
			String format = ForeignFormat.of(json);
			throw root.invalid((format != null) ? "is " + format + ", not JSON; " + EXPECTED
					: Objects.requireNonNull(ex.getMessage()));
		}
	}

	private static List<ContainerSecrets> array(DocumentPlace root, GoJson document) {
		List<GoJson> elements = document.elements();
		boolean declarations = elements.stream()
			.filter(GoJson::isObject)
			.flatMap((element) -> element.members().keySet().stream())
			.anyMatch((key) -> letters(key).equals(letters("valueFrom")));
		if (!declarations) {
			return containers(root, elements);
		}
		List<SecretDeclaration> secrets = secrets(root, elements);
		return List.of(new ContainerSecrets(null, secrets, repeated(secrets)));
	}

	private static List<ContainerSecrets> object(DocumentPlace root, GoJson document) {
		if (!document.isObject()) {
			throw root.invalid("is a JSON " + document.type() + ", not a task definition; " + EXPECTED);
		}
		Map<String, GoJson> members = document.members();
		GoJson described = members.get("taskDefinition");
		if (described == null) {
			return taskDefinition(root, members);
		}
		DocumentPlace place = root.to("taskDefinition");
		return taskDefinition(place, place.read(described::members));
	}

	private static List<ContainerSecrets> taskDefinition(DocumentPlace place, Map<String, GoJson> members) {
		GoJson containers = members.get(CONTAINERS);
		if (containers != null) {
			DocumentPlace list = place.to(CONTAINERS);
			return containers(list, list.read(containers::elements));
		}
		String format = ForeignFormat.of(members);
		if (format != null) {
			throw place.invalid("is " + format + "; " + EXPECTED);
		}
		if (members.keySet().stream().anyMatch(CONTAINER_KEYS::contains)) {
			return List.of(container(place, members, null));
		}
		if (members.containsKey("valueFrom")) {
			throw place.invalid("is a single declaration, not a list; " + EXPECTED);
		}
		String misspelt = misspelt(members.keySet(), CONTAINERS);
		throw place.to(CONTAINERS)
			.invalid("is absent" + ((misspelt != null) ? ", but there is '" + misspelt + "'" : "") + "; " + EXPECTED);
	}

	/**
	 * Returns a key with the same letters, but with other capitals or separators, or
	 * without the plural.
	 */
	private static @Nullable String misspelt(Set<String> keys, String key) {
		return keys.stream()
			.filter((candidate) -> !candidate.equals(key)
					&& (letters(candidate).equals(letters(key)) || (letters(candidate) + "s").equals(letters(key))))
			.findFirst()
			.orElse(null);
	}

	private static String letters(String key) {
		return key.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
	}

	private static List<ContainerSecrets> containers(DocumentPlace list, List<GoJson> elements) {
		List<ContainerSecrets> containers = new ArrayList<>();
		for (GoJson element : elements) {
			DocumentPlace place = list.to(containers.size());
			Map<String, GoJson> members = place.object(element);
			String format = (members.containsKey("name") || members.containsKey("secrets")) ? null
					: ForeignFormat.of(members);
			if (format != null) {
				throw place.invalid("is " + format + "; " + EXPECTED);
			}
			containers.add(container(place, members, ""));
		}
		return containers;
	}

	private static ContainerSecrets container(DocumentPlace place, Map<String, GoJson> members,
			@Nullable String nameIfAbsent) {
		String name = members.containsKey("name") ? place.text(members, "name") : nameIfAbsent;
		GoJson secrets = members.get("secrets");
		DocumentPlace list = place.to("secrets");
		List<SecretDeclaration> declarations = (secrets != null) ? secrets(list, list.read(secrets::elements))
				: List.of();
		List<String> warnings = new ArrayList<>(repeated(declarations));
		String misspelt = (secrets == null) ? misspelt(members.keySet(), "secrets") : null;
		if (misspelt != null) {
			warnings.add(place + " has the key '" + misspelt + "', which ECS ignores. Correct it to 'secrets'");
		}
		warnings.addAll(variables(declarations, place.to("environment"), members.get("environment")));
		return new ContainerSecrets(name, declarations, warnings);
	}

	private static List<SecretDeclaration> secrets(DocumentPlace list, List<GoJson> elements) {
		List<SecretDeclaration> secrets = new ArrayList<>();
		for (GoJson element : elements) {
			DocumentPlace place = list.to(secrets.size());
			Map<String, GoJson> secret = place.object(element);
			for (String key : List.of("name", "valueFrom")) {
				String misspelt = secret.containsKey(key) ? null : misspelt(secret.keySet(), key);
				if (misspelt != null) {
					throw place.invalid("has '" + misspelt + "' instead of '" + key + "'; " + EXPECTED);
				}
			}
			secrets.add(new SecretDeclaration(place.text(secret, "name"), place.text(secret, "valueFrom"), false,
					place.toString()));
		}
		return secrets;
	}

	private static List<String> repeated(List<SecretDeclaration> secrets) {
		Set<String> names = new HashSet<>();
		return secrets.stream()
			.filter((secret) -> !secret.name().isEmpty() && !names.add(secret.name()))
			.map((secret) -> warning(secret, "a second time"))
			.toList();
	}

	/**
	 * Returns warnings about the variables of a container that concern secrets.
	 */
	private static List<String> variables(List<SecretDeclaration> secrets, DocumentPlace list,
			@Nullable GoJson environment) {
		if (environment == null || environment.type().equals("null")) {
			return List.of();
		}
		List<String> warnings = new ArrayList<>();
		Set<String> variables = new HashSet<>();
		try {
			List<GoJson> elements = list.read(environment::elements);
			for (int i = 0; i < elements.size(); i++) {
				DocumentPlace place = list.to(i);
				Map<String, GoJson> variable = place.object(elements.get(i));
				variables.add(place.text(variable, "name"));
				String valueFrom = variable.containsKey("valueFrom") ? "valueFrom"
						: misspelt(variable.keySet(), "valueFrom");
				if (valueFrom != null) {
					warnings
						.add(PrintableText.of(place + " has a " + valueFrom + " for '" + place.text(variable, "name")
								+ "', which ECS ignores there. Move the entry to 'secrets'"));
				}
			}
		}
		catch (InvalidTaskDefinitionException ex) {
			return List.of(Objects.requireNonNull(ex.getMessage()));
		}
		secrets.stream()
			.filter((secret) -> !secret.name().isEmpty() && variables.contains(secret.name()))
			.forEach((secret) -> warnings.add(warning(secret, "although it is also in 'environment'")));
		return warnings;
	}

	private static String warning(SecretDeclaration secret, String problem) {
		return PrintableText.of(secret.origin() + " declares '" + secret.name() + "'") + " " + problem
				+ "; ECS rejects such a task definition";
	}

}
