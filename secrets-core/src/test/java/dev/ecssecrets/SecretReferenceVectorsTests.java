// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretReference} with texts that {@code src/test/go/references.go} has
 * split like the ECS agent.
 */
class SecretReferenceVectorsTests {

	@Test
	void parseWhenAgentAcceptsReferenceHasItsParts() throws IOException {
		List<JsonNode> taken = vectors("secret", "parameter");
		assertThat(taken).hasSizeGreaterThan(2000)
			.allSatisfy((vector) -> assertThat(SecretReference.parse(vector.get("valueFrom").asString()))
				.satisfies((reference) -> hasParts(reference, vector)));
	}

	@Test
	void parseWhenEcsRefusesReferenceReportsIt() throws IOException {
		assertThat(vectors("ecs")).hasSizeGreaterThan(300)
			.allSatisfy((vector) -> assertThat(refusal(vector).isRefusedByEcs()).isTrue());
	}

	@Test
	void parseWhenOnlyAwsRefusesReferenceDoesNotBlameEcs() throws IOException {
		assertThat(vectors("aws")).hasSizeGreaterThan(1500).allSatisfy((vector) -> {
			assertThat(refusal(vector).isRefusedByEcs()).isFalse();
			assertThat(refusal(vector).problem()).contains("ECS would pass it on").doesNotContain("ECS refuses");
		});
	}

	private static void hasParts(SecretReference reference, JsonNode vector) {
		assertThat(reference.jsonKey()).isEqualTo(text(vector, "jsonKey"));
		if (reference.location() instanceof SecretsManagerSecret secret) {
			assertThat(secret.id()).isEqualTo(text(vector, "secretId"));
			assertThat(secret.versionStage()).isEqualTo(text(vector, "versionStage"));
			assertThat(secret.versionId()).isEqualTo(text(vector, "versionId"));
			assertThat(secret.arn().region()).isEqualTo(text(vector, "region"));
		}
		else if (reference.location() instanceof Parameter parameter) {
			assertThat(parameter.name()).isEqualTo(text(vector, "name"));
			assertThat((parameter.arn() != null) ? parameter.arn().region() : null).isEqualTo(text(vector, "region"));
		}
	}

	private static InvalidSecretReferenceException refusal(JsonNode vector) {
		try {
			SecretReference reference = SecretReference.parse(vector.get("valueFrom").asString());
			throw new AssertionError("Taken as " + reference);
		}
		catch (InvalidSecretReferenceException ex) {
			return ex;
		}
	}

	private static String text(JsonNode vector, String name) {
		return vector.has(name) ? vector.get(name).asString() : null;
	}

	private static List<JsonNode> vectors(String... verdicts) throws IOException {
		JsonMapper mapper = new JsonMapper();
		try (InputStream in = SecretReferenceVectorsTests.class.getResourceAsStream("/go-references.jsonl.gz")) {
			String text = new String(new GZIPInputStream(in).readAllBytes(), StandardCharsets.UTF_8);
			// Only at line feeds, because a text may have other line separators.
			return Stream.of(text.split("\n"))
				.map(mapper::readTree)
				.filter((vector) -> List.of(verdicts).contains(vector.get("verdict").asString()))
				.toList();
		}
	}

}
