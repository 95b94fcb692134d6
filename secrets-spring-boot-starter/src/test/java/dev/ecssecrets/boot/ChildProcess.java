package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

	static final String CLASS_PATH = System.getProperty("java.class.path");

	static ChildProcess start(Path folder, String classPath, Map<String, String> variables, List<String> args) {
		Path output = folder.resolve("output.log");
		Path classes = folder.resolve("classes.log");
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
						"-Xlog:class+load:file=" + classes, "-cp", classPath, Application.class.getName()));
		command.addAll(args);
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
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
