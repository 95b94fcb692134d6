// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.stream.Stream;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link SecretLocation} and {@link Arn}, whose equality is written by hand.
 */
class SecretLocationTests {

	private static final Arn ARN = arn("secret:db");

	private static final Arn OTHER_ARN = arn("secret:other");

	/**
	 * Records with an equal one, and with one that differs for each component.
	 */
	static Stream<Arguments> records() {
		return Stream.of(
				arguments(ARN, arn("secret:db"),
						List.of(new Arn("aws-cn", "secretsmanager", "eu-west-1", "123456789012", "secret:db"),
								new Arn("aws", "ssm", "eu-west-1", "123456789012", "secret:db"),
								new Arn("aws", "secretsmanager", "us-east-1", "123456789012", "secret:db"),
								new Arn("aws", "secretsmanager", "eu-west-1", "210987654321", "secret:db"),
								new Arn("aws", "secretsmanager", "eu-west-1", "123456789012", "secret:other"))),
				arguments(new Parameter(copy("name"), null), new Parameter(copy("name"), null),
						List.of(new Parameter("other", null), new Parameter("name", ARN))),
				arguments(new Parameter("name", ARN), new Parameter(copy("name"), arn("secret:db")),
						List.of(new Parameter("other", ARN), new Parameter("name", OTHER_ARN))),
				arguments(secret(ARN, null, null), secret(arn("secret:db"), null, null),
						List.of(secret(OTHER_ARN, null, null), secret(ARN, "stage", null), secret(ARN, null, "id"))),
				arguments(secret(ARN, "stage", "id"), secret(arn("secret:db"), copy("stage"), copy("id")), List
					.of(secret(OTHER_ARN, "stage", "id"), secret(ARN, null, "id"), secret(ARN, "stage", "other"))));
	}

	@ParameterizedTest
	@MethodSource("records")
	void equalsComparesEachComponent(Record location, Record equal, List<Record> others) {
		assertThat(location).isEqualTo(equal).hasSameHashCodeAs(equal).isNotEqualTo(null).isNotEqualTo("text");
		assertThat(others).hasSize(location.getClass().getRecordComponents().length).allSatisfy((other) -> {
			assertThat(location).isNotEqualTo(other);
			assertThat(other).isNotEqualTo(location);
			assertThat(location.hashCode()).isNotEqualTo(other.hashCode());
		});
	}

	private static Arn arn(String resource) {
		return new Arn(copy("aws"), copy("secretsmanager"), copy("eu-west-1"), copy("123456789012"), copy(resource));
	}

	private static SecretsManagerSecret secret(Arn arn, @Nullable String versionStage, @Nullable String versionId) {
		return new SecretsManagerSecret(arn, versionStage, versionId);
	}

	/**
	 * Returns a text that is equal, but not the same.
	 */
	private static String copy(String text) {
		return String.valueOf(text.toCharArray());
	}

}
