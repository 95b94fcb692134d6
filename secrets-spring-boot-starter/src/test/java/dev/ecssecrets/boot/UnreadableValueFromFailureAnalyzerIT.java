// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnreadableValueFromFailureAnalyzer} that need a process of their own.
 */
class UnreadableValueFromFailureAnalyzerIT {

	@TempDir
	private Path folder;

	/**
	 * The arguments name the location, which only those of the process can tell.
	 */
	@ParameterizedTest
	@CsvSource({ "config/application.yml,", "config/sub/application-dev.yml, --spring.profiles.active=dev",
			"application.yaml,", "etc/any.yml, --spring.config.location=etc/any.yml" })
	void startOfProcessNamesFileInItsFolder(String file, @Nullable String argument) throws Exception {
		Path written = this.folder.resolve(file);
		Files.createDirectories(written.getParent());
		Files.writeString(written, UnreadableValueFromFailureAnalyzerTests.UNQUOTED);
		Path output = this.folder.resolve("output.log");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-cp", ChildProcess.CLASS_PATH, ChildProcess.Application.class.getName()));
		if (argument != null) {
			command.add(argument);
		}
		Process process = new ProcessBuilder(command).directory(this.folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
		assertThat(UnreadableValueFromFailureAnalyzerTests.reportIn(Files.readString(output, UTF_8)))
			.isEqualTo(UnreadableValueFromFailureAnalyzerTests.REPORT.formatted(file));
	}

	@Test
	void startWhenThereIsNoSnakeYamlIsAnalyzedByOthers() {
		ChildProcess failed = ChildProcess.start(this.folder,
				ChildProcess.classPathWithout("/org/springframework/cloud/|spring-boot-devtools|snakeyaml"), Map.of(),
				List.of("--ecs-secrets.store=file", "--ecs-secrets.secrets[0].name=A",
						"--ecs-secrets.secrets[0].value-from=a", "--logging.level.org.springframework.boot=trace"));
		assertThat(failed.output()).contains("APPLICATION FAILED TO START", "UNREADABLE FILE")
			.doesNotContain("UnreadableValueFrom", "snakeyaml");
		assertThat(failed.loadedClasses()).contains("dev.ecssecrets.boot.UnreadableValueFromFailureAnalyzer ");
	}

}
