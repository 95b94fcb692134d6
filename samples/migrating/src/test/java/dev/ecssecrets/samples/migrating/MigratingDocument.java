// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands in {@code docs/migrating.md}.
 */
final class MigratingDocument {

	private MigratingDocument() {
	}

	static String read() throws IOException {
		return Files.readString(Path.of("../../docs/migrating.md"));
	}

	/**
	 * Returns the snippets, each by the file that the link above it leads to.
	 */
	static Map<String, String> snippets() throws IOException {
		return find("(?s)\\]\\(\\.\\./samples/migrating/([^)]+)\\)[^`]*```[a-z]+\n(.*?)```");
	}

	/**
	 * Returns the keys of Spring Cloud AWS, each with the one that takes its place.
	 */
	static Map<String, String> keys() throws IOException {
		return find("(?m)^\\| `(spring\\.cloud\\.aws\\.[a-z.-]+)` \\| `(ecs-secrets\\.[a-z.-]+)` \\|$");
	}

	private static Map<String, String> find(String pattern) throws IOException {
		return Pattern.compile(pattern)
			.matcher(read())
			.results()
			.collect(Collectors.toMap((result) -> result.group(1), (result) -> result.group(2)));
	}

}
