// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.taskdefinition;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts the packaged shop as its README does.
 */
class ShopIT {

	private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

	@Test
	void startsWithLocalFile() throws Exception {
		assertThat(status(Map.of("SPRING_PROFILES_ACTIVE", "local")))
			.isEqualTo("{\"status\":\"up\",\"databaseUser\":\"developer\"}");
	}

	@Test
	void startsWithLocalStack() throws Exception {
		LocalStack localStack = LocalStack.get();
		localStack.putParameter("shop-signing-key", "key");
		localStack.putParameter("/shop/payment-token", "payment");
		localStack.putParameter("/shop/map-token", "map");
		localStack.putSecret("shop/database-a1B2c3",
				"{\"username\":\"from Secrets Manager\",\"password\":\"password\"}");
		localStack.putSecret("shop/mail", "mail");
		assertThat(status(localStack.environment()))
			.isEqualTo("{\"status\":\"up\",\"databaseUser\":\"from Secrets Manager\"}");
	}

	private static String status(Map<String, String> variables) throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-jar", System.getProperty("task-definition.jar"))
			.redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
		builder.environment().put("SERVER_PORT", "0");
		builder.environment().putAll(variables);
		Process process = builder.start();
		try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
			HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port(output) + "/")).build();
			return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
		}
		finally {
			process.destroy();
			process.waitFor();
		}
	}

	private static String port(BufferedReader output) throws IOException {
		StringBuilder all = new StringBuilder();
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			all.append(line).append('\n');
			Matcher started = STARTED.matcher(line);
			if (started.find()) {
				return started.group(1);
			}
		}
		throw new IllegalStateException("The application ended:\n" + all);
	}

}
