// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Property tests for {@link TaskDefinition} with any document.
 */
class TaskDefinitionPropertyTests {

	@Test
	void secretsWhenDocumentIsChangedAreReadOrDocumentIsRefused() {
		Tries.forEach((random) -> {
			String document = Tries.pick(random, documents().toArray(String[]::new));
			String changed = Tries.change(random, document,
					"{}[]:,\"\"\\\\u0123456789.+-eEtruefalsn \t\n\u0000\ufeffä#/'$<");
			Charset charset = Tries.pick(random, StandardCharsets.UTF_8, StandardCharsets.UTF_8,
					StandardCharsets.UTF_16LE, StandardCharsets.ISO_8859_1);
			secretsAreReadOrDocumentIsRefused(changed.getBytes(charset));
		});
	}

	@Test
	void secretsWhenBytesAreAnyAreReadOrDocumentIsRefused() {
		Tries.forEach((random) -> {
			byte[] document = new byte[random.nextInt(20)];
			random.nextBytes(document);
			secretsAreReadOrDocumentIsRefused(document);
		});
	}

	static Stream<byte[]> files() {
		return documents().map((document) -> document.getBytes(StandardCharsets.UTF_8));
	}

	private static Stream<String> documents() {
		return Stream.of("null",
				"[ { \"name\": \"app\", \"secrets\": [ { \"name\": \"A\", \"valueFrom\": \"a\" } ] } ]",
				"{\"containerDefinitions\":[{\"name\":\"app\"},{\"secrets\":[{\"name\":1},null]}],\"cpu\":1e2}",
				"{ \"taskDefinition\" : { \"containerDefinitions\" : [ { \"secrets\" : null } ] } , \"tags\" : [ ] }",
				"\ufeff[{\"name\":\"A\",\"valueFrom\":\"a\"},{\"name\":\"A\",\"valueFrom\":\"a\"}]",
				"{\"name\":\"app\",\"secrets\":[{\"name\":\"A\",\"valueFrom\":\"a\"}],\"environment\":[{\"name\":\"A\"}]}",
				"{\"Resources\":{\"Web\":{\"Type\":\"AWS::ECS::TaskDefinition\"}},\"AWSTemplateFormatVersion\":\"\"}",
				"# comment\ncontainerDefinitions:\n  - name: app\n");
	}

	@MethodSource("files")
	@FuzzTest(maxDuration = "10s")
	void secretsWhenFuzzedAreReadOrDocumentIsRefused(byte[] document) {
		secretsAreReadOrDocumentIsRefused(document);
	}

	private static void secretsAreReadOrDocumentIsRefused(byte[] document) {
		List<SecretDeclaration> secrets;
		List<String> warnings;
		try {
			TaskDefinition definition = TaskDefinition.parse("document", document);
			secrets = definition.secrets(null);
			warnings = definition.warnings(null);
		}
		catch (InvalidTaskDefinitionException ex) {
			assertThat(ex).hasMessageStartingWith("document ").hasNoCause();
			return;
		}
		assertThat(secrets).allSatisfy((secret) -> assertThat(secret.origin()).startsWith("document /"));
		assertThat(warnings).allSatisfy((warning) -> assertThat(warning).startsWith("document "));
	}

}
