// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Secrets of the containers of an ECS task definition. Instances are immutable.
 * <p>
 * A document is JSON, in one of these forms:
 *
 * <ul>
 * <li>the input of {@code aws ecs register-task-definition}</li>
 * <li>the output of {@code aws ecs describe-task-definition}</li>
 * <li>a list of container definitions, or one container definition</li>
 * <li>a list of {@code {"name": …, "valueFrom": …}}, which does not belong to a
 * container</li>
 * </ul>
 *
 * Keys have ECS's own spelling. Keys that do not concern secrets may have any value. The
 * text is UTF-8, with or without a byte order mark, of at most 4 MB.
 *
 * @since 0.1.0
 */
public final class TaskDefinition {

	private final String name;

	private final List<ContainerSecrets> containers;

	private TaskDefinition(String name, List<ContainerSecrets> containers) {
		this.name = name;
		this.containers = List.copyOf(containers);
	}

	/**
	 * Reads a document from a local file or the class path. Symbolic links are followed;
	 * pipes, devices and addresses of other hosts are not opened.
	 * @param name the name of the document for errors and origins, such as the name of
	 * its file
	 * @param document the address of the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document cannot be read or has none
	 * of the forms
	 */
	public static TaskDefinition read(String name, URL document) {
		return parse(name, readText(document));
	}

	/**
	 * Reads a template of a document, as {@link #read(String, URL)} does.
	 * @param name the name of the document for errors and origins
	 * @param document the address of the template
	 * @param placeholders replaces the placeholders, as in
	 * {@link #parse(String, String, UnaryOperator)}
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document cannot be read or has none
	 * of the forms
	 */
	public static TaskDefinition read(String name, URL document, UnaryOperator<String> placeholders) {
		return parse(name, readText(document), placeholders);
	}

	private static String readText(URL document) {
		try {
			return TextFile.read(document);
		}
		catch (TextFile.UnreadableException ex) {
			throw new InvalidTaskDefinitionException(TextFile.name(document), message(ex));
		}
	}

	/**
	 * Parses the content of a file.
	 * @param name the name of the document for errors and origins
	 * @param json the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the content is not UTF-8, is too large,
	 * or has none of the forms
	 */
	public static TaskDefinition parse(String name, byte[] json) {
		return parse(name, decode(name, json));
	}

	/**
	 * Parses a document.
	 * @param name the name of the document for errors and origins
	 * @param json the document
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the document has none of the forms
	 */
	public static TaskDefinition parse(String name, String json) {
		return new TaskDefinition(name, TaskDefinitionParser.parse(name, TextFile.withoutMark(json)));
	}

	/**
	 * Parses a template of a document, which has placeholders such as {@code ${NAME}}.
	 * @param name the name of the document for errors and origins
	 * @param json the template, as in {@link #parse(String, String)}
	 * @param placeholders replaces the placeholders of a text; those that have no value
	 * stay. It gets the names and the {@code valueFrom} of secrets, the names of
	 * containers, and each placeholder that is not in quotation marks. Such a one becomes
	 * {@code null} if it has no value: it rarely concerns secrets
	 * @return the task definition; the declarations have the text of the template as
	 * {@linkplain SecretDeclaration#writtenValueFrom() written}
	 * @throws InvalidTaskDefinitionException if the document has none of the forms
	 */
	public static TaskDefinition parse(String name, String json, UnaryOperator<String> placeholders) {
		List<ContainerSecrets> containers = TaskDefinitionParser.parse(name,
				TemplateText.replaceUnquoted(TextFile.withoutMark(json), placeholders));
		return new TaskDefinition(name,
				containers.stream().map((container) -> container.replace(placeholders)).toList());
	}

	/**
	 * Parses the content of a file that is a template of a document.
	 * @param name the name of the document for errors and origins
	 * @param json the template
	 * @param placeholders replaces the placeholders, as in
	 * {@link #parse(String, String, UnaryOperator)}
	 * @return the task definition
	 * @throws InvalidTaskDefinitionException if the content is not UTF-8, is too large,
	 * or has none of the forms
	 */
	public static TaskDefinition parse(String name, byte[] json, UnaryOperator<String> placeholders) {
		return parse(name, decode(name, json), placeholders);
	}

	private static String decode(String name, byte[] json) {
		try {
			return TextFile.decode(json);
		}
		catch (TextFile.UnreadableException ex) {
			throw new InvalidTaskDefinitionException(name, message(ex));
		}
	}

	/**
	 * Returns the secrets of a container, in order, each with a JSON pointer as its
	 * origin. They are not checked: mistakes such as a missing name are found when the
	 * secrets are resolved.
	 * @param container the name of the container, or {@code null} for the only container
	 * with secrets; a document without containers has the same secrets for any name
	 * @return the declarations, none if no container has secrets
	 * @throws InvalidTaskDefinitionException if there is no container with that name, or
	 * if the name is {@code null} and several containers have secrets
	 */
	public List<SecretDeclaration> secrets(@Nullable String container) {
		return select(container).secrets();
	}

	/**
	 * Returns warnings about a container without secrets, with its probable cause, and
	 * about entries that ECS refuses or ignores, although this library can resolve them,
	 * such as a name that is declared twice.
	 * @param container the name of the container, or {@code null} for the only container
	 * with secrets
	 * @return the warnings, for a person to read, each with its place in the document
	 * @throws InvalidTaskDefinitionException if there is no container with that name, or
	 * if the name is {@code null} and several containers have secrets
	 */
	public List<String> warnings(@Nullable String container) {
		ContainerSecrets selected = select(container);
		if (!selected.secrets().isEmpty()) {
			return selected.warnings();
		}
		List<String> warnings = new ArrayList<>();
		warnings.add(PrintableText.of(this.name) + " declares no secrets"
				+ ((container != null) ? " for container '" + PrintableText.of(container) + "'" : "")
				+ (this.containers.isEmpty() ? "" : ". Its containers and their numbers of secrets: "
						+ this.containers.stream().map(ContainerSecrets::toString).collect(Collectors.joining(", "))));
		(selected.equals(ContainerSecrets.EMPTY) ? this.containers : List.of(selected))
			.forEach((candidate) -> warnings.addAll(candidate.warnings()));
		return List.of(String.join(". ", warnings));
	}

	private ContainerSecrets select(@Nullable String container) {
		if (container != null) {
			return this.containers.stream()
				.filter((candidate) -> candidate.isOf(container))
				.findFirst()
				.orElseThrow(() -> new InvalidTaskDefinitionException(this.name, "has no container '" + container + "'"
						+ (this.containers.isEmpty() ? "" : "; it has " + names(this.containers))));
		}
		List<ContainerSecrets> candidates = this.containers.stream()
			.filter((candidate) -> !candidate.secrets().isEmpty())
			.toList();
		if (candidates.size() > 1) {
			throw new InvalidTaskDefinitionException(this.name,
					"has secrets in several containers. Name one of them: " + names(candidates));
		}
		return candidates.isEmpty() ? ContainerSecrets.EMPTY : candidates.get(0);
	}

	private static String names(List<ContainerSecrets> containers) {
		return containers.stream().map(ContainerSecrets::container).collect(Collectors.joining(", ", "[", "]"));
	}

	private static String message(RuntimeException ex) {
		return Objects.requireNonNull(ex.getMessage());
	}

}
