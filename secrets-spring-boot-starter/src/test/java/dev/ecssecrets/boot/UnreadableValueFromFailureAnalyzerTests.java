// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link UnreadableValueFromFailureAnalyzer}. Those that need a process of
 * their own are in {@link UnreadableValueFromFailureAnalyzerIT}.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnreadableValueFromFailureAnalyzerTests {

	private static final String LOCATION = "spring.config.location";

	private static final String ADDITIONAL = "spring.config.additional-location";

	private static final String ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:password::";

	static final String UNQUOTED = """
			ecs-secrets:
			  secrets:
			    - name: DB_PASSWORD
			      value-from: %s
			other: canary
			""".formatted(ARN);

	static final String REPORT = """
			***************************
			APPLICATION FAILED TO START
			***************************

			Description:

			YAML cannot read the value-from in line 4 of %%s:
			it ends in a colon and is not in quotes. It should be:

			    value-from: "%s"

			Action:

			Put the value-from in quotes. Without quotes, YAML reads a colon before white space as the end of a key.
			""".formatted(ARN);

	@TempDir
	private Path folder;

	@AfterEach
	void clearLocations() {
		System.clearProperty(LOCATION);
		System.clearProperty(ADDITIONAL);
		System.clearProperty("spring.config.name");
	}

	@Test
	void startWhenLocationIsFileNamesFileAndLine(CapturedOutput output) throws IOException {
		Path file = write("any.yml", UNQUOTED);
		System.setProperty(LOCATION, "optional:file:" + file);
		assertThat(report(output)).isEqualTo(REPORT.formatted(file));
	}

	@Test
	void startWhenLocationIsFolderNamesFileOfProfile(CapturedOutput output) throws IOException {
		write("application.yml", UNQUOTED.replace(ARN, "word"));
		Path file = write("application-dev.yaml", "\ufeff" + UNQUOTED.replace("\n", "\r\n"));
		System.setProperty(LOCATION, "optional:classpath:/;" + this.folder + "/");
		assertThat(report(output, "--spring.profiles.active=dev")).isEqualTo(REPORT.formatted(file));
	}

	@Test
	void startWhenAdditionalLocationHasWildcardNamesFileInFolder(CapturedOutput output) throws IOException {
		Path file = write("mounted/one/shop.yml", UNQUOTED);
		write("mounted/two/shop.yml", UNQUOTED.replace(ARN, "word"));
		System.setProperty("spring.config.name", "shop");
		System.setProperty(ADDITIONAL, this.folder + "/mounted/*/");
		assertThat(report(output)).isEqualTo(REPORT.formatted(file));
	}

	@Test
	void startWhenFileIsLongNamesLineAtEveryPlaceOfSnakeYamlsBuffer(CapturedOutput output) throws IOException {
		for (int length = 800; length < 1100; length += 7) {
			String yaml = "# " + "x".repeat(length) + "\n" + UNQUOTED;
			Path file = write("long.yml", yaml);
			System.setProperty(LOCATION, "file:" + file);
			assertThat(report(output)).as("%d", length).isEqualTo(REPORT.formatted(file).replace("line 4", "line 5"));
		}
	}

	@Test
	void startWhenFileIsOnClassPathNamesResource(CapturedOutput output) throws IOException {
		write("classes/application.yml", UNQUOTED);
		assertThat(reportOnClassPath(output, List.of("classes")))
			.isEqualTo(REPORT.formatted("class path resource [application.yml]"));
	}

	@Test
	void startWhenFileOfProfileIsInConfigOfClassPathNamesResource(CapturedOutput output) throws IOException {
		write("classes/config/application-test.yml", UNQUOTED);
		assertThat(reportOnClassPath(output, List.of("classes"), "--spring.profiles.active=test"))
			.isEqualTo(REPORT.formatted("class path resource [config/application-test.yml]"));
	}

	@Test
	void startWhenSeveralResourcesHaveSameNameConsidersTheFirst(CapturedOutput output) throws IOException {
		write("first/application.yml", UNQUOTED);
		write("second/application.yml", UNQUOTED);
		assertThat(reportOnClassPath(output, List.of("first", "second")))
			.isEqualTo(REPORT.formatted("class path resource [application.yml]"));
	}

	@Test
	void startWhenFileIsInArchiveNamesResource(CapturedOutput output) throws IOException {
		try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(this.folder.resolve("app.jar")))) {
			jar.putNextEntry(new JarEntry("config/"));
			jar.putNextEntry(new JarEntry("config/application.yml"));
			jar.write(UNQUOTED.getBytes(UTF_8));
		}
		assertThat(reportOnClassPath(output, List.of("app.jar")))
			.isEqualTo(REPORT.formatted("class path resource [config/application.yml]"));
	}

	@Test
	void startWhenNoFileOrSeveralHaveTheLineNamesTheLineOnly(CapturedOutput output) throws IOException {
		Path file = write("hidden/any.yml", UNQUOTED);
		assertThat(report(output, "--spring.config.location=file:" + file)).isEqualTo(REPORT.formatted("a YAML file"));
		write("application-a.yml", UNQUOTED);
		write("application-b.yml", UNQUOTED);
		System.setProperty(ADDITIONAL, this.folder + "/");
		assertThat(report(output, "--spring.profiles.active=a")).isEqualTo(REPORT.formatted("a YAML file"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
			- value-from: ARN | value-from: "ARN" | ends in a colon
			-   "valueFrom" :  ARN  # canary | "valueFrom": "ARN" | ends in a colon
			- { name: A, value-from: ARN } | value-from: "ARN" | ends in a colon
			- { name: A, 'value-from': ARN, optional: canary } | 'value-from': "ARN" | ends in a colon
			- [ { valueFrom: ARN}, { name: canary } ] | valueFrom: "ARN" | ends in a colon
			- { value-from: /a, x: { valueFrom: ARN } } | valueFrom: "ARN" | ends in a colon
			- {"name":"canary","valueFrom":ARN} | "valueFrom": "ARN" | ends in a colon
			- a.secrets[0].value-from: ARN | a.secrets[0].value-from: "ARN" | ends in a colon
			- value-from: ${DB:x,y}:password:: | value-from: "${DB:x,y}:password::" | ends in a colon
			- value-from: ${A:${B}}:password:: | value-from: "${A:${B}}:password::" | ends in a colon
			- { value-from: ${DB}:password:: } | value-from: "${DB}:password::" | has a brace
			- { value-from: ${DB}, name: canary } | value-from: "${DB}" | has a brace
			- value-from: {{ db }}:password:: | value-from: "{{ db }}:password::" | ends in a colon
			- value-from: @db@ | value-from: "@db@" | starts with a character
			- value-from: `db` | value-from: "`db`" | starts with a character
			- value-from: %db% # canary | value-from: "%db%" | starts with a character
			- value-from: "ARN | value-from: "ARN" | quotation marks
			- value-from: 'ARN # canary | value-from: "ARN" | quotation marks
			- value-from: "arn:secret:db":password:: | value-from: "arn:secret:db:password::" | quotation marks
			- value-from:\t/app/x | value-from: "/app/x" | a tab before it
			- value-from: \tARN | value-from: "ARN" | a tab before it
			""")
	void startWhenQuotesHelpShowsCorrectedEntry(String line, String corrected, String flaw, CapturedOutput output)
			throws IOException {
		Path file = write("any.yml", "s:\n" + line.replace("ARN", ARN).replace("\\t", "\t") + "\n");
		System.setProperty(LOCATION, "file:" + file);
		String report = report(output);
		assertThat(report).contains("in line 2 of " + file)
			.contains(flaw)
			.contains("It should be:\n\n    " + corrected.replace("ARN", ARN)
					+ "\n\nAction:\n\nPut the value-from in quotes.")
			.doesNotContain("canary");
		// What is shown is what YAML reads.
		write("any.yml", "s:\n- " + corrected.replace("ARN", ARN) + "\n");
		run().close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "other: a: b", "name: A value-from: x", "value-from: /a optional: true",
			"value-from: *alias", "value-from: !Sub x", "value-from: > x", "value-from: [x", "value-from: \"x\\q\"",
			"value-from: \"a\nb: \"c\"", "value-from: x\n    value-from: y", "\tvalue-from: x",
			"{ \"password\": \"canary\"\n  \"value-from\": \"x\" }", "{ value-from: \"x::\", other: a:: }",
			"password: \"canary\n  value-from: \"x::\"", "value-from: a\\b::", "value-from: it's::", "value: " + ARN,
			"value-from: \"a b" })
	void startWhenQuotesDoNotHelpStaysAsItIs(String lines, CapturedOutput output) throws IOException {
		Path file = write("any.yml", "s:\n- x: y\n  " + lines + "\n");
		System.setProperty(LOCATION, "file:" + file);
		assertThatException().isThrownBy(this::run);
		assertThat(output).doesNotContain("value-from in").contains("org.yaml.snakeyaml");
	}

	private String reportOnClassPath(CapturedOutput output, List<String> classPath, String... args) throws IOException {
		List<URL> urls = new ArrayList<>();
		for (String entry : classPath) {
			urls.add(this.folder.resolve(entry).toUri().toURL());
		}
		Thread thread = Thread.currentThread();
		ClassLoader classLoader = thread.getContextClassLoader();
		try (URLClassLoader added = new URLClassLoader(urls.toArray(URL[]::new), classLoader)) {
			thread.setContextClassLoader(added);
			return report(output, args);
		}
		finally {
			thread.setContextClassLoader(classLoader);
		}
	}

	private String report(CapturedOutput output, String... args) {
		int start = output.getAll().length();
		assertThatException().isThrownBy(() -> run(args));
		return reportIn(output.getAll().substring(start));
	}

	static String reportIn(String output) {
		assertThat(output).contains("***\nAPPLICATION FAILED").doesNotContain("canary", "org.yaml.snakeyaml");
		return output.substring(output.indexOf("***********")).stripTrailing() + "\n";
	}

	private ConfigurableApplicationContext run(String... args) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE).run(args);
	}

	private Path write(String name, String yaml) throws IOException {
		Path file = this.folder.resolve(name);
		Files.createDirectories(file.getParent());
		return Files.writeString(file, yaml);
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
