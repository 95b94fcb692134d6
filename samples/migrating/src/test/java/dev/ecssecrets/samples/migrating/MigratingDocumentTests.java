// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The snippets of {@code docs/migrating.md} are the files that the other tests run.
 */
class MigratingDocumentTests {

	@Test
	void snippetsAreTheFilesThatTheyLinkTo() throws IOException {
		assertThat(MigratingDocument.read().lines().filter((line) -> line.startsWith("```"))).hasSize(2 * 3);
		assertThat(MigratingDocument.snippets())
			.containsOnlyKeys("entrypoint.sh", "spring-cloud-aws.yml", "src/main/resources/application.yml")
			.allSatisfy((file, snippet) -> assertThat(Path.of(file)).content().isEqualTo(snippet));
	}

}
