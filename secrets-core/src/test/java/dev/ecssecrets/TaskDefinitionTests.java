// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link TaskDefinition}.
 */
class TaskDefinitionTests {

	private static final String CONTAINERS = """
			[
			  {
			    "name": "log-router",
			    "image": "fluent-bit",
			    "firelensConfiguration": { "type": "fluentbit", "options": null },
			    "environment": [ { "name": "NO_SECRET", "value": "x" } ]
			  },
			  {
			    "name": "app",
			    "cpu": 0.25,
			    "essential": true,
			    "secrets": [
			      { "name": "HAMADA_SECRETS", "valueFrom": "hamako-favorite-word" },
			      { "valueFrom": "/app/token", "name": "TOKEN", "since": [2027] }
			    ],
			    "logConfiguration": {
			      "logDriver": "awsfirelens",
			      "secretOptions": [ { "name": "apikey", "valueFrom": "/logs/api-key" } ]
			    }
			  }
			]
			""";

	private static final String NAME = "task-definition.json";

	private static final String COMMAND = "; expected the JSON format of ECS, which this command prints: aws ecs"
			+ " describe-task-definition --task-definition NAME --query taskDefinition";

	@TempDir
	private Path folder;

	@Test
	void secretsWhenInputOfRegisterAreThoseOfOnlyContainerWithSecrets() {
		assertThat(secrets("{ \"family\": \"web\", \"containerDefinitions\": " + CONTAINERS + ", \"cpu\": \"256\" }"))
			.containsExactly(declaration("HAMADA_SECRETS", "hamako-favorite-word", "/containerDefinitions/1/secrets/0"),
					declaration("TOKEN", "/app/token", "/containerDefinitions/1/secrets/1"));
	}

	@Test
	void secretsWhenOutputOfDescribeAreFound() {
		assertThat(secrets("{ \"taskDefinition\": { \"containerDefinitions\": " + CONTAINERS + " }, \"tags\": [] }"))
			.extracting(SecretDeclaration::origin)
			.containsExactly(NAME + " /taskDefinition/containerDefinitions/1/secrets/0",
					NAME + " /taskDefinition/containerDefinitions/1/secrets/1");
	}

	@Test
	void secretsWhenListOfContainersAreFound() {
		assertThat(secrets("\n" + CONTAINERS)).extracting(SecretDeclaration::origin)
			.containsExactly(NAME + " /1/secrets/0", NAME + " /1/secrets/1");
	}

	@Test
	void secretsWhenContainerIsNamedAreItsOwn() {
		TaskDefinition definition = TaskDefinition.parse(NAME, CONTAINERS);
		assertThat(definition.secrets("app")).hasSize(2);
		assertThat(definition.secrets("log-router")).isEmpty();
	}

	@Test
	void secretsWhenNoContainerHasSecretsAreNone() {
		assertThat(secrets("[ { \"name\": \"app\" }, { \"name\": \"other\", \"secrets\": null } ]")).isEmpty();
	}

	@Test
	void secretsWhenSeveralContainersHaveSecretsRequireName() {
		String json = "[ { \"name\": \"a\", \"secrets\": [{}] }, { \"name\": \"b\" }, { \"name\": \"c\", \"secrets\": [{}] } ]";
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage("task-definition.json has secrets in several containers. Name one of them: [a, c]");
	}

	@Test
	void secretsWhenContainerIsAbsentListsContainers() {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.parse(NAME, CONTAINERS).secrets("ap"))
			.withMessage("task-definition.json has no container 'ap'; it has [log-router, app]");
	}

	@Test
	void secretsWhenEntryIsIncompleteAreAsWritten() {
		assertThat(secrets("[ { \"secrets\": [ { \"name\": null }, { \"valueFrom\": \"x\" } ] } ]"))
			.containsExactly(declaration("", "", "/0/secrets/0"), declaration("", "x", "/0/secrets/1"));
	}

	@Test
	void secretsWhenDocumentIsListOfDeclarationsAreThoseForAnyContainer() {
		TaskDefinition definition = TaskDefinition.parse(NAME,
				"[ { \"name\": \"A\", \"valueFrom\": \"/a\" }, { \"valueFrom\": \"/b\" } ]");
		assertThat(definition.secrets(null)).containsExactly(declaration("A", "/a", "/0"), declaration("", "/b", "/1"));
		assertThat(definition.secrets("app")).isEqualTo(definition.secrets(null));
	}

	@Test
	void secretsWhenDocumentIsOneContainerAreItsOwn() {
		TaskDefinition definition = TaskDefinition.parse(NAME,
				"{ \"name\": \"app\", \"secrets\": [ { \"name\": \"A\", \"valueFrom\": \"/a\" } ] }");
		assertThat(definition.secrets(null)).containsExactly(declaration("A", "/a", "/secrets/0"));
		assertThat(definition.secrets("app")).isEqualTo(definition.secrets(null));
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> definition.secrets("web"))
			.withMessage("task-definition.json has no container 'web'; it has [app]");
	}

	@Test
	void secretsWhenDocumentIsContainerWithoutNameAreThoseForAnyContainer() {
		TaskDefinition definition = TaskDefinition.parse(NAME,
				"{ \"secrets\": [ { \"name\": \"A\", \"valueFrom\": \"/a\" } ] }");
		assertThat(definition.secrets("app")).containsExactly(declaration("A", "/a", "/secrets/0"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "{ \"containerDefinitions\": [] }", "{ \"containerDefinitions\": null }",
			"{ \"image\": \"app\" }", "[ { \"name\": \"app\" } ]", "[ {} ]" })
	void secretsWhenThereAreNoneAreNone(String json) {
		assertThat(secrets(json)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "{ \"containerDefinitions\": [] }" })
	void secretsWhenThereIsNoContainerForNameReportsIt(String json) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.parse(NAME, json).secrets("app"))
			.withMessage("task-definition.json has no container 'app'");
	}

	@Test
	void parseWhenDocumentBeginsWithByteOrderMarkReadsIt() {
		String json = "\ufeff" + CONTAINERS;
		assertThat(TaskDefinition.parse(NAME, json).secrets(null)).hasSize(2);
		assertThat(TaskDefinition.parse(NAME, json.getBytes(StandardCharsets.UTF_8)).secrets(null)).hasSize(2);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			UTF-16     | is UTF-16; save it as UTF-8
			UTF-16LE   | is UTF-16; save it as UTF-8
			ISO-8859-1 | is not UTF-8 (line 1, column 9); save it as UTF-8
			""")
	void parseWhenDocumentIsNotUtf8NamesEncodingOrPlace(String charset, String problem) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.parse(NAME, "{ \"a\": \"\u00e4\" }".getBytes(Charset.forName(charset))))
			.withMessage("task-definition.json " + problem);
	}

	@Test
	void parseWhenSurrogateIsEscapedAloneReplacesItAsGoDoes() {
		assertThat(secrets("[ { \"name\": \"A\\ud800\", \"valueFrom\": \"/a\" } ]"))
			.containsExactly(declaration("A\ufffd", "/a", "/0"));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			textBlock = """
					{ "containerDefinitions": [ { } }          | has a syntax error at line 1, column 33: expected a comma or the end of the array, but found a closing brace
					[ { "secrets": [                           | has a syntax error at line 1, column 17: expected a value or the end of the array, but the text ends in the array that begins at line 1, column 16
					{ "containerDefinitions": [], }            | has a syntax error at line 1, column 29: expected the end of the object, but found a trailing comma
					{ "family": "web", // canary               | has a syntax error at line 1, column 20: expected a name in quotation marks, but found a comment, which JSON does not allow
					{ "memory": ${memory} }                    | has a syntax error at line 1, column 13: expected a value, but found an unresolved placeholder
					canary                                     | has a syntax error at line 1, column 1: expected a value, but found an unquoted word
					"containerDefinitions": []                 | has a syntax error at line 1, column 23: expected the end of the text, but found a colon
					``                                         | is empty
					[ 1e400 ]                                  | has a number out of range at line 1, column 3
					""")
	void parseWhenDocumentIsNotJsonReportsPlaceAndCause(String json, String problem) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage("task-definition.json " + problem);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			textBlock = """
					{ "containerDefinitions": {} }                               | /containerDefinitions is a JSON object, not an array
					{ "containerDefinitions": "[]" }                             | /containerDefinitions is a JSON string, not an array
					{ "taskDefinition": [] }                                     | /taskDefinition is a JSON array, not an object
					{ "taskDefinition": "web:7" }                                | /taskDefinition is a JSON string, not an object
					[ { "secrets": {} } ]                                        | /0/secrets is a JSON object, not an array
					[ { "secrets": [ "NAME" ] } ]                                | /0/secrets/0 is a JSON string, not an object
					[ { "secrets": [ { "name": 7 } ] } ]                         | /0/secrets/0/name is a JSON number, not a string
					[ { "secrets": [ { "name": "A", "valueFrom": {} } ] } ]      | /0/secrets/0/valueFrom is a JSON object, not a string
					[ { "name": true, "secrets": [] } ]                          | /0/name is a JSON boolean, not a string
					[ 1 ]                                                        | /0 is a JSON number, not an object
					[ null ]                                                     | /0 is a JSON null, not an object
					[ { "secrets": [ null ] } ]                                  | /0/secrets/0 is a JSON null, not an object
					[ [] ]                                                       | /0 is a JSON array, not an object
					[ { "name": "A", "valueFrom": "/a" }, "B" ]                  | /1 is a JSON string, not an object
					{ "name": "app", "secrets": { "A": "/a" } }                  | /secrets is a JSON object, not an array
					""")
	void parseWhenTypeIsWrongNamesPlaceAndTypes(String json, String problem) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage("task-definition.json " + problem);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			textBlock = """
					true                                                            | is a JSON boolean, not a task definition
					"{}"                                                            | is a JSON string, not a task definition
					null                                                            | is a JSON null, not a task definition
					{ "family": "web" }                                             | /containerDefinitions is absent
					{ "taskDefinition": { "family": "web" } }                       | /taskDefinition/containerDefinitions is absent
					{ "container-definitions": [] }                                 | /containerDefinitions is absent, but there is 'container-definitions'
					{ "name": "A", "valueFrom": "/a" }                              | is a single declaration, not a list
					{ "container_definitions": "[]" }                               | is a Terraform task definition
					{ "resource": { "aws_ecs_task_definition": {} } }               | is a Terraform task definition
					{ "ContainerDefinitions": [] }                                  | is a CloudFormation task definition
					{ "taskDefinition": { "ContainerDefinitions": [] } }            | /taskDefinition is a CloudFormation task definition
					{ "Type": "AWS::ECS::TaskDefinition", "Properties": {} }        | is a CloudFormation task definition
					{ "Web": { "Type": "AWS::ECS::TaskDefinition" } }               | is a CloudFormation task definition, in 'Web'
					{ "AWSTemplateFormatVersion": "2010-09-09", "Resources": { "Db": 1, "Web": { "Type": "AWS::ECS::TaskDefinition" } } } | is a CloudFormation template, with the task definition in 'Web'
					{ "Resources": { "Db": { "Type": "AWS::RDS::DBInstance" } } }   | is a CloudFormation template without an AWS::ECS::TaskDefinition
					{ "Name": "app", "Secrets": [] }                                | is a CloudFormation task definition
					[ { "Name": "app", "Secrets": [] } ]                            | /0 is a CloudFormation task definition
					[ { "Name": "A", "ValueFrom": "/a" } ]                          | /0 has 'Name' instead of 'name'
					[ { "name": "A", "value-from": "/a" } ]                         | /0 has 'value-from' instead of 'valueFrom'
					[ { "name": "app", "secrets": [ { "name": "A", "ValueFrom": "/a" } ] } ] | /0/secrets/0 has 'ValueFrom' instead of 'valueFrom'
					{ "apiVersion": "v1", "kind": "Pod", "spec": {} }               | is a Kubernetes manifest
					{ "containers": [] }                                            | is a Kubernetes manifest
					{ "services": {}, "secrets": {} }                               | is a Docker Compose file or a description of ECS services
					{ "tasks": [] }                                                 | is a description of ECS tasks
					{ "taskDefinitionArns": [] }                                    | is a list of task definitions
					{ "containerOverrides": [] }                                    | is an override of containers
					[ { "family": "web", "containerDefinitions": [] } ]             | /0 is a task definition in a list
					{ "parameters": {}, "secrets": {} }                             | is a file of secrets
					""")
	void parseWhenDocumentHasOtherFormatNamesItAndCommandForEcsFormat(String json, String problem) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage("task-definition.json " + problem + COMMAND);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
			AWSTemplateFormatVersion: '2010-09-09'\\nResources:\\n  Web:     | YAML
			# comment\\n\\ncontainerDefinitions:\\n  - name: app             | YAML
			---\\nfamily: web                                               | YAML
			--- # comment\\nfamily: web                                     | YAML
			- name: A\\n  valueFrom: /a                                     | YAML
			# comment\\nresource "aws_ecs_task_definition" "web" {\\n}       | Terraform's HCL
			family = "web"\\ncontainer_definitions = jsonencode([\\n])        | Terraform\'s HCL
			locals {\\n}                                                    | Terraform's HCL
			container_definitions = jsonencode([\\n])                       | Terraform's HCL
			<!DOCTYPE html>\\n<html></html>                                 | XML or HTML
			""")
	void parseWhenDocumentIsNotJsonNamesFormatAndCommandForEcsFormat(String text, String format) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> secrets(text.replace("\\n", "\n")))
			.withMessage("task-definition.json is " + format + ", not JSON" + COMMAND);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			textBlock = """
					"secrets": [ { "name": "A", "valueFrom": "/a" }, { "name": "B", "valueFrom": "/a" } ] | ``
					"secrets": [ { "valueFrom": "/a" }, { "valueFrom": "/a" } ]                           | ``
					"secrets": [ { "name": "A", "valueFrom": "/a" }, { "name": "A", "valueFrom": "/a" } ] | /0/secrets/1 declares 'A' a second time; ECS rejects
					"secrets": [ { "name": "A", "valueFrom": "/a" }, { "name": "A", "valueFrom": "/b" } ] | /0/secrets/1 declares 'A' a second time; ECS rejects
					"secrets": [ { "name": "A" } ], "environment": [ { "name": "B", "value": "x" } ]      | ``
					"secrets": [ { "name": "A" } ], "environment": null                                   | ``
					"secrets": [ { "name": "A" } ], "environment": [ { "name": "A", "value": "canary" } ] | /0/secrets/0 declares 'A' although it is also in 'environment'; ECS rejects
					"secrets": [ { "name": "A" } ], "environment": { "A": "canary" }                      | /0/environment is a JSON object, not an array
					"secrets": [ { "name": "A" } ], "environment": [ {}, { "name": 1 } ]                  | /0/environment/1/name is a JSON number, not a string
					"secrets": [ { "name": "A" } ], "environment": [ {}, {}, "canary" ]                   | /0/environment/2 is a JSON string, not an object
					""")
	void warningsAreWhatEcsRefusesAlthoughSecretsCanBeResolved(String members, String warning) {
		List<String> warnings = TaskDefinition.parse(NAME, "[ { \"name\": \"app\", " + members + " } ]")
			.warnings("app");
		if (warning.isEmpty()) {
			assertThat(warnings).isEmpty();
		}
		else {
			assertThat(warnings).singleElement(InstanceOfAssertFactories.STRING)
				.startsWith("task-definition.json " + warning)
				.doesNotContain("canary");
		}
	}

	@Test
	void warningsWhenDocumentIsListOfDeclarationsNameThoseDeclaredTwice() {
		TaskDefinition definition = TaskDefinition.parse(NAME,
				"[ { \"name\": \"A\", \"valueFrom\": \"/a\" }, { \"name\": \"A\", \"valueFrom\": \"/a\" } ]");
		assertThat(definition.warnings("app"))
			.containsExactly("task-definition.json /1 declares 'A' a second time; ECS rejects such a task definition");
	}

	@Test
	void warningsAreThoseOfChosenContainer() {
		TaskDefinition definition = TaskDefinition.parse(NAME, """
				[ { "name": "a", "secrets": [ { "name": "A" }, { "name": "A" } ] },
				  { "name": "b", "secrets": [ { "name": "B" } ] }, { "name": "c" } ]
				""");
		assertThat(definition.warnings("a")).hasSize(1);
		assertThat(definition.warnings("b")).isEmpty();
		assertThat(definition.warnings("c")).containsExactly(NAME + " declares no secrets for container 'c'. Its"
				+ " containers and their numbers of secrets: a (2), b (1), c (0)");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> definition.warnings(null));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					"environment": [{"name": "A", "valueFrom": "/a"}], "secrets": null | /0/environment/0 has a valueFrom for 'A', which ECS ignores there. Move the entry to 'secrets'
					"environment": [{"name": "A", "value_from": "/a"}] | /0/environment/0 has a value_from for 'A', which ECS ignores there. Move the entry to 'secrets'
					"Secrets": [{"name": "A", "valueFrom": "/a"}] | /0 has the key 'Secrets', which ECS ignores. Correct it to 'secrets'
					"secret": [{"name": "A", "valueFrom": "/a"}] | /0 has the key 'secret', which ECS ignores. Correct it to 'secrets'
					"secrets": [] |
					"image": "app" |
					""")
	void warningsWhenContainerHasNoSecretsSayWhatWasMeant(String members, String meant) {
		String json = "[{\"name\": \"app\", " + members + "}]";
		for (String container : Arrays.asList("app", null)) {
			assertThat(TaskDefinition.parse(NAME, json).warnings(container))
				.containsExactly(NAME + " declares no secrets" + ((container != null) ? " for container 'app'" : "")
						+ ". Its containers and their numbers of secrets: app (0)"
						+ ((meant != null) ? ". " + NAME + " " + meant : ""));
		}
	}

	@Test
	void warningsWhenSecretsAreListedAmongVariablesNameThem() {
		TaskDefinition definition = TaskDefinition.parse(NAME, """
				[ { "name": "app", "secrets": [ { "name": "A", "valueFrom": "a" } ],
				    "environment": [ { "name": "B", "value": "b" }, { "name": "C", "valueFrom": "c" } ] } ]
				""");
		assertThat(definition.warnings(null)).containsExactly(NAME
				+ " /0/environment/1 has a valueFrom for 'C', which ECS ignores there. Move the entry to 'secrets'");
	}

	@Test
	void warningsWhenDocumentIsEmptySaySo() {
		assertThat(TaskDefinition.parse(NAME, "[]").warnings(null)).containsExactly(NAME + " declares no secrets");
	}

	@Test
	void parseReplacesPlaceholdersOfSecretsAndContainers() {
		Map<String, String> values = Map.of("${db}", "arn:db", "${memory}", "512", "${service}", "app", "${prefix:X}",
				"Y");
		TaskDefinition definition = TaskDefinition.parse(NAME,
				"""
						{ "memory": ${memory}, "cpu": ${cpu:${other}}, "containerDefinitions": [ { "name": "${service}", "secrets": [
						  { "name": "${prefix:X}_A", "valueFrom": "${db}:password::" },
						  { "name": "B", "valueFrom": "${absent}" },
						  { "name": "C\\"${db}", "valueFrom": "/c" } ] } ] }
						""",
				(text) -> {
					String replaced = text;
					for (Map.Entry<String, String> value : values.entrySet()) {
						replaced = replaced.replace(value.getKey(), value.getValue());
					}
					return replaced;
				});
		assertThat(definition.secrets("app"))
			.extracting(SecretDeclaration::name, SecretDeclaration::valueFrom, SecretDeclaration::writtenValueFrom)
			.containsExactly(tuple("Y_A", "arn:db:password::", "${db}:password::"),
					tuple("B", "${absent}", "${absent}"), tuple("C\"arn:db", "/c", "/c"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{ \"memory\": ${memory }", "{ \"a\": \"${\" }", "[ ${", "[ \"\\" })
	void parseWhenPlaceholderDoesNotEndRefusesTheDocument(String json) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.parse(NAME, json, UnaryOperator.identity()).secrets(null));
	}

	@Test
	void messagesShowForeignTextInPrintableForm() {
		String json = "[ { \"name\": \"a\\n\\u001b\", \"secrets\": [ { \"name\": \"A\\r\\n\" }, { \"name\": \"A\\r\\n\" } ] } ]";
		TaskDefinition definition = TaskDefinition.parse("\u202etd", json);
		assertThat(definition.warnings(null)).singleElement(InstanceOfAssertFactories.STRING)
			.startsWith("\\u202etd /0/secrets/1 declares 'A\\r\\n' a second time; ");
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> definition.secrets("b"))
			.withMessage("\\u202etd has no container 'b'; it has [a\\n\\u001b]");
	}

	@Test
	void readReturnsTaskDefinitionOfFile() throws IOException {
		Path file = Files.writeString(this.folder.resolve("task-definition.json"), CONTAINERS);
		assertThat(TaskDefinition.read("td", file.toUri().toURL()).secrets("app")).extracting(SecretDeclaration::origin)
			.first()
			.isEqualTo("td /1/secrets/0");
	}

	@Test
	void readWhenFileCannotBeReadNamesItsPath() throws IOException {
		URL absent = this.folder.resolve("absent.json").toUri().toURL();
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.read("td", absent))
			.withMessage(absent + " does not exist");
		URL directory = this.folder.toUri().toURL();
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.read("td", directory))
			.withMessage(directory + " is a directory");
	}

	private static List<SecretDeclaration> secrets(String json) {
		return TaskDefinition.parse(NAME, json).secrets(null);
	}

	private static SecretDeclaration declaration(String name, String valueFrom, String pointer) {
		return new SecretDeclaration(name, valueFrom, false, NAME + " " + pointer);
	}

}
