// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each source names its licence in the first line. {@code .ci/license-headers} adds what
 * is missing.
 */
class LicenseHeadersTests {

	private static final String HEADER = "// SPDX-License-Identifier: Apache-2.0\n\n";

	@Test
	void sourcesNameTheirLicense() throws IOException {
		List<Path> sources = sources(Path.of("..").toRealPath());
		assertThat(sources).hasSizeGreaterThan(300)
			.anyMatch((source) -> source.toString().contains("benchmarks"))
			.anyMatch((source) -> source.toString().endsWith(".kt"));
		assertThat(sources.stream().filter((source) -> !read(source).startsWith(HEADER))).isEmpty();
	}

	private static List<Path> sources(Path project) throws IOException {
		List<Path> sources = new ArrayList<>();
		Files.walkFileTree(project, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
				String name = directory.getFileName().toString();
				return name.equals("target") || name.startsWith(".") ? FileVisitResult.SKIP_SUBTREE
						: FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
				if (file.toString().endsWith(".java") || file.toString().endsWith(".kt")) {
					sources.add(file);
				}
				return FileVisitResult.CONTINUE;
			}

		});
		return sources;
	}

	private static String read(Path source) {
		try {
			return Files.readString(source);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
