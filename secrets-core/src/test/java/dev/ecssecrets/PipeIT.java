// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Failed;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for files that are named pipes without a writer. Opening one would block.
 */
@DisabledOnOs(OS.WINDOWS)
class PipeIT {

	private static final String PROBLEM = " is a pipe, a socket or a device; only regular files are read";

	@TempDir
	private Path folder;

	@BeforeEach
	void makePipe() throws IOException, InterruptedException {
		Path pipe = this.folder.resolve("pipe");
		assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
		Files.createSymbolicLink(this.folder.resolve("link"), pipe);
	}

	@ParameterizedTest
	@ValueSource(strings = { "file:%s/pipe", "file:%s/link", "jar:file:%s/pipe!/secrets.json" })
	void fetchWhenFileIsPipeIsRefused(String location) throws IOException {
		URL file = new URL(location.formatted(this.folder));
		SecretLocation word = SecretReference.parse("word").location();
		assertThat(new FileSecretStore(file).fetch(Set.of(word), Duration.ofMinutes(1)).answers()).containsEntry(word,
				new Failed(Reason.UNREADABLE_FILE, file + PROBLEM));
	}

	@ParameterizedTest
	@ValueSource(strings = { "file:%s/pipe", "file:%s/link", "jar:file:%s/pipe!/task-definition.json" })
	void readWhenTaskDefinitionIsPipeIsRefused(String location) throws IOException {
		URL document = new URL(location.formatted(this.folder));
		assertThatExceptionOfType(InvalidTaskDefinitionException.class)
			.isThrownBy(() -> TaskDefinition.read("td", document))
			.withMessage(document + PROBLEM);
	}

}
