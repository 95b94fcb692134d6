// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A process that ran, with no environment variables of AWS or ECS but those it was given.
 *
 * @param output what it wrote
 * @param exitCode how it ended
 */
record ChildProcess(String output, int exitCode) {

	static ChildProcess run(List<String> command, Map<String, String> variables) throws Exception {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
		builder.environment().putAll(variables);
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		return new ChildProcess(output, process.waitFor());
	}

}
