// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PlainApplicationMainIT {

	@Test
	void greetsWithSecretOfParameterStore() throws Exception {
		LocalStack localStack = LocalStack.get();
		localStack.putParameter("hamako-favorite-word", "from Parameter Store");
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-cp", System.getProperty("java.class.path"), PlainApplication.class.getName())
			.redirectError(ProcessBuilder.Redirect.INHERIT);
		builder.environment().putAll(localStack.environment());
		assertThat(new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8))
			.isEqualTo("Hello, from Parameter Store!\n");
	}

}
