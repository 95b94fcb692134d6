package dev.ecssecrets;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
	void secretsWhenSeveralContainersHaveSecretsAskForName() {
		String json = "[ { \"name\": \"a\", \"secrets\": [{}] }, { \"name\": \"b\" }, { \"name\": \"c\", \"secrets\": [{}] } ]";
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage(
					"task-definition.json has secrets in several containers, of which one has to be named: [a, c]");
	}

	@Test
	void secretsWhenContainerIsAbsentListsContainers() {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.parse(NAME, CONTAINERS).secrets("ap"))
			.withMessage("task-definition.json has no container 'ap', but [log-router, app]");
	}

	@Test
	void secretsWhenEntryIsIncompleteAreAsWritten() {
		assertThat(secrets("[ { \"secrets\": [ { \"name\": 7 }, { \"valueFrom\": \"x\" } ] } ]"))
			.containsExactly(declaration("", "", "/0/secrets/0"), declaration("", "x", "/0/secrets/1"));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
			true                                       | is not a JSON object (line 1, column 1)
			{ "containerDefinitions": [ { } }          | is not a JSON object (line 1, column 33)
			[ { "secrets": [                           | is not a JSON array (line 1, column 17)
			{ "containerDefinitions": {} }             | /containerDefinitions is not a JSON array
			{ "family": "web" }                        | /containerDefinitions is absent
			{ "taskDefinition": [] }                   | /taskDefinition is not a JSON object
			{ "taskDefinition": { "family": "web" } }  | /taskDefinition/containerDefinitions is absent
			[ { "secrets": {} } ]                      | /0/secrets is not a JSON array
			[ { "secrets": [ "NAME" ] } ]              | /0/secrets/0 is not a JSON object
			[ 1 ]                                      | /0 is not a JSON object
			""")
	void parseWhenDocumentHasOtherFormTellsWhat(String json, String problem) {
		assertThatExceptionOfType(InvalidTaskDefinitionException.class).isThrownBy(() -> secrets(json))
			.withMessage("task-definition.json " + problem);
	}

	private static List<SecretDeclaration> secrets(String json) {
		return TaskDefinition.parse(NAME, json).secrets(null);
	}

	private static SecretDeclaration declaration(String name, String valueFrom, String pointer) {
		return new SecretDeclaration(name, valueFrom, false, NAME + " " + pointer);
	}

}
