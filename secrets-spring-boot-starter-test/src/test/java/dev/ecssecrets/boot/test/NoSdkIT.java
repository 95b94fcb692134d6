// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs a test in a process of its own, to see which classes it loads.
 */
class NoSdkIT {

	@TempDir
	private Path folder;

	@Test
	void testWhenSecretsAreInMemoryLoadsNoSdkClass() throws Exception {
		assertThat(loadedClasses(TestSecretsTests.class, "valuesAreThereAsTheyStand"))
			.contains("dev.ecssecrets.test.InMemorySecretStore")
			.doesNotContain("software.amazon.awssdk");
	}

	private String loadedClasses(Class<?> testClass, String method) throws Exception {
		Path classes = this.folder.resolve("classes.log");
		Path output = this.folder.resolve("output.log");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Xlog:class+load:file=" + classes, "-cp",
				System.getProperty("java.class.path"), Run.class.getName(), testClass.getName(), method)
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		assertThat(process.waitFor()).as(() -> read(output)).isZero();
		return Files.readString(classes);
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	/**
	 * Runs one test method.
	 */
	static final class Run {

		public static void main(String[] args) {
			LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
				.selectors(DiscoverySelectors.selectMethod(args[0], args[1]))
				.build();
			SummaryGeneratingListener listener = new SummaryGeneratingListener();
			LauncherFactory.create().execute(request, listener);
			listener.getSummary().getFailures().forEach((failure) -> failure.getException().printStackTrace());
			System.exit((listener.getSummary().getTestsSucceededCount() == 1) ? 0 : 1);
		}

	}

}
