package dev.ecssecrets.samples.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts the packaged quickstart as its README does.
 */
class QuickstartIT {

	private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

	@Test
	void greetsWithSecretsOfLocalFile() throws Exception {
		assertThat(greeting(Map.of())).isEqualTo(expected("wassyoi", "a key for laptops only"));
	}

	@Test
	void greetsWithInjectedSecret() throws Exception {
		assertThat(greeting(Map.of("HAMADA_SECRETS", "from ECS")))
			.isEqualTo(expected("from ECS", "a key for laptops only"));
	}

	@Test
	void greetsWithSecretsOfAws() throws Exception {
		LocalStack localStack = LocalStack.get();
		localStack.putParameter("hamako-favorite-word", "from Parameter Store");
		localStack.putSecret("quickstart", "{\"signing-key\":\"from Secrets Manager\"}");
		assertThat(greeting(localStack.environment(), "--spring.profiles.active=aws"))
			.isEqualTo(expected("from Parameter Store", "from Secrets Manager"));
	}

	private static String expected(String word, String signingKey) throws Exception {
		String text = "Hello, " + word + "!";
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(signingKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		String signature = HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
		return "{\"text\":\"" + text + "\",\"signature\":\"" + signature + "\"}";
	}

	private static String greeting(Map<String, String> variables, String... args) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
						System.getProperty("quickstart.jar"), "--server.port=0"));
		command.addAll(List.of(args));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("ECS_"));
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
