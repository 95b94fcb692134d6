// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * An application that ran in a process of its own: with environment variables of its own,
 * and no others of AWS or ECS.
 *
 * @param output what it wrote, {@code NAME=<value>} for each declared secret
 * @param loadedClasses the log of the classes that it loaded
 */
record ChildProcess(String output, String loadedClasses) {

	/**
	 * That of the tests, without what only some of them need.
	 */
	static final String CLASS_PATH = classPathWithout("/org/springframework/cloud/|spring-boot-devtools");

	static String classPathWithout(String pattern) {
		Predicate<String> left = Pattern.compile(pattern).asPredicate();
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !left.test(entry.replace(File.separatorChar, '/')))
			.collect(Collectors.joining(File.pathSeparator));
	}

	static ChildProcess start(Path folder, String classPath, Map<String, String> variables, List<String> args) {
		return start(folder, Application.class, classPath, variables, args);
	}

	static ChildProcess start(Path folder, Class<?> application, String classPath, Map<String, String> variables,
			List<String> args) {
		Path output = folder.resolve("output.log");
		Path classes = folder.resolve("classes.log");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-Xlog:class+load:file=" + classes, "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp",
						classPath, application.getName()));
		command.addAll(args);
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
		builder.environment().put("LC_ALL", "C.UTF-8");
		builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
		builder.environment().put("AWS_CONFIG_FILE", folder.resolve("config").toString());
		builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", folder.resolve("credentials").toString());
		builder.environment().putAll(variables);
		try {
			builder.start().waitFor();
			return new ChildProcess(Files.readString(output, StandardCharsets.UTF_8),
					Files.readString(classes, StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		public static void main(String[] args) {
			ConfigurableEnvironment environment = new SpringApplicationBuilder(Application.class)
				.web(WebApplicationType.NONE)
				.run(args)
				.getEnvironment();
			for (int i = 0; environment.containsProperty("ecs-secrets.secrets[" + i + "].name"); i++) {
				String name = environment.getRequiredProperty("ecs-secrets.secrets[" + i + "].name");
				System.out.println(name + "=<" + environment.getProperty(name) + ">");
			}
		}

	}

}
