package dev.ecssecrets;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SecretReference}.
 */
class SecretReferenceTests {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";

	@ParameterizedTest
	@ValueSource(strings = { "hamako-favorite-word", "a", "A.b_c-9", "/a", "/app/db/password",
			"/aws/service/global-infrastructure/regions", "/aws/reference/secretsmanager/db",
			"/aws/reference/secretsmanager/app/db+x=y@z" })
	void parseWhenNameOrPathIsParameterOfOwnRegion(String valueFrom) {
		assertThat(SecretReference.parse(valueFrom))
			.isEqualTo(new SecretReference(new Parameter(valueFrom, null), null));
	}

	@ParameterizedTest
	@CsvSource({ "aws, eu-west-1, token, token", "aws, ap-southeast-4, app/token, /app/token",
			"aws-cn, cn-north-1, token, token", "aws-us-gov, us-gov-west-1, app/token, /app/token",
			"aws-iso-b, us-isob-east-1, token, token", "aws-eusc, eusc-de-east-1, token, token" })
	void parseWhenParameterArnHasNameAndRegion(String partition, String region, String resource, String name) {
		String valueFrom = "arn:" + partition + ":ssm:" + region + ":123456789012:parameter/" + resource;
		SecretReference reference = SecretReference.parse(valueFrom);
		assertThat(reference.jsonKey()).isNull();
		assertThat(reference.location())
			.isEqualTo(new Parameter(name, new Arn(partition, "ssm", region, "123456789012", "parameter/" + resource)));
		assertThat(reference.location().id()).isEqualTo(valueFrom);
	}

	@Test
	void parseWhenSecretArnHasTwoPartsIsWholeCurrentSecret() {
		SecretReference reference = SecretReference.parse(SECRET);
		assertThat(reference.jsonKey()).isNull();
		assertThat(reference.location()).isEqualTo(new SecretsManagerSecret(
				new Arn("aws", "secretsmanager", "eu-west-1", "123456789012", "secret:db-AbCdEf"), null, null));
		assertThat(reference.location().id()).isEqualTo(SECRET);
	}

	@ParameterizedTest
	@CsvSource({ "password::, password, ,", "::, , ,", ":AWSPREVIOUS:, , AWSPREVIOUS,", "::1234-ab, , , 1234-ab",
			"a key:stage:id, a key, stage, id" })
	void parseWhenSecretArnHasFivePartsTakesThemApart(String suffix, String jsonKey, String stage, String versionId) {
		SecretReference reference = SecretReference.parse(SECRET + ":" + suffix);
		assertThat(reference.jsonKey()).isEqualTo(jsonKey);
		assertThat(reference.location()).isInstanceOfSatisfying(SecretsManagerSecret.class, (secret) -> {
			assertThat(secret.id()).isEqualTo(SECRET);
			assertThat(secret.versionStage()).isEqualTo(stage);
			assertThat(secret.versionId()).isEqualTo(versionId);
		});
	}

	@Test
	void parseWhenKeysOfOneSecretDifferHasOneLocation() {
		assertThat(SecretReference.parse(SECRET + ":username::").location())
			.isEqualTo(SecretReference.parse(SECRET + ":password::").location());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					name:3                                                          | without a version or label
					/app/name:label                                                 | without a version or label
					arn:aws:ssm:eu-west-1:123456789012:parameter/name:3             | without a version or label
					/aws/reference/secretsmanager/db:AWSPREVIOUS                    | without a version or label
					app/name                                                        | leading slash: /app/name
					/app/name/                                                      | without a trailing one
					/app//name                                                      | single slashes
					/                                                               | a parameter's name
					two words                                                       | a parameter's name
					" "                                                             | a parameter's name
					näme                                                            | a parameter's name
					arn:aws:ssm:eu-west-1:123456789012:parameter//app/name          | single slashes
					arn:aws:ssm:eu-west-1:123456789012:parameter/                   | a parameter's name
					arn:aws:ssm:eu-west-1:123456789012:parameter/aws/reference/secretsmanager/db | by its name: /aws/reference/secretsmanager/db
					arn:aws:ssm:eu-west-1:123456789012:document/name                | parameter/NAME
					arn:aws:ssm:eu-west-1:1234:parameter/name                       | an account of 12 digits
					arn:aws:ssm::123456789012:parameter/name                        | a region
					arn:aws:ssm:eu-west-1                                           | arn:PARTITION:SERVICE
					arn:                                                            | arn:PARTITION:SERVICE
					arn:aws:s3:eu-west-1:123456789012:bucket/name                   | ssm or secretsmanager, not 's3'
					arn:aws:secretsmanager:eu-west-1:123456789012:secret            | not 1 part
					arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:k       | not 3 parts
					arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:k:s     | not 4 parts
					arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:k:s:v:x | not 6 parts
					arn:aws:secretsmanager:eu-west-1:123456789012:secret::k::       | secret:ID
					arn:aws:secretsmanager:eu-west-1:123456789012:other:db          | secret:ID
					""")
	void parseWhenEcsWouldNotTakeItShowsTextAndWhatWasExpected(String valueFrom, String expected) {
		assertThatExceptionOfType(InvalidSecretReferenceException.class)
			.isThrownBy(() -> SecretReference.parse(valueFrom))
			.withMessageStartingWith("'" + valueFrom + "' is not a valueFrom that ECS takes; expected ")
			.withMessageContaining(expected)
			.satisfies((ex) -> {
				assertThat(ex.valueFrom()).isEqualTo(valueFrom);
				assertThat(ex.expected()).contains(expected);
			});
	}

}
