package dev.ecssecrets;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The containers of an ECS task definition, as far as their secrets go. Instances are
 * immutable.
 */
public final class TaskDefinition {

	private final String name;

	private final List<Container> containers;

	private TaskDefinition(String name, List<Container> containers) {
		this.name = name;
		this.containers = List.copyOf(containers);
	}

	/**
	 * Parses a JSON document: the input of {@code aws ecs register-task-definition}, the
	 * output of {@code aws ecs describe-task-definition}, or a list of container
	 * definitions. Keys are written as ECS writes them; those that have nothing to do
	 * with secrets may hold anything.
	 * @param name what to call the document in errors and origins, such as the name of
	 * its file
	 * @param json the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document is none of the three
	 */
	public static TaskDefinition parse(String name, String json) {
		Place root = new Place(name, "");
		if (json.stripLeading().startsWith("[")) {
			return new TaskDefinition(name, containers(root, root.read(() -> GoJson.elements(json))));
		}
		Map<String, GoJson> members = root.read(() -> GoJson.members(json));
		GoJson described = members.get("taskDefinition");
		Place definition = (described != null) ? root.to("taskDefinition") : root;
		GoJson containers = ((described != null) ? definition.read(described::members) : members)
			.get("containerDefinitions");
		Place list = definition.to("containerDefinitions");
		if (containers == null) {
			throw list.invalid("is absent");
		}
		return new TaskDefinition(name, containers(list, list.read(containers::elements)));
	}

	private static List<Container> containers(Place list, List<GoJson> elements) {
		List<Container> containers = new ArrayList<>();
		for (int i = 0; i < elements.size(); i++) {
			Place place = list.to(i);
			Map<String, GoJson> container = place.read(elements.get(i)::members);
			GoJson secrets = container.get("secrets");
			containers.add(new Container(text(container.get("name")),
					(secrets != null) ? secrets(place.to("secrets"), secrets) : List.of()));
		}
		return containers;
	}

	private static List<SecretDeclaration> secrets(Place list, GoJson json) {
		List<SecretDeclaration> secrets = new ArrayList<>();
		for (GoJson element : list.read(json::elements)) {
			Place place = list.to(secrets.size());
			Map<String, GoJson> secret = place.read(element::members);
			secrets.add(new SecretDeclaration(text(secret.get("name")), text(secret.get("valueFrom")), false,
					place.toString()));
		}
		return secrets;
	}

	private static String text(@Nullable GoJson json) {
		return (json != null && json.isString()) ? json.print() : "";
	}

	/**
	 * Returns the secrets of a container, in order, each with a JSON pointer as its
	 * origin. They are as they were written: what is wrong with one, a missing name too,
	 * is found when it is resolved.
	 * @param container the name of the container, or {@code null} for the only one that
	 * has secrets
	 * @return the declarations, none if no container has secrets
	 * @throws InvalidTaskDefinitionException if there is no container of that name, or,
	 * without a name, if several have secrets
	 */
	public List<SecretDeclaration> secrets(@Nullable String container) {
		if (container != null) {
			return this.containers.stream()
				.filter((candidate) -> candidate.name().equals(container))
				.findFirst()
				.orElseThrow(() -> new InvalidTaskDefinitionException(this.name,
						"has no container '" + container + "', but " + names(this.containers)))
				.secrets();
		}
		List<Container> candidates = this.containers.stream()
			.filter((candidate) -> !candidate.secrets().isEmpty())
			.toList();
		if (candidates.size() > 1) {
			throw new InvalidTaskDefinitionException(this.name,
					"has secrets in several containers, of which one has to be named: " + names(candidates));
		}
		return candidates.isEmpty() ? List.of() : candidates.get(0).secrets();
	}

	private static String names(List<Container> containers) {
		return containers.stream().map(Container::name).collect(Collectors.joining(", ", "[", "]"));
	}

	/**
	 * A place in the document.
	 */
	private record Place(String document, String pointer) {

		Place to(Object child) {
			return new Place(this.document, this.pointer + "/" + child);
		}

		<T> T read(Supplier<T> reading) {
			try {
				return reading.get();
			}
			catch (GoJson.SyntaxException ex) {
				throw invalid(Objects.requireNonNull(ex.getMessage()));
			}
		}

		InvalidTaskDefinitionException invalid(String problem) {
			return new InvalidTaskDefinitionException(toString(), problem);
		}

		@Override
		public String toString() {
			return this.pointer.isEmpty() ? this.document : this.document + " " + this.pointer;
		}

	}

	private record Container(String name, List<SecretDeclaration> secrets) {

	}

}
