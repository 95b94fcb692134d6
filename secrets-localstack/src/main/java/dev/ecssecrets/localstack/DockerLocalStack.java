// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.localstack.LocalStackContainer;

/**
 * LocalStack in a container of this JVM, which Testcontainers removes when the JVM ends.
 */
final class DockerLocalStack {

	// Newer images ask for an auth token.
	private static final String IMAGE = "localstack/localstack:4.14.0";

	private DockerLocalStack() {
	}

	/**
	 * Starts a LocalStack.
	 * @return the endpoint of all services
	 * @throws IllegalStateException if it cannot be started, with the reason
	 */
	static URI start(Map<String, String> environment) {
		try {
			if (!mayHaveEngine(environment) || !DockerClientFactory.instance().isDockerAvailable()) {
				throw new IllegalStateException("no engine answers");
			}
			LocalStackContainer container = new LocalStackContainer(IMAGE).withServices("ssm", "secretsmanager", "kms",
					"sts", "iam");
			container.start();
			return container.getEndpoint();
		}
		catch (ContainerLaunchException | ContainerFetchException ex) {
			throw new IllegalStateException("the engine does not start " + IMAGE + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Spares those without an engine the half second and the errors in the log that it
	 * takes Testcontainers to find none.
	 */
	private static boolean mayHaveEngine(Map<String, String> environment) {
		boolean windows = File.separatorChar == '\\';
		String home = System.getProperty("user.home");
		return windows || environment.containsKey("DOCKER_HOST")
				|| Stream
					.of("/var/run/docker.sock", environment.get("XDG_RUNTIME_DIR") + "/docker.sock",
							home + "/.docker/run/docker.sock", home + "/.docker/desktop/docker.sock",
							home + "/.testcontainers.properties")
					.anyMatch((path) -> Files.exists(Path.of(path)));
	}

}
