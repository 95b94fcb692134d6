// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LeastPrivilegePolicy}: the expected documents are files.
 */
class LeastPrivilegePolicyTests {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	static Stream<Arguments> policies() {
		return Stream.of(Arguments.of("none", policy(List.of())),
				Arguments.of("names", policy(List.of("word", "/app/token"))),
				Arguments.of("arns", policy(List.of("arn:aws:ssm:eu-west-1:123456789012:parameter/word",
						"arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/app/token", SECRET + "db-AbCdEf",
						SECRET + "db-AbCdEf:password::", SECRET + "app/db:username:AWSPREVIOUS:",
						"arn:aws-cn:secretsmanager:cn-north-1:210987654321:secret:db-AbCdEf:::4f3ac92b"))),
				Arguments.of("references", policy(List.of("/aws/reference/secretsmanager/app/db"))),
				Arguments.of("services",
						policy(List.of(SECRET + "rds!cluster-1111-AbC123:password::",
								"/aws/reference/secretsmanager/rds!db-1111-2222", SECRET + "a*b?c"))),
				Arguments.of("invalid", policy(List.of("word:3", "", "word"))),
				Arguments.of("decryption",
						policy(List.of("/app/token", SECRET + "db-AbCdEf",
								"arn:aws-cn:ssm:cn-north-1:210987654321:parameter/word"))
							.withDecryption()),
				Arguments.of("without-pending",
						policy(List.of("/app/token", "/aws/reference/secretsmanager/app/db",
								SECRET + "db-AbCdEf:password::"))
							.withoutPending()),
				Arguments.of("without-pending-but-declared",
						policy(List.of(SECRET + "db-AbCdEf:password::", SECRET + "db-AbCdEf:password:AWSPENDING:",
								SECRET + "app/db:username:AWSPREVIOUS:"))
							.withDecryption()
							.withoutPending()));
	}

	@ParameterizedTest
	@MethodSource("policies")
	void jsonIsTheExpectedDocument(String name, LeastPrivilegePolicy policy) throws IOException {
		assertThat(policy.json()).isEqualTo(Files.readString(Path.of("src/test/resources/policies", name + ".json")));
	}

	@Test
	void jsonWhenPendingIsDeclaredIsOneStatementForAllVersions() {
		assertThat(policy(List.of(SECRET + "one", SECRET + "two::AWSPENDING:")).json())
			.isEqualTo(policy(List.of(SECRET + "one", SECRET + "two")).json());
	}

	@Test
	void withDecryptionAndWithoutPendingLeaveOriginalAsItWas() {
		LeastPrivilegePolicy policy = policy(List.of(SECRET + "db"));
		String json = policy.json();
		assertThat(policy.withoutPending().withDecryption().json())
			.isEqualTo(policy.withDecryption().withoutPending().json())
			.isNotEqualTo(policy.withDecryption().json());
		assertThat(policy.json()).isEqualTo(json);
	}

	@Test
	void jsonDoesNotDependOnOrderOfDeclarations() {
		List<String> valueFroms = new ArrayList<>(IntStream.range(0, 50).mapToObj((i) -> "/app/" + i).toList());
		String json = policy(valueFroms).json();
		Collections.reverse(valueFroms);
		assertThat(policy(valueFroms).json()).isEqualTo(json);
	}

	private static LeastPrivilegePolicy policy(List<String> valueFroms) {
		return LeastPrivilegePolicy.of(declarations(valueFroms));
	}

	private static List<SecretDeclaration> declarations(List<String> valueFroms) {
		return valueFroms.stream().map((valueFrom) -> new SecretDeclaration("NAME", valueFrom)).toList();
	}

}
