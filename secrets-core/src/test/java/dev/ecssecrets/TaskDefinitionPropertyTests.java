package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link TaskDefinition} does with any document.
 */
class TaskDefinitionPropertyTests {

	@Test
	void secretsWhenDocumentIsChangedAreReadOrDocumentIsRefused() {
		Tries.forEach((random) -> secretsAreReadOrDocumentIsRefused(
				Tries.change(random, Tries.pick(random, documents().toArray(String[]::new)),
						"{}[]:,\"\"\\\\u0123456789.+-eEtruefalsn \t\n\u0000\ufeffä")));
	}

	static Stream<byte[]> files() {
		return documents().map((document) -> document.getBytes(StandardCharsets.UTF_8));
	}

	private static Stream<String> documents() {
		return Stream.of("null",
				"[ { \"name\": \"app\", \"secrets\": [ { \"name\": \"A\", \"valueFrom\": \"a\" } ] } ]",
				"{\"containerDefinitions\":[{\"name\":\"app\"},{\"secrets\":[{\"name\":1},null]}],\"cpu\":1e2}",
				"{ \"taskDefinition\" : { \"containerDefinitions\" : [ { \"secrets\" : null } ] } , \"tags\" : [ ] }");
	}

	@MethodSource("files")
	@FuzzTest(maxDuration = "10s")
	void secretsWhenFuzzedAreReadOrDocumentIsRefused(byte[] document) {
		secretsAreReadOrDocumentIsRefused(new String(document, StandardCharsets.UTF_8));
	}

	private static void secretsAreReadOrDocumentIsRefused(String document) {
		List<SecretDeclaration> secrets;
		try {
			secrets = TaskDefinition.parse("document", document).secrets(null);
		}
		catch (InvalidTaskDefinitionException ex) {
			assertThat(ex).hasMessageStartingWith("document ").hasNoCause();
			return;
		}
		assertThat(secrets).allSatisfy((secret) -> assertThat(secret.origin()).startsWith("document /"));
	}

}
