// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Property tests for {@link SecretReference} with any text.
 */
class SecretReferencePropertyTests {

	private static final String NAME = "abcXYZ019_.-";

	@Test
	void parseWhenBuiltFromPartsIsReference() {
		Tries.forEach((random) -> {
			String valueFrom = valueFrom(random);
			assertThat(texts(SecretReference.parse(valueFrom))).contains(valueFrom);
		});
	}

	@Test
	void parseWhenChangedIsReferenceOrInvalid() {
		Tries.forEach((random) -> parseIsReferenceOrInvalid(
				Tries.change(random, valueFrom(random), NAME + ":::///+=@ \n\u0000\ud800ä")));
	}

	static Stream<byte[]> valueFroms() {
		return Stream
			.of("name", "/path/to/name", "name:3", "/aws/reference/secretsmanager/id",
					"arn:aws:ssm:eu-west-1:123456789012:parameter/name",
					"arn:aws-cn:ssm:cn-north-1:123456789012:parameter/path/to/name",
					"arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:id-AbCdEf",
					"arn:aws:secretsmanager:eu-west-1:123456789012:secret:id-AbCdEf:key::",
					"arn:aws:secretsmanager:eu-west-1:123456789012:secret:id-AbCdEf:key:AWSCURRENT:0-1")
			.map((valueFrom) -> valueFrom.getBytes(StandardCharsets.UTF_8));
	}

	@MethodSource("valueFroms")
	@FuzzTest(maxDuration = "10s")
	void parseWhenFuzzedIsReferenceOrInvalid(byte[] valueFrom) {
		parseIsReferenceOrInvalid(new String(valueFrom, StandardCharsets.UTF_8));
	}

	private static void parseIsReferenceOrInvalid(String valueFrom) {
		try {
			SecretReference reference = SecretReference.parse(valueFrom);
			assertThat(texts(reference)).contains(valueFrom);
			String id = reference.location().id();
			assertThat(SecretReference.parse(id).location().id()).isEqualTo(id);
		}
		catch (InvalidSecretReferenceException ex) {
			assertThat(ex.problem()).isNotBlank().isEqualTo(PrintableText.of(ex.problem()));
			assertThat(ex).hasMessage(PrintableText.of(ex.getMessage(), 2000));
		}
	}

	/**
	 * Returns the texts that the reference can be parsed from.
	 */
	private static Stream<String> texts(SecretReference reference) {
		String id = reference.location().id();
		if (reference.location() instanceof SecretsManagerSecret secret) {
			String parts = Stream.of(reference.jsonKey(), secret.versionStage(), secret.versionId())
				.map((part) -> ":" + Objects.requireNonNullElse(part, ""))
				.reduce("", String::concat);
			return parts.equals(":::") ? Stream.of(id, id + parts) : Stream.of(id + parts);
		}
		return Stream.of(id);
	}

	private static String valueFrom(RandomGenerator random) {
		String name = Tries.text(random, NAME, 1, 20);
		String path = name + "/" + Tries.text(random, NAME, 1, 20);
		String id = Tries.text(random, NAME + "/+=@!,;*äß\ud83c\udfee", 1, 20);
		String arn = ":" + Tries.pick(random, "eu-west-1", "ap-southeast-4", "us-gov-east-1", "us-isob-west-1") + ":"
				+ Tries.text(random, "0123456789", 12, 12) + ":";
		String partition = "arn:" + Tries.pick(random, "aws", "aws-cn", "aws-us-gov", "aws-iso-b") + ":";
		String parts = ":" + Tries.text(random, NAME + " \"'<>/äß\ud83c\udfee", 0, 5) + ":"
				+ Tries.text(random, NAME, 0, 5) + ":" + Tries.text(random, NAME, 0, 5);
		return Tries.pick(random, name, "/" + path, "/aws/reference/secretsmanager/" + id,
				partition + "ssm" + arn + "parameter/" + Tries.pick(random, name, path),
				partition + "secretsmanager" + arn + "secret:" + id + Tries.pick(random, "", ":::", parts));
	}

}
