// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.AwsCredentials;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.test.SecretStoreContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the store for AWS fulfils the {@link SecretStoreContract} on a LocalStack.
 */
class SecretStoreContractIT {

	@Nested
	class AwsTests extends SecretStoreContract {

		private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

		private final String id = UUID.randomUUID().toString();

		@Override
		protected SecretStore store() {
			LocalStack aws = LocalStack.get();
			return AwsSecretStore.builder()
				.endpoint(aws.endpoint())
				.region(aws.region())
				.credentials(() -> new AwsCredentials(aws.accessKeyId(), aws.secretAccessKey(), null, null))
				.build();
		}

		@Override
		protected void put(SecretLocation location, String value) {
			if (location instanceof Parameter parameter) {
				LocalStack.get().putParameter(parameter.name(), value);
			}
			else if (location instanceof SecretsManagerSecret secret) {
				LocalStack.get().putSecret(secret.secretId(), value);
			}
		}

		@Test
		void fetchReportsVersionsAndCalls() {
			LocalStack.get().putParameter(this.id, "first");
			LocalStack.get().putParameter(this.id, "second");
			LocalStack.get().putSecret(this.id, "secret");
			Response response = fetch(this.id, SECRET + this.id, "/aws/reference/secretsmanager/" + this.id);
			assertThat(source(response, this.id).version()).isEqualTo("2");
			assertThat(source(response, this.id).versionStages()).isEmpty();
			assertThat(source(response, SECRET + this.id).version()).hasSizeBetween(32, 64);
			assertThat(source(response, SECRET + this.id).versionStages()).containsExactly("AWSCURRENT");
			assertThat(source(response, "/aws/reference/secretsmanager/" + this.id).version()).isNull();
			assertThat(response.calls()).extracting(Call::store)
				.containsExactlyInAnyOrder("ssm", "ssm", "secretsmanager");
			assertThat(response.calls()).allSatisfy((call) -> {
				assertThat(call.elapsed()).isPositive();
				assertThat(call.failure()).isNull();
			});
		}

		@Test
		void fetchWhenNothingIsFoundReportsAnsweredCalls() {
			Response response = fetch(this.id, SECRET + this.id);
			assertThat(response.answers().values()).hasOnlyElementsOfType(Failed.class);
			assertThat(response.calls()).hasSize(2).extracting(Call::failure).containsOnlyNulls();
		}

		private Response fetch(String... valueFroms) {
			Set<SecretLocation> locations = Stream.of(valueFroms)
				.map((valueFrom) -> SecretReference.parse(valueFrom).location())
				.collect(Collectors.toSet());
			return store().fetch(locations, Duration.ofSeconds(30));
		}

		private static SecretSource source(Response response, String valueFrom) {
			return ((Found) response.answers().get(SecretReference.parse(valueFrom).location())).source();
		}

	}

	/**
	 * Uses the SDK's clients, as if environment variables did not suffice.
	 */
	@Nested
	class AwsBySdkTests extends AwsTests {

		@BeforeEach
		void forceSdkClients() {
			System.setProperty("aws.useDualstackEndpoint", "false");
		}

		@AfterEach
		void clear() {
			System.clearProperty("aws.useDualstackEndpoint");
		}

	}

}
