// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.springframework.boot.SpringApplicationAotProcessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that Spring Boot has processed ahead of time, as its plugins do: in a
 * process, from which there are sources, resources and classes.
 *
 * @param application what was processed
 * @param folder where the files are
 * @param processing the process
 */
record AheadOfTime(Class<?> application, Path folder, ChildProcess processing) {

	static AheadOfTime process(Path folder, Class<?> application, Map<String, String> variables, List<String> args)
			throws IOException {
		Files.createDirectories(folder.resolve("classes"));
		List<String> all = new ArrayList<>(List.of(application.getName(), folder.resolve("sources").toString(),
				folder.resolve("resources").toString(), folder.resolve("classes").toString(), "dev.ecssecrets",
				"application"));
		all.addAll(args);
		AheadOfTime processed = new AheadOfTime(application, folder,
				ChildProcess.start(folder, SpringApplicationAotProcessor.class, classPath(), variables, all));
		processed.compile();
		return processed;
	}

	private void compile() throws IOException {
		List<String> args = new ArrayList<>(
				List.of("-nowarn", "-proc:none", "-cp", classPath(), "-d", this.folder.resolve("classes").toString()));
		for (Path source : files("sources")) {
			args.add(source.toString());
		}
		assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, args.toArray(String[]::new))).isZero();
	}

	/**
	 * Returns the sources, resources and classes, which are not empty.
	 */
	List<Path> files() throws IOException {
		List<Path> all = new ArrayList<>();
		for (String kind : List.of("sources", "resources", "classes")) {
			all.addAll(files(kind));
		}
		return all;
	}

	private List<Path> files(String kind) throws IOException {
		try (Stream<Path> files = Files.walk(this.folder.resolve(kind))) {
			List<Path> all = files.filter(Files::isRegularFile).toList();
			assertThat(all).as(this.processing.output()).isNotEmpty();
			return all;
		}
	}

	ChildProcess start(Map<String, String> variables, List<String> args) {
		return start(this.application, "", variables, args);
	}

	/**
	 * Starts it, or what starts it, with further options of the JVM.
	 */
	ChildProcess start(Class<?> main, String options, Map<String, String> variables, List<String> args) {
		Map<String, String> all = new HashMap<>(variables);
		all.put("JAVA_TOOL_OPTIONS", "-Dspring.aot.enabled=true " + options);
		String classPath = String.join(File.pathSeparator, this.folder.resolve("classes").toString(),
				this.folder.resolve("resources").toString(), classPath());
		return ChildProcess.start(this.folder, main, classPath, all, args);
	}

	private static String classPath() {
		return ChildProcess.classPathWithout("spring-boot-devtools|wiremock");
	}

}
