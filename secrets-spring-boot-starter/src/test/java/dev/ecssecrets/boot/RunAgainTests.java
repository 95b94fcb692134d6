// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The post-processor runs more than once in one process, and each run stands for itself.
 */
@ExtendWith(OutputCaptureExtension.class)
class RunAgainTests {

	@TempDir
	private Path folder;

	@BeforeEach
	void writeFirstValue() throws IOException {
		write("{\"parameters\":{\"word\":\"first\"}}");
	}

	@Test
	void parentAndChildContextsBothSeeSecrets() {
		try (ConfigurableApplicationContext child = new SpringApplicationBuilder(Empty.class)
			.web(WebApplicationType.NONE)
			.properties(properties())
			.child(Empty.class)
			.web(WebApplicationType.NONE)
			.run()) {
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("first");
			assertThat(child.getParent()).isNotNull();
			assertThat(child.getParent().getEnvironment().getProperty("WORD")).isEqualTo("first");
		}
	}

	@Test
	void endpointOfChildIsOfItsOwnSecrets() throws Exception {
		write("{\"parameters\":{\"word\":\"first\",\"other-word\":\"first\"}}");
		try (ConfigurableApplicationContext parent = new SpringApplicationBuilder(Web.class)
			.web(WebApplicationType.NONE)
			.properties(properties())
			.properties("management.endpoints.web.exposure.include=*")
			.run();
				ConfigurableApplicationContext child = new SpringApplicationBuilder(Web.class).properties(properties())
					.properties("server.port=0", "management.endpoints.web.exposure.include=*",
							"ecs-secrets.secrets[0].name=OTHER_WORD", "ecs-secrets.secrets[0].value-from=other-word")
					.parent(parent)
					.run()) {
			assertThat(parent.getBean(Secrets.class).current().value("WORD").reveal()).isEqualTo("first");
			assertThat(get(child, "ecssecrets")).contains("\"name\":\"OTHER_WORD\"");
		}
	}

	private String get(ConfigurableApplicationContext context, String path) throws Exception {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path))
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
	}

	@Test
	void legacyBootstrapContextFetchesNothingOfItsOwn(CapturedOutput output) {
		try (ConfigurableApplicationContext context = application().run("--spring.cloud.bootstrap.enabled=true")) {
			assertThat(context.getParent()).isNotNull();
			assertThat(context.getParent().getId()).isEqualTo("bootstrap");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
			assertThat(output.getAll().split("Secrets: 0 injected, 1 fetched", -1)).hasSize(2);
		}
	}

	@Test
	void actuatorRefreshTakesNewValuesOrChangesNothing() throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Web.class).properties(properties())
			.properties("server.port=0", "management.endpoints.web.exposure.include=refresh",
					"ecs-secrets.refresh.min-interval=0")
			.run()) {
			write("{\"parameters\":{\"word\":\"second\"}}");
			HttpResponse<String> refreshed = refresh(context);
			assertThat(refreshed.statusCode()).isEqualTo(200);
			assertThat(refreshed.body()).contains("\"WORD\"");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
			write("{\"parameters\":{}}");
			assertThat(refresh(context).statusCode()).isEqualTo(500);
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
		}
	}

	private HttpResponse<String> refresh(ConfigurableApplicationContext context) throws Exception {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/refresh"))
			.POST(BodyPublishers.noBody())
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
	}

	private SpringApplicationBuilder application() {
		return new SpringApplicationBuilder(Empty.class).web(WebApplicationType.NONE).properties(properties());
	}

	private Map<String, Object> properties() {
		return Map.of("ecs-secrets.store", "file", "ecs-secrets.file.location",
				this.folder.resolve("secrets.json").toString(), "ecs-secrets.secrets[0].name", "WORD",
				"ecs-secrets.secrets[0].value-from", "word");
	}

	private void write(String json) throws IOException {
		Files.writeString(this.folder.resolve("secrets.json"), json);
	}

	/**
	 * Contexts of one JVM, each with its own value of the same secret.
	 */
	abstract static class Contexts {

		@Value("${WORD}")
		private String word;

		abstract String expected();

		@Test
		void secretIsThatOfTheContext() {
			assertThat(this.word).isEqualTo(expected());
		}

	}

	@Nested
	@SpringBootTest(classes = Empty.class, webEnvironment = WebEnvironment.NONE,
			properties = { "ecs-secrets.store=file", "ecs-secrets.file.location=classpath:contexts/one.json",
					"ecs-secrets.secrets[0].name=WORD", "ecs-secrets.secrets[0].value-from=word" })
	class OneContextTests extends Contexts {

		@Override
		String expected() {
			return "one";
		}

	}

	@Nested
	@SpringBootTest(classes = Empty.class, webEnvironment = WebEnvironment.NONE,
			properties = { "ecs-secrets.store=file", "ecs-secrets.file.location=classpath:contexts/two.json",
					"ecs-secrets.secrets[0].name=WORD", "ecs-secrets.secrets[0].value-from=word" })
	class OtherContextTests extends Contexts {

		@Override
		String expected() {
			return "two";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Empty {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Web {

	}

}
