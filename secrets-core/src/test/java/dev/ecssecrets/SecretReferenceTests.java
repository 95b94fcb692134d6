// SPDX-License-Identifier: Apache-2.0

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
	void parseWhenSecretArnHasFivePartsSplitsThem(String suffix, String jsonKey, String stage, String versionId) {
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
	@ValueSource(strings = { "rds!db-1111-2222-AbC123", "rds!cluster-1111-AbC123", "redshift!orders-admin",
			"events!connection/orders/1a2b", "ecs-sc!123456789012", "a,b;c", "b\u00fcro", "*" })
	void parseWhenServiceOwnsSecretAcceptsAnyName(String name) {
		String arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + name;
		assertThat(SecretReference.parse(arn + ":password::").location().id()).isEqualTo(arn);
		String reference = "/aws/reference/secretsmanager/" + name;
		assertThat(SecretReference.parse(reference).location()).isEqualTo(new Parameter(reference, null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a key", " key ", "\"key\"", "<key>", "\u00a0" })
	void parseWhenJsonKeyIsUnusualAcceptsItLikeAgent(String key) {
		assertThat(SecretReference.parse(SECRET + ":" + key + "::").jsonKey()).isEqualTo(key);
	}

	/**
	 * References with their causes. Each cause comes before those that it explains.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '^',
			textBlock = """
					${DB_SECRET_ARN}:password::            | the placeholder ${DB_SECRET_ARN} has no value
					arn:aws:secretsmanager:${REGION:eu}:${ACCOUNT}:secret:db | the placeholder ${REGION:eu} has no value
					S:${KEY}::                             | the placeholder ${KEY} has no value
					/app/${stage}/db                       | the placeholder ${stage} has no value
					"${DB_ARN}"                            | the placeholder ${DB_ARN} has no value
					{{ .Values.arn }}                      | the placeholder {{ .Values.arn }} has no value
					<secret arn>                           | the placeholder <secret arn> has no value
					/app/%STAGE%/db                        | the placeholder %STAGE% has no value
					$DB_ARN:password::                     | the placeholder $DB_ARN has no value
					'S:password::'                         | the text begins and ends with a quotation mark
					"/app/x                                | the text begins with a quotation mark
					/app/x\u201d                          | the text ends with a quotation mark
					it's                                   | the text contains a quotation mark
					'^ S^                                  | the text begins with a quotation mark
					^ S^                                   | the text begins with white space
					^S:password:: ^                        | the text ends with white space
					two words                              | the text contains white space
					^/app/x\n^                            | the text ends with white space
					/app/x\u00a0                          | the text contains a no-break space (U+00A0) at the end
					\ufeff/app/x                          | the text contains a zero width no-break space (U+FEFF) at the beginning
					/app\u200b/x                          | the text contains a zero width space (U+200B).
					{{resolve:secretsmanager:db:SecretString:password}} | this is a CloudFormation dynamic reference
					aws-secretsmanager:/secrets/db         | this is a Spring Cloud AWS import
					optional:aws-parameterstore:/app/      | this is a Spring Boot import
					https://vault/db                       | this is a URL
					!GetAtt:Db.Arn                         | this is a CloudFormation function
					smtp-mailing:user::                    | a selector needs a secret's ARN
					/aws/reference/secretsmanager/db:user:: | a selector needs a secret's ARN
					name:3                                 | the version or label of a parameter, which ECS does not support
					/app/name:label                        | the version or label of a parameter
					arn:aws:ssm:eu-west-1:123456789012:parameter/name:3 | the version or label of a parameter
					/aws/reference/secretsmanager/db:AWSPREVIOUS | the version or label of a parameter
					secret:db-AbCdEf:password::            | this is only a part of an ARN
					ARN:aws:secretsmanager:x               | the ARN is incomplete
					arn:                                   | the ARN is incomplete
					app/name                               | the path of a parameter must begin with a slash
					/app/name/                             | the path of a parameter cannot end with a slash
					/app//name                             | the path of a parameter cannot have two slashes in a row
					/                                      | there is no name
					n\u00e4me                             | the name of a parameter can contain only letters
					arn:aws:ssm:eu-west-1:123456789012:parameter//app/name | two slashes in a row
					arn:aws:ssm:eu-west-1:123456789012:parameter/ | there is no name
					arn:aws:ssm:eu-west-1:123456789012:parameter/aws/reference/secretsmanager/db | a reference to a secret cannot be an ARN
					arn:aws:ssm:eu-west-1:123456789012:document/name | not that of a parameter
					arn:aws:ssm:eu-west-1:1234:parameter/name | the account is not a 12-digit number
					arn:aws:ssm::123456789012:parameter/name | the ARN has no region
					arn:aws:ssm:eu-west1:123456789012:parameter/name | the region does not have the form of eu-west-1
					arn:amazon:ssm:eu-west-1:123456789012:parameter/name | the partition
					arn:aws:s3:eu-west-1:123456789012:bucket/name | neither Parameter Store
					arn:aws:secretsmanager:eu-west-1:123456789012:secret | 1 part follows the account
					S:k                                    | 3 parts follow the account
					S:k:s                                  | 4 parts follow the account
					S:k:s:v:x                              | 6 parts follow the account
					arn:aws:secretsmanager:eu-west-1:123456789012:secret::k:: | the ARN does not contain the name of a secret
					arn:aws:secretsmanager:eu-west-1:123456789012:other:db | not that of a secret
					""")
	void parseWhenReferenceIsInvalidNamesCause(String text, String cause) {
		String valueFrom = text.replaceAll("(?<![A-Za-z_])S(?=[:' ]|$)", SECRET);
		assertThatExceptionOfType(InvalidSecretReferenceException.class)
			.isThrownBy(() -> SecretReference.parse(valueFrom))
			.satisfies((ex) -> assertThat(ex.problem()).contains(cause));
	}

	@Test
	void parseWhenInvalidShowsTextInPrintableForm() {
		assertThatExceptionOfType(InvalidSecretReferenceException.class)
			.isThrownBy(() -> SecretReference.parse("/app/x\u00a0"))
			.withMessageStartingWith("Invalid valueFrom '/app/x\\u00a0': the text contains a no-break space");
	}

	@Test
	void parseWhenValueFromHadPlaceholderShowsPlaceholder() {
		SecretDeclaration declaration = new SecretDeclaration("A", "hunter2 ${x} /", false, null, "${DB_PASSWORD}");
		assertThatExceptionOfType(InvalidSecretReferenceException.class)
			.isThrownBy(() -> SecretReference.parse(declaration))
			.withMessageStartingWith("Invalid valueFrom '${DB_PASSWORD}': the text has a placeholder without a value.");
	}

}
