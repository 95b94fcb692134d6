// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The configuration that the README shows starts an application.
 */
class ReadmeIT {

	@TempDir
	private Path folder;

	@Test
	void declarationsAreResolved() throws IOException {
		LocalStack aws = LocalStack.get();
		aws.putParameter("hamako-favorite-word", "wassyoi");
		aws.putSecret("db", "{\"password\":\"secret\"}");
		Path configuration = Files.writeString(this.folder.resolve("application.yml"),
				ReadmeTests.block("yaml").get(0));
		ChildProcess started = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH, aws.environment(),
				List.of("--spring.config.location=file:" + configuration));
		assertThat(started.output()).contains("HAMADA_SECRETS=<wassyoi>", "SPRING_DATASOURCE_PASSWORD=<secret>",
				"FEATURE_TOKEN=<null>", "Secrets: 0 injected, 2 fetched", "1 optional and absent");
	}

}
