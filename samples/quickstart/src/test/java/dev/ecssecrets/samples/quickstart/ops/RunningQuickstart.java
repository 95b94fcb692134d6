// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.ecssecrets.samples.quickstart.QuickstartApplication;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.Assert;

/**
 * The quickstart, on a port and with a file of secrets of its own. It refreshes when it
 * is asked to, and then at once.
 */
final class RunningQuickstart implements AutoCloseable {

	private final Path secrets;

	private final ConfigurableApplicationContext context;

	private RunningQuickstart(Path secrets, ConfigurableApplicationContext context) {
		this.secrets = secrets;
		this.context = context;
	}

	static RunningQuickstart start(Path folder, String... profiles) throws IOException {
		Path secrets = Files.copy(Path.of("secrets.local.json"), folder.resolve("secrets.local.json"));
		return new RunningQuickstart(secrets,
				new SpringApplicationBuilder(QuickstartApplication.class).profiles(profiles)
					.run("--server.port=0", "--ecs-secrets.refresh.interval=1000d",
							"--ecs-secrets.refresh.min-interval=0s", "--ecs-secrets.file.location=" + secrets));
	}

	URI address(String path) {
		return URI.create("http://localhost:" + this.context.getEnvironment().getProperty("local.server.port") + path);
	}

	/**
	 * Replaces a text in the file of secrets.
	 */
	void replace(String text, String replacement) throws IOException {
		String content = Files.readString(this.secrets);
		Assert.isTrue(content.contains(text), "The file has no such text");
		Files.writeString(this.secrets, content.replace(text, replacement));
	}

	@Override
	public void close() {
		this.context.close();
	}

}
