// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Assumptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code entrypoint.sh} needs: {@code aws} and {@code jq}. Where they are absent it
 * is skipped, but not in continuous integration.
 */
final class EntrypointScript {

	private static final String PATH = System.getenv().getOrDefault("PATH", "");

	private EntrypointScript() {
	}

	/**
	 * Returns the environment variables that the script needs.
	 * @param localStack the LocalStack, whose Python may have {@code aws}
	 * @param aws what the script calls
	 * @param folder an empty folder
	 * @return the variables
	 */
	static Map<String, String> variables(LocalStack localStack, Aws aws, Path folder) throws IOException {
		Map<String, String> variables = new HashMap<>(localStack.environment());
		variables.put("AWS_ENDPOINT_URL", aws.endpoint());
		// The first version of the AWS command line knows no AWS_REGION.
		variables.put("AWS_DEFAULT_REGION", localStack.region());
		variables.put("PATH", path(localStack, folder));
		return variables;
	}

	private static String path(LocalStack localStack, Path folder) throws IOException {
		Path java = Path.of(System.getProperty("java.home"), "bin");
		if (localStack.python().isPresent()) {
			Path aws = Files.writeString(folder.resolve("aws"), """
					#!/bin/sh
					exec '%s' -I -m awscli "$@"
					""".formatted(localStack.python().get()));
			assertThat(aws.toFile().setExecutable(true)).isTrue();
		}
		String path = String.join(File.pathSeparator, folder.toString(), java.toString(), PATH);
		List<String> absent = Stream.of("sh", "aws", "jq").filter((command) -> find(path, command).isEmpty()).toList();
		if (!absent.isEmpty()) {
			String message = "entrypoint.sh needs " + String.join(" and ", absent) + " on the PATH";
			String ci = System.getenv().getOrDefault("CI", "");
			if (!ci.isEmpty() && !ci.equals("false")) {
				throw new IllegalStateException(message + " where the environment variable CI is set");
			}
			Assumptions.abort("Skipped: " + message);
		}
		return path;
	}

	private static Optional<Path> find(String path, String command) {
		return Arrays.stream(path.split(File.pathSeparator))
			.map((folder) -> Path.of(folder, command))
			.filter(Files::isExecutable)
			.findFirst();
	}

}
