// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import dev.ecssecrets.SecretResolutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What bad input gets. Each file of {@code bad-input} holds an {@code application.yml}
 * and the report of the start, word for word.
 */
@ExtendWith(OutputCaptureExtension.class)
class BadInputTests {

	private static final Path CASES = Path.of("src/test/resources/bad-input");

	private static final Path ODD_CASES = Path.of("src/test/resources/odd-input");

	private static final String LOG_SEPARATOR = "\n=== log ===\n";

	private static final String SEPARATOR = "\n=== report ===\n";

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort().extensions(new Services()))
		.build();

	@TempDir
	private Path folder;

	static Stream<String> cases() throws IOException {
		try (Stream<Path> files = Files.list(CASES)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList().stream();
		}
	}

	@AfterEach
	void clearCredentials() {
		System.clearProperty("aws.accessKeyId");
		System.clearProperty("aws.secretAccessKey");
	}

	@ParameterizedTest
	@MethodSource("cases")
	void startFailsWithReport(String name, CapturedOutput output) throws IOException {
		String[] parts = Files.readString(CASES.resolve(name)).split(SEPARATOR, -1);
		if (!name.equals("no-credentials.txt")) {
			System.setProperty("aws.accessKeyId", "key");
			System.setProperty("aws.secretAccessKey", "secret");
		}
		aws.stubFor(post(anyUrl()).willReturn(aResponse().withTransformers("services")));
		assertThat(report(parts[0], output)).isEqualTo(parts[1]);
		assertThat(output).doesNotContain("canary");
	}

	static Stream<String> oddCases() throws IOException {
		try (Stream<Path> files = Files.list(ODD_CASES)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList().stream();
		}
	}

	/**
	 * Each file of {@code odd-input} has an {@code application.yml} and what the start
	 * logs of secrets.
	 */
	@ParameterizedTest
	@MethodSource("oddCases")
	void startLogs(String name, CapturedOutput output) throws IOException {
		String[] parts = Files.readString(ODD_CASES.resolve(name)).split(LOG_SEPARATOR, -1);
		SpringApplicationBuilder application = application(parts[0]);
		restrictFiles();
		application.run("--spring.profiles.active=dev", "--DB_PASSWORD=canary").close();
		String log = output.getOut()
			.lines()
			.filter((line) -> line.contains(" WARN ") || line.contains(" : Secrets: "))
			.map((line) -> line.replaceFirst(".* (INFO|WARN) .*? : ", "$1 ").replaceFirst("\\d+ ms", "0 ms") + "\n")
			.collect(Collectors.joining())
			.replace(this.folder.toString(), "${folder}");
		assertThat(log).isEqualTo(parts[1]);
		assertThat(output).doesNotContain("canary");
	}

	@ParameterizedTest
	@CsvSource({ "rw-------,", "rwx------,", "rw-r-----, read", "rw----r--, read", "rw--w----, changed",
			"rw-----w-, changed", "rw-rw----, read and changed", "rw-r---w-, read and changed" })
	void startWhenFileIsOpenToOthersWarns(String permissions, @Nullable String access, CapturedOutput output)
			throws IOException {
		Path file = Files.writeString(this.folder.resolve("secrets.json"), "{\"parameters\":{\"word\":\"canary\"}}");
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
		application("ecs-secrets: { store: file, file.location: ${folder}/secrets.json,"
				+ " secrets: [ { name: WORD, value-from: word } ] }")
			.run()
			.close();
		assertThat(output).contains("1 fetched").doesNotContain("canary");
		if (access == null) {
			assertThat(output).doesNotContain("WARN");
		}
		else {
			assertThat(output).containsPattern("WARN .*/secrets.json can be " + access
					+ " by other users. Restrict it to its owner \\(chmod 600\\)");
		}
	}

	@Test
	void startWhenEcsWouldRefuseDeclarationsWarns(CapturedOutput output) throws IOException {
		Files.writeString(this.folder.resolve("td.json"),
				"""
						{ "containerDefinitions": [
						  { "name": "app", "environment": [ { "name": "OTHER", "value": "canary" } ], "secrets": [
						    { "name": "OTHER", "valueFrom": "word" },
						    { "name": "WORD", "valueFrom": "word" } ] },
						  { "name": "web", "secrets": [ { "name": "WEB", "valueFrom": "a" }, { "name": "WEB", "valueFrom": "a" } ] } ] }
						""");
		application("""
				ecs-secrets:
				  store: file
				  file.location: ${folder}/local.json
				  task-definition: ${folder}/td.json
				  container-name: app
				  secrets:
				    - name: WORD
				      value-from: word
				    - name: WORD
				      value-from: word
				""").run().close();
		assertThat(output).contains("2 fetched")
			.containsPattern("WARN .*application.yml\\] - 9:13 declares 'WORD' a second time; ECS rejects")
			.containsPattern("WARN .*td.json /containerDefinitions/0/secrets/0 declares 'OTHER' although it is also"
					+ " in 'environment'; ECS rejects")
			.doesNotContain("WEB")
			.doesNotContain("canary");
	}

	@Test
	void startWhenTaskDefinitionIsListOfDeclarationsWithByteOrderMarkResolvesThem(CapturedOutput output)
			throws IOException {
		Files.writeString(this.folder.resolve("td.json"), "\ufeff[ { \"name\": \"WORD\", \"valueFrom\": \"word\" } ]");
		application("""
				ecs-secrets:
				  store: file
				  file.location: ${folder}/local.json
				  task-definition: ${folder}/td.json
				  container-name: app
				""").run().close();
		assertThat(output).contains("1 fetched").doesNotContain("canary");
	}

	@Test
	void startWhenLocationHoldsTaskDefinitionResolvesIt(CapturedOutput output) throws IOException {
		byte[] json = "[ { \"name\": \"WORD\", \"valueFrom\": \"word\" } ]".getBytes(StandardCharsets.UTF_8);
		String yaml = """
				ecs-secrets:
				  store: file
				  file.location: ${folder}/local.json
				  task-definition: base64:%s
				""";
		application(yaml.formatted(Base64.getEncoder().encodeToString(json))).run().close();
		assertThat(output).contains("1 fetched");
	}

	@Test
	void startWhenFileIsInArchiveWarns(CapturedOutput output) throws IOException {
		byte[] secrets = "{\"parameters\":{\"word\":\"canary\"}}".getBytes(StandardCharsets.UTF_8);
		Path archive = this.folder.resolve("application.jar");
		try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive))) {
			jar.putNextEntry(new JarEntry("packed.json"));
			jar.write(secrets);
		}
		Path classes = Files.createDirectory(this.folder.resolve("classes"));
		Path unpacked = Files.write(classes.resolve("unpacked.json"), secrets);
		Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rw-------"));
		String yaml = "ecs-secrets: { store: file, file.location: 'classpath:%s.json',"
				+ " secrets: [ { name: WORD, value-from: word } ] }";
		Thread thread = Thread.currentThread();
		ClassLoader classLoader = thread.getContextClassLoader();
		try (URLClassLoader classPath = new URLClassLoader(
				new URL[] { archive.toUri().toURL(), classes.toUri().toURL() }, classLoader)) {
			thread.setContextClassLoader(classPath);
			application(yaml.formatted("unpacked")).run().close();
			assertThat(output).contains("1 fetched").doesNotContain("WARN");
			application(yaml.formatted("packed")).run().close();
		}
		finally {
			thread.setContextClassLoader(classLoader);
		}
		assertThat(output).containsPattern("WARN .* packed.json is packaged in an archive, so anyone .*")
			.doesNotContain("canary");
	}

	@Test
	void startWhenEndpointIsNeitherHttpsNorLoopbackWarnsOnce(CapturedOutput output) throws IOException {
		System.setProperty("aws.accessKeyId", "key");
		System.setProperty("aws.secretAccessKey", "secret");
		aws.stubFor(post(anyUrl()).willReturn(aResponse().withTransformers("services")));
		String yaml = "ecs-secrets: { aws: { region: eu-west-1, endpoint: '%s' },"
				+ " secrets: [ { name: WORD, value-from: /fine } ] }";
		application(yaml.formatted(aws.baseUrl())).run().close();
		assertThat(output).contains("1 fetched").doesNotContain("WARN");
		System.setProperty("http.proxyHost", "localhost");
		System.setProperty("http.proxyPort", String.valueOf(aws.getPort()));
		try {
			application(yaml.formatted("http://aws.example")).run().close();
		}
		finally {
			System.clearProperty("http.proxyHost");
			System.clearProperty("http.proxyPort");
		}
		assertThat(output).containsOnlyOnce("ecs-secrets.aws.endpoint (http://aws.example) does not use TLS, ")
			.containsPattern("WARN .*ecs-secrets.aws.endpoint \\(http");
	}

	@Test
	void startWhenKeyIsUnknownAndNoneIsNearWarns(CapturedOutput output) throws IOException {
		application("ecs-secrets.something.else: 1").run().close();
		assertThat(output)
			.containsPattern("WARN .*'ecs-secrets.something' at .*application.yml.* is not a configuration key");
	}

	private String report(String yaml, CapturedOutput output) throws IOException {
		SpringApplicationBuilder application = application(yaml);
		restrictFiles();
		assertThat(catchThrowableOfType(SecretResolutionException.class, application::run)).isNotNull();
		String all = output.getAll();
		String report = all.substring(all.indexOf("Description:\n\n") + "Description:\n\n".length(),
				all.indexOf("\nAction:"));
		int warnings = (report + "\nWARNINGS\n").indexOf("\nWARNINGS\n");
		// Where lines are broken depends on the length of the folder's name.
		return (report.substring(0, warnings).replaceAll("\n {17}", " ")
				+ report.substring(warnings).replaceAll("\n {4}", " "))
			.replace(this.folder.toString(), "${folder}")
			.replace(documentation(), "${documentation.url}")
			.replace(aws.baseUrl(), "${aws}");
	}

	private void restrictFiles() throws IOException {
		try (Stream<Path> files = Files.list(this.folder)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
			}
		}
	}

	private static String documentation() throws IOException {
		try (InputStream address = SecretResolutionException.class.getResourceAsStream("documentation.txt")) {
			return new String(address.readAllBytes(), StandardCharsets.UTF_8).strip();
		}
	}

	private SpringApplicationBuilder application(String yaml) throws IOException {
		Path configuration = Files.writeString(this.folder.resolve("application.yml"),
				yaml.replace("${folder}", this.folder.toString()).replace("${aws}", aws.baseUrl()));
		ConfigurableEnvironment environment = new StandardEnvironment();
		String processEnvironment = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
		environment.getPropertySources()
			.replace(processEnvironment,
					new SystemEnvironmentPropertySource(processEnvironment, Map.of("EMPTY", "", "FULL", "canary")));
		Files.writeString(this.folder.resolve("no.json"), "{ canary");
		Files.writeString(this.folder.resolve("flat.json"), "{ \"WORD\": \"canary\" }");
		Files.writeString(this.folder.resolve("utf-16.json"), "{ \"WORD\": \"canary\" }", StandardCharsets.UTF_16);
		Files.writeString(this.folder.resolve("template.yml"), "Resources:\n  Task:\n    Type: canary\n");
		Files.writeString(this.folder.resolve("template.json"), """
				{ "AWSTemplateFormatVersion": "2010-09-09", "Resources": { "Task": {
				  "Type": "AWS::ECS::TaskDefinition", "Properties": { "ContainerDefinitions": [] } } } }
				""");
		Files.writeString(this.folder.resolve("task-definition.json"), """
				{ "containerDefinitions": [
				  { "name": "app", "secrets": [
				    { "name": "WORD", "valueFrom": "word" },
				    { "name": "OTHER", "valueFrom": "other" },
				    { "valueFrom": "word" },
				    { "name": "SPRING_PROFILES_ACTIVE", "valueFrom": "word" } ] },
				  { "name": "log-router", "secrets": [ { "name": "KEY", "valueFrom": "key" } ] },
				  { "name": "sidecar", "secrets": [] } ] }
				""");
		Files.writeString(this.folder.resolve("with-placeholders.json"), """
				{ "containerDefinitions": [ { "name": "app", "secrets": [
				  { "name": "USER", "valueFrom": "${db}:user::" },
				  { "name": "TOKEN", "valueFrom": "/app/${stage}/token" } ] } ] }
				""");
		Files.writeString(this.folder.resolve("unquoted-placeholder.json"), """
				{ "memory": ${memory}, "containerDefinitions": [
				  { "name": "app", "secrets": [ { "name": "WORD", "valueFrom": "word" } ] } ] }
				""");
		Files.writeString(this.folder.resolve("environment.json"), """
				{ "containerDefinitions": [
				  { "name": "app", "environment": [ { "name": "A", "valueFrom": "/a" } ], "secrets": null },
				  { "name": "log-router" } ] }
				""");
		Files.writeString(this.folder.resolve("capital.json"), """
				[ { "name": "app", "Secrets": [ { "name": "A", "valueFrom": "/a" } ] },
				  { "name": "web", "secrets": [ { "name": "B", "valueFrom": "/b" } ] } ]
				""");
		Files.writeString(this.folder.resolve("template-of-word.json"), """
				{ "memory": ${memory}, "containerDefinitions": [ { "name": "app", "cpu": ${cpu:256}, "secrets": [
				  { "name": "WORD", "valueFrom": "${word-name}" } ] } ] }
				""");
		Files.writeString(this.folder.resolve("local.json"), """
				{ "parameters": { "word": "canary" }, "secrets": { "text": "canary", "db": { "user": "canary" } } }
				""");
		return new SpringApplicationBuilder(Application.class).environment(environment)
			.web(WebApplicationType.NONE)
			.properties("spring.config.location=file:" + configuration);
	}

	/**
	 * Refuses, finds, does not find or does not answer for parameters, as their names
	 * say.
	 */
	private static final class Services implements ResponseDefinitionTransformerV2 {

		@Override
		public ResponseDefinition transform(ServeEvent event) {
			JsonNode request = new JsonMapper().readTree(event.getRequest().getBody());
			ObjectNode response = new JsonMapper().createObjectNode();
			response.putArray("Parameters");
			response.putArray("InvalidParameters");
			for (JsonNode name : request.path("Names")) {
				if (name.stringValue().startsWith("/denied")) {
					return error("AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/task/1 is not"
							+ " authorized to perform: ssm:GetParameters on resource: " + name.stringValue());
				}
				if (name.stringValue().startsWith("/silent")) {
					return aResponse().withFixedDelay(10_000).build();
				}
				if (name.stringValue().startsWith("/fine")) {
					response.withArray("Parameters").addObject().put("Name", name.stringValue()).put("Value", "canary");
				}
				else {
					response.withArray("InvalidParameters").add(name);
				}
			}
			return request.has("Names") ? jsonResponse(response.toString(), 200).build()
					: error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
		}

		private static ResponseDefinition error(String code, String message) {
			ResponseDefinitionBuilder response = jsonResponse(
					new JsonMapper().createObjectNode().put("__type", code).put("message", message).toString(), 400);
			return response.withHeader("x-amzn-RequestId", "1-2-3").build();
		}

		@Override
		public boolean applyGlobally() {
			return false;
		}

		@Override
		public String getName() {
			return "services";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
