package dev.ecssecrets;

import java.net.URL;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The containers of an ECS task definition, as far as their secrets go. Instances are
 * immutable.
 * <p>
 * A document is JSON, in one of these forms:
 *
 * <ul>
 * <li>the input of {@code aws ecs register-task-definition}</li>
 * <li>the output of {@code aws ecs describe-task-definition}</li>
 * <li>a list of container definitions, or one container definition</li>
 * <li>a list of {@code {"name": …, "valueFrom": …}}, which belongs to no container</li>
 * </ul>
 *
 * Keys are written as ECS writes them; those that have nothing to do with secrets may
 * hold anything. The text is UTF-8, with or without a byte order mark, and 4 MB at most.
 */
public final class TaskDefinition {

	private static final String EXPECTED = "expected ECS's own JSON, which this command prints:"
			+ " aws ecs describe-task-definition --task-definition NAME --query taskDefinition";

	private static final String CONTAINERS = "containerDefinitions";

	private static final Set<String> CONTAINER_KEYS = Set.of("environment", "image", "secrets");

	private final String name;

	private final List<Container> containers;

	private TaskDefinition(String name, List<Container> containers) {
		this.name = name;
		this.containers = List.copyOf(containers);
	}

	/**
	 * Reads a document from a local file or the class path. Symbolic links are followed;
	 * pipes, devices and addresses of other hosts are not opened.
	 * @param name what to call the document in errors and origins, such as the name of
	 * its file
	 * @param document the address of the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document cannot be read or has none
	 * of the forms
	 */
	public static TaskDefinition read(String name, URL document) {
		try {
			return parse(name, TextFile.read(document));
		}
		catch (TextFile.UnreadableException ex) {
			throw new InvalidTaskDefinitionException(TextFile.name(document), message(ex));
		}
	}

	/**
	 * Parses the content of a file.
	 * @param name what to call the document in errors and origins
	 * @param json the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the content is not UTF-8, is too large,
	 * or has none of the forms
	 */
	public static TaskDefinition parse(String name, byte[] json) {
		try {
			return parse(name, TextFile.decode(json));
		}
		catch (TextFile.UnreadableException ex) {
			throw new InvalidTaskDefinitionException(name, message(ex));
		}
	}

	/**
	 * Parses a document.
	 * @param name what to call the document in errors and origins
	 * @param json the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document has none of the forms
	 */
	public static TaskDefinition parse(String name, String json) {
		Place root = new Place(name, "");
		GoJson document = parse(root, TextFile.withoutMark(json));
		return new TaskDefinition(name, document.isArray() ? list(root, document) : definition(root, document));
	}

	private static GoJson parse(Place root, String json) {
		try {
			return GoJson.of(json);
		}
		catch (JsonSyntax.SyntaxException ex) {
			String format = ForeignFormat.of(json);
			throw root.invalid((format != null) ? "is " + format + ", not JSON; " + EXPECTED : message(ex));
		}
	}

	private static List<Container> list(Place root, GoJson document) {
		List<GoJson> elements = document.elements();
		boolean declarations = elements.stream()
			.filter(GoJson::isObject)
			.flatMap((element) -> element.members().keySet().stream())
			.anyMatch((key) -> letters(key).equals(letters("valueFrom")));
		if (!declarations) {
			return containers(root, elements);
		}
		List<SecretDeclaration> secrets = secrets(root, elements);
		return List.of(new Container(null, secrets, repeated(secrets)));
	}

	private static List<Container> definition(Place root, GoJson document) {
		if (!document.isObject()) {
			throw root.invalid("is a JSON " + document.type() + ", not a task definition; " + EXPECTED);
		}
		Map<String, GoJson> members = document.members();
		Place place = root;
		GoJson described = members.get("taskDefinition");
		if (described != null) {
			place = root.to("taskDefinition");
			members = place.read(described::members);
		}
		Place list = place.to(CONTAINERS);
		GoJson containers = members.get(CONTAINERS);
		if (containers != null) {
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
			throw place.invalid("is a single declaration, not a list of them; " + EXPECTED);
		}
		String misspelt = misspelt(members.keySet(), CONTAINERS);
		throw list
			.invalid("is absent" + ((misspelt != null) ? ", but there is '" + misspelt + "'" : "") + "; " + EXPECTED);
	}

	/**
	 * Returns a key that has the same letters, in capitals or with other separators.
	 */
	private static @Nullable String misspelt(Set<String> keys, String key) {
		return keys.stream()
			.filter((candidate) -> !candidate.equals(key) && letters(candidate).equals(letters(key)))
			.findFirst()
			.orElse(null);
	}

	private static String letters(String key) {
		return key.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
	}

	private static List<Container> containers(Place list, List<GoJson> elements) {
		List<Container> containers = new ArrayList<>();
		for (GoJson element : elements) {
			Place place = list.to(containers.size());
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

	private static Container container(Place place, Map<String, GoJson> members, @Nullable String nameIfAbsent) {
		String name = members.containsKey("name") ? text(place, members, "name") : nameIfAbsent;
		GoJson secrets = members.get("secrets");
		if (secrets == null) {
			return new Container(name, List.of(), List.of());
		}
		Place list = place.to("secrets");
		List<SecretDeclaration> declarations = secrets(list, list.read(secrets::elements));
		List<String> warnings = new ArrayList<>(repeated(declarations));
		warnings.addAll(alsoVariables(declarations, place.to("environment"), members.get("environment")));
		return new Container(name, declarations, warnings);
	}

	private static List<SecretDeclaration> secrets(Place list, List<GoJson> elements) {
		List<SecretDeclaration> secrets = new ArrayList<>();
		for (GoJson element : elements) {
			Place place = list.to(secrets.size());
			Map<String, GoJson> secret = place.object(element);
			for (String key : List.of("name", "valueFrom")) {
				String misspelt = secret.containsKey(key) ? null : misspelt(secret.keySet(), key);
				if (misspelt != null) {
					throw place.invalid("has '" + misspelt + "' instead of '" + key + "'; " + EXPECTED);
				}
			}
			secrets.add(new SecretDeclaration(text(place, secret, "name"), text(place, secret, "valueFrom"), false,
					place.toString()));
		}
		return secrets;
	}

	private static String text(Place place, Map<String, GoJson> members, String key) {
		GoJson text = members.get(key);
		if (text == null || text.type().equals("null")) {
			return "";
		}
		if (!text.isString()) {
			throw place.to(key).invalid("is a JSON " + text.type() + ", not a string");
		}
		return text.print();
	}

	private static List<String> repeated(List<SecretDeclaration> secrets) {
		Set<String> names = new HashSet<>();
		return secrets.stream()
			.filter((secret) -> !secret.name().isEmpty() && !names.add(secret.name()))
			.map((secret) -> warning(secret, "a second time"))
			.toList();
	}

	private static List<String> alsoVariables(List<SecretDeclaration> secrets, Place list,
			@Nullable GoJson environment) {
		if (environment == null) {
			return List.of();
		}
		Set<String> variables = new HashSet<>();
		try {
			List<GoJson> elements = list.read(environment::elements);
			for (int i = 0; i < elements.size(); i++) {
				Place place = list.to(i);
				variables.add(text(place, place.object(elements.get(i)), "name"));
			}
		}
		catch (InvalidTaskDefinitionException ex) {
			return List.of(ex.getMessage());
		}
		return secrets.stream()
			.filter((secret) -> !secret.name().isEmpty() && variables.contains(secret.name()))
			.map((secret) -> warning(secret, "although it is in 'environment' too"))
			.toList();
	}

	private static String warning(SecretDeclaration secret, String problem) {
		return PrintableText.of(secret.origin() + " declares '" + secret.name() + "'") + " " + problem
				+ "; ECS refuses to register such a task definition";
	}

	/**
	 * Returns the secrets of a container, in order, each with a JSON pointer as its
	 * origin. They are as they were written: what is wrong with one, a missing name too,
	 * is found when it is resolved.
	 * @param container the name of the container, or {@code null} for the only one that
	 * has secrets; a document without containers has the same secrets for any name
	 * @return the declarations, none if no container has secrets
	 * @throws InvalidTaskDefinitionException if there is no container of that name, or,
	 * without a name, if several have secrets
	 */
	public List<SecretDeclaration> secrets(@Nullable String container) {
		return select(container).secrets();
	}

	/**
	 * Returns what ECS refuses in the container, although its secrets can be resolved:
	 * names that are declared twice.
	 * @param container the name of the container, or {@code null} for the only one that
	 * has secrets
	 * @return the warnings, for a person to read, each with its place in the document
	 * @throws InvalidTaskDefinitionException if there is no container of that name, or,
	 * without a name, if several have secrets
	 */
	public List<String> warnings(@Nullable String container) {
		return select(container).warnings();
	}

	private Container select(@Nullable String container) {
		if (container != null) {
			return this.containers.stream()
				.filter((candidate) -> candidate.name() == null || candidate.name().equals(container))
				.findFirst()
				.orElseThrow(() -> new InvalidTaskDefinitionException(this.name, "has no container '" + container
						+ "', " + (this.containers.isEmpty() ? "and no other" : "but " + names(this.containers))));
		}
		List<Container> candidates = this.containers.stream()
			.filter((candidate) -> !candidate.secrets().isEmpty())
			.toList();
		if (candidates.size() > 1) {
			throw new InvalidTaskDefinitionException(this.name,
					"has secrets in several containers, of which one has to be named: " + names(candidates));
		}
		return candidates.isEmpty() ? Container.EMPTY : candidates.get(0);
	}

	private static String names(List<Container> containers) {
		return containers.stream().map(Container::name).collect(Collectors.joining(", ", "[", "]"));
	}

	private static String message(RuntimeException ex) {
		return Objects.requireNonNull(ex.getMessage());
	}

	/**
	 * A place in the document.
	 */
	private record Place(String document, String pointer) {

		Place to(Object child) {
			return new Place(this.document, this.pointer + "/" + child);
		}

		Map<String, GoJson> object(GoJson json) {
			if (!json.isObject()) {
				throw invalid("is a JSON " + json.type() + ", not an object");
			}
			return json.members();
		}

		<T> T read(Supplier<T> reading) {
			try {
				return reading.get();
			}
			catch (JsonSyntax.SyntaxException ex) {
				throw invalid(message(ex));
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

	/**
	 * A container.
	 *
	 * @param name the name; empty if it has none, {@code null} if the secrets belong to
	 * no container
	 * @param secrets its secrets
	 * @param warnings what ECS refuses in it
	 */
	private record Container(@Nullable String name, List<SecretDeclaration> secrets, List<String> warnings) {

		static final Container EMPTY = new Container(null, List.of(), List.of());

		Container {
			secrets = List.copyOf(secrets);
			warnings = List.copyOf(warnings);
		}

	}

}
