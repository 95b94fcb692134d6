// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Formats of other tools that are mistaken for the JSON of an ECS task definition. Each
 * is described by a noun phrase, such as "a Kubernetes manifest".
 */
final class ForeignFormat {

	private static final String CLOUD_FORMATION = "a CloudFormation task definition";

	private static final String TERRAFORM = "a Terraform task definition";

	private static final String KUBERNETES = "a Kubernetes manifest";

	private static final String TEMPLATE = "a CloudFormation template";

	private static final String RESOURCE_TYPE = "AWS::ECS::TaskDefinition";

	/**
	 * Formats by keys that ECS does not have.
	 */
	private static final Map<String, String> BY_KEY = Map.ofEntries(Map.entry("AWSTemplateFormatVersion", TEMPLATE),
			Map.entry("Resources", TEMPLATE), Map.entry("Properties", CLOUD_FORMATION),
			Map.entry("ContainerDefinitions", CLOUD_FORMATION), Map.entry("Name", CLOUD_FORMATION),
			Map.entry("Image", CLOUD_FORMATION), Map.entry("Secrets", CLOUD_FORMATION),
			Map.entry("ValueFrom", CLOUD_FORMATION), Map.entry("container_definitions", TERRAFORM),
			Map.entry("resource", TERRAFORM), Map.entry("terraform_version", TERRAFORM),
			Map.entry("value_from", TERRAFORM), Map.entry("apiVersion", KUBERNETES),
			Map.entry("containers", KUBERNETES), Map.entry("spec", KUBERNETES),
			Map.entry("services", "a Docker Compose file or a description of ECS services"),
			Map.entry("tasks", "a description of ECS tasks"),
			Map.entry("taskDefinitionArns", "a list of task definitions"),
			Map.entry("containerOverrides", "an override of containers"),
			Map.entry("containerDefinitions", "a task definition in a list"),
			Map.entry("parameters", "a file of secrets"));

	/**
	 * Types of blocks at the top of a Terraform file.
	 */
	private static final Set<String> TERRAFORM_BLOCKS = Set.of("data", "locals", "module", "output", "provider",
			"resource", "terraform", "variable");

	private ForeignFormat() {
	}

	/**
	 * Recognizes the format of a JSON object.
	 * @param members the members of the object, which is not a task definition
	 * @return the format, or {@code null} if it is not known
	 */
	static @Nullable String of(Map<String, GoJson> members) {
		for (Map.Entry<String, GoJson> member : members.entrySet()) {
			if (isTaskDefinitionResource(member.getValue())) {
				return CLOUD_FORMATION + ", in '" + member.getKey() + "'";
			}
			String format = BY_KEY.get(member.getKey());
			if (format != null) {
				return format.equals(TEMPLATE) ? template(members.get("Resources")) : format;
			}
		}
		return null;
	}

	private static String template(@Nullable GoJson resources) {
		if (resources != null && resources.isObject()) {
			for (Map.Entry<String, GoJson> resource : resources.members().entrySet()) {
				if (isTaskDefinitionResource(resource.getValue())) {
					return TEMPLATE + ", with the task definition in '" + resource.getKey() + "'";
				}
			}
		}
		return TEMPLATE + " without an " + RESOURCE_TYPE;
	}

	private static boolean isTaskDefinitionResource(GoJson json) {
		GoJson type = json.isObject() ? json.members().get("Type") : null;
		return type != null && type.isString() && type.print().equals(RESOURCE_TYPE);
	}

	/**
	 * Recognizes the format of a text by its first line that is not empty or a comment.
	 * @param text the text, which is not JSON
	 * @return the format, or {@code null} if it is not known
	 */
	static @Nullable String of(String text) {
		String line = text.lines()
			.map(String::strip)
			.filter((candidate) -> !candidate.isEmpty() && !candidate.startsWith("#") && !candidate.startsWith("//"))
			.findFirst()
			.orElse("");
		if (line.startsWith("<") && !line.startsWith("<<")) {
			return "XML or HTML";
		}
		String word = firstWord(line);
		String rest = line.substring(word.length()).stripLeading();
		if (isYaml(line, word, rest)) {
			return "YAML";
		}
		boolean assignment = rest.startsWith("=") && text.contains("container_definitions");
		boolean block = TERRAFORM_BLOCKS.contains(word) && (rest.startsWith("{") || rest.startsWith("\""));
		return (assignment || block) ? "Terraform's HCL" : null;
	}

	private static String firstWord(String line) {
		int end = 0;
		while (end < line.length()
				&& (Character.isLetterOrDigit(line.charAt(end)) || "_-.".indexOf(line.charAt(end)) >= 0)) {
			end++;
		}
		return line.substring(0, end);
	}

	private static boolean isYaml(String line, String word, String rest) {
		return line.equals("---") || line.startsWith("--- ") || line.startsWith("%YAML") || line.startsWith("- ")
				|| (!word.isEmpty() && (rest.equals(":") || rest.startsWith(": ")));
	}

}
