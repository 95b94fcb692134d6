// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.net.URI;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DockerLocalStack}, which count as skipped where no engine answers.
 */
class DockerLocalStackIT {

	@Test
	void startWhenEngineAnswersIsReady() {
		assertThat(LocalStack.isReady(start().toString())).isTrue();
	}

	private static URI start() {
		try {
			return DockerLocalStack.start(System.getenv());
		}
		catch (IllegalStateException ex) {
			return Assumptions.abort("Not in a container: " + ex.getMessage());
		}
	}

}
