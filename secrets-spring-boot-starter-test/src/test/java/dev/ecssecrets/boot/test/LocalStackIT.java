// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestContextManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link TestSecrets#localStack()}.
 */
@SpringBootTest(properties = "ecs-secrets.aws.profile=laptop")
@TestSecrets(value = { "HAMADA_SECRETS=wassyoi", "DB_PASSWORD=given" }, localStack = true)
class LocalStackIT {

	@Autowired
	private Environment environment;

	@Test
	void givenValuesAreFetched() {
		assertThat(this.environment.getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
		assertThat(this.environment.getProperty("DB_PASSWORD")).isEqualTo("given");
	}

	@Test
	void otherDeclaredSecretsHaveTheirNamesAsValues() {
		assertThat(this.environment.getProperty("DB_USER_NAME")).isEqualTo("DB_USER_NAME");
		assertThat(this.environment.getProperty("FEATURE_TOKEN")).isEqualTo("FEATURE_TOKEN");
		assertThat(this.environment.getProperty("INJECTED_SECRET")).isEqualTo("injected");
	}

	@Test
	void valuesAreInTheStoresThatDeclarationsName() {
		LocalStack localStack = LocalStack.get();
		assertThat(localStack.ssm()
			.getParameter((request) -> request.name("/app/feature-token").withDecryption(true))
			.parameter()
			.value()).isEqualTo("FEATURE_TOKEN");
		assertThat(localStack.secretsManager()
			.getSecretValue(
					(request) -> request.secretId("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"))
			.secretString()).isEqualTo("{\"password\":\"given\",\"username\":\"DB_USER_NAME\"}");
	}

	@Test
	void configurationIsThatOfTheApplication() {
		assertThat(this.environment.getProperty("ecs-secrets.aws.endpoint")).isNull();
		assertThat(this.environment.getProperty("ecs-secrets.aws.profile")).isEqualTo("laptop");
	}

	@Test
	void thereIsNoStoreInMemory(@Autowired ObjectProvider<InMemorySecretStore> store) {
		assertThat(store.getIfAvailable()).isNull();
	}

	@Nested
	class EveryFormTests extends EveryForm {

		@Test
		void valuesAreFetched(@Autowired Environment environment) {
			assertThat(environment.getProperty("NAME")).isEqualTo("a");
			assertThat(environment.getProperty("PATH_ARN")).isEqualTo("b");
			assertThat(environment.getProperty("CURRENT")).isEqualTo("c");
			assertThat(environment.getProperty("PREVIOUS")).isEqualTo("d");
			assertThat(environment.getProperty("STAGE")).isEqualTo("e");
			assertThat(environment.getProperty("VERSION")).isEqualTo("f");
			assertThat(environment.getProperty("REFERENCE")).isEqualTo("g");
		}

		@Test
		void valuesOfAnotherTestTakeTheirPlaces() {
			assertThat(new TestContextManager(OtherValues.class).getTestContext()
				.getApplicationContext()
				.getEnvironment()
				.getProperty("VERSION")).isEqualTo("other");
		}

	}

	@Test
	void secretsWhenOfSeveralAccountsAreRefused() {
		assertThatException()
			.isThrownBy(() -> new TestContextManager(SeveralAccounts.class).getTestContext().getApplicationContext())
			.havingRootCause()
			.withMessage("The declared ARNs belong to several accounts, [111111111111, 222222222222], and a"
					+ " LocalStack serves one at a time. Use @TestSecrets without localStack.");
	}

	@Test
	void valuesWhenOnePlaceCannotHoldBothAreRefused() {
		assertThatException()
			.isThrownBy(() -> new TestContextManager(TwoWords.class).getTestContext().getApplicationContext())
			.havingRootCause()
			.withMessageStartingWith(
					"Several declarations refer to AWSCURRENT of the secret two-words in eu-west-1 in different"
							+ " forms, and their values differ.");
	}

	@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=A",
			"ecs-secrets.secrets[0].value-from=arn:aws:secretsmanager:eu-west-1:123456789012:secret:two-words::AWSCURRENT:",
			"ecs-secrets.secrets[1].name=B",
			"ecs-secrets.secrets[1].value-from=/aws/reference/secretsmanager/two-words" })
	@TestSecrets(localStack = true)
	static class TwoWords {

	}

	@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=A",
			"ecs-secrets.secrets[0].value-from=arn:aws:ssm:eu-west-1:222222222222:parameter/a",
			"ecs-secrets.secrets[1].name=B",
			"ecs-secrets.secrets[1].value-from=arn:aws:secretsmanager:eu-west-1:111111111111:secret:b" })
	@TestSecrets(localStack = true)
	static class SeveralAccounts {

	}

	@SpringBootTest(properties = { "HAMADA_SECRETS=none", "ecs-secrets.aws.region=us-east-1",
			"ecs-secrets.secrets[0].name=NAME", "ecs-secrets.secrets[0].value-from=of-region",
			"ecs-secrets.secrets[1].name=PATH_ARN",
			"ecs-secrets.secrets[1].value-from=arn:aws:ssm:eu-central-1:210987654321:parameter/of/arn",
			"ecs-secrets.secrets[2].name=CURRENT",
			"ecs-secrets.secrets[2].value-from=arn:aws:secretsmanager:eu-central-1:210987654321:secret:versions",
			"ecs-secrets.secrets[3].name=PREVIOUS",
			"ecs-secrets.secrets[3].value-from=arn:aws:secretsmanager:eu-central-1:210987654321:secret:versions:key:AWSPREVIOUS:",
			"ecs-secrets.secrets[4].name=STAGE",
			"ecs-secrets.secrets[4].value-from=arn:aws:secretsmanager:eu-central-1:210987654321:secret:versions::TESTED:",
			"ecs-secrets.secrets[5].name=VERSION",
			"ecs-secrets.secrets[5].value-from=arn:aws:secretsmanager:eu-central-1:210987654321:secret:versions:::01234567-89ab-cdef-0123-456789abcdef",
			"ecs-secrets.secrets[6].name=REFERENCE",
			"ecs-secrets.secrets[6].value-from=/aws/reference/secretsmanager/referred" })
	@TestSecrets(value = { "NAME=a", "PATH_ARN=b", "CURRENT=c", "PREVIOUS=d", "STAGE=e", "VERSION=f", "REFERENCE=g" },
			localStack = true)
	static class EveryForm {

	}

	@TestSecrets(value = "VERSION=other", localStack = true)
	static class OtherValues extends EveryForm {

	}

}
