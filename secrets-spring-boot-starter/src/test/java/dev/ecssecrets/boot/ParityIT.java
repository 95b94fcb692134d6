// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application sees of a fetched secret what it sees of an environment variable: it is
 * started twice, once with real variables, once with the same values fetched.
 */
class ParityIT {

	private static final Map<String, String> VALUES = Map.ofEntries(Map.entry("TEST_TEXT", "hello"),
			Map.entry("TEST_NUMBER", "5432"), Map.entry("TEST_DURATION", "10s"), Map.entry("TEST_LIST_0", "first"),
			Map.entry("TEST_LIST_1", "second"), Map.entry("TEST_COMMAS", "a,b,c"),
			Map.entry("TEST_NESTED_0_NAME", "one"), Map.entry("TEST_NESTED_0_ROLES_0", "admin"),
			Map.entry("TEST_NESTED_0_ROLES_1", "user"), Map.entry("TEST_NESTED_1_NAME", "two"),
			Map.entry("TEST_MAP_A", "1"), Map.entry("TEST_MAP_B_C", "2"),
			Map.entry("TEST_DASHEDNAME", "dashes left out"),
			Map.entry("TEST_OTHER_DASHED_NAME", "dashes as underscores"), Map.entry("TEST_EMPTY", ""),
			Map.entry("TEST_SPACES", "  both ends  "), Map.entry("TEST_LINES", "one\ntwo\n"),
			Map.entry("TEST_EMOJI", "wasshoi \uD83C\uDFEE ü"), Map.entry("TEST_REFERENCE", "<${TEST_TEXT}>"),
			Map.entry("TEST_UNRESOLVABLE", "<${NO_SUCH_THING}>"), Map.entry("TEST_EXPRESSION", "#{1 + 1}"),
			Map.entry("TEST_IN_PROFILE", "from the secret"), Map.entry("TEST_ON_COMMAND_LINE", "from the secret"),
			Map.entry("TEST_IN_SYSTEM_PROPERTIES", "from the secret"), Map.entry("strict_known", "known"),
			Map.entry("STRICT_UNKNOWN", "unknown"), Map.entry("lower_case", "lower"), Map.entry("MixedCase", "mixed"),
			Map.entry("with.dots", "dots"), Map.entry("LOGGING_LEVEL_PARITY", "DEBUG"),
			Map.entry("SPRING_MAIN_LAZY_INITIALIZATION", "true"), Map.entry("SPRING_MAIN_BANNER_MODE", "off"),
			Map.entry("MY_TEST_TEXT", "with a prefix"));

	private static final String RECORD = "TestRecord[text=hello, number=5432, duration=PT10S, list=[first, second], commas=[a, b, c], "
			+ "nested=[Nested[name=one, roles=[admin, user]], Nested[name=two, roles=null]], map={a=1, b.c=2}, "
			+ "dashedName=dashes left out, otherDashedName=dashes as underscores, empty=, spaces=  both ends  , "
			+ "lines=one\\ntwo\\n, emoji=wasshoi \uD83C\uDFEE ü, reference=<hello>, inProfile=from the secret, "
			+ "onCommandLine=from the command line, inSystemProperties=from the system property]";

	@TempDir
	private Path folder;

	@Test
	void fetchedSecretsAreSeenAsEnvironmentVariables() throws IOException {
		Map<String, String> variables = start(VALUES);
		Map<String, String> fetched = start(Map.of());
		assertThat(variables).containsEntry("record", RECORD)
			.containsEntry("bean", "hello[first, second]")
			.containsEntry("strict", "known")
			.containsEntry("@Value other", "jdbc:hello:5432")
			.containsEntry("@Value expression", "2")
			.containsEntry("logging level", "true")
			.containsEntry("lazy initialization", "true")
			.containsEntry("getProperty TEST_UNRESOLVABLE", "PlaceholderResolutionException");
		assertThat(variables.remove("System.getenv")).isEqualTo("hello");
		assertThat(fetched.remove("System.getenv")).isEqualTo("null");
		assertThat(fetched).isEqualTo(variables);
	}

	@Test
	void fetchedSecretsWhenThereIsAPrefixAreSeenAsEnvironmentVariables() throws IOException {
		Map<String, String> variables = start(VALUES, "--prefix=my");
		Map<String, String> fetched = start(Map.of(), "--prefix=my");
		assertThat(variables).containsEntry("getProperty test.text", "with a prefix");
		assertThat(variables.get("record")).contains("text=with a prefix");
		variables.remove("System.getenv");
		fetched.remove("System.getenv");
		assertThat(fetched).isEqualTo(variables);
	}

	/**
	 * What was injected is outdated here, and stands below what is fetched.
	 */
	@Test
	void fetchedSecretsWhenTheyOverrideInjectedOnesAreSeenAsEnvironmentVariables() throws IOException {
		Map<String, String> variables = start(VALUES);
		Map<String, String> outdated = new HashMap<>(VALUES);
		outdated.replaceAll((name, value) -> "0");
		outdated.keySet().removeIf((name) -> name.startsWith("TEST_LIST") || name.startsWith("SPRING"));
		Map<String, String> fetched = start(outdated, "--ecs-secrets.refresh.override-injected=true");
		variables.remove("System.getenv");
		assertThat(fetched.remove("System.getenv")).isEqualTo("0");
		assertThat(fetched).isEqualTo(variables);
	}

	private Map<String, String> start(Map<String, String> variables, String... args) throws IOException {
		ObjectNode secrets = new JsonMapper().createObjectNode();
		StringBuilder yaml = new StringBuilder("""
				spring.profiles.active: p
				other.property: "jdbc:${TEST_TEXT}:${TEST_NUMBER}"
				test.text: from the file
				ecs-secrets:
				  store: file
				  file.location: %s
				  secrets:
				""".formatted(this.folder.resolve("secrets.json")));
		new TreeMap<>(VALUES).forEach((name, value) -> {
			secrets.withObject("/parameters").put("/parity/" + name, value);
			yaml.append("  - { name: ").append(name).append(", value-from: /parity/").append(name).append(" }\n");
		});
		Files.writeString(this.folder.resolve("secrets.json"), secrets.toString());
		Files.writeString(this.folder.resolve("application.yml"), yaml);
		Files.writeString(this.folder.resolve("application-p.yml"), "test.in-profile: from the profile's file");
		ChildProcess child = ChildProcess.start(this.folder, Application.class, ChildProcess.CLASS_PATH, variables,
				Stream.concat(Stream.of("--spring.config.location=" + this.folder + "/",
						"--test.on-command-line=from the command line"), Stream.of(args))
					.toList());
		assertThat(child.output())
			.contains(variables.equals(VALUES) ? "0 fetched" : "Secrets: 0 injected, " + VALUES.size() + " fetched");
		return child.output()
			.lines()
			.filter((line) -> line.startsWith("ROW "))
			.map((line) -> line.substring(4).split(" -> ", 2))
			.collect(Collectors.toMap((row) -> row[0], (row) -> row[1], (first, second) -> second, LinkedHashMap::new));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties({ TestRecord.class, TestBean.class, Strict.class })
	static class Application {

		@Value("${TEST_TEXT}")
		String text;

		@Value("${test.text}")
		String propertyText;

		@Value("${TEST_NUMBER}")
		int number;

		@Value("${TEST_LIST_0},${TEST_LIST_1}")
		List<String> list;

		@Value("${TEST_REFERENCE}")
		String reference;

		@Value("${TEST_EXPRESSION}")
		String expression;

		@Value("${other.property}")
		String other;

		public static void main(String[] args) {
			System.setProperty("test.in-system-properties", "from the system property");
			SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class)
				.web(WebApplicationType.NONE);
			if (List.of(args).contains("--prefix=my")) {
				builder.application().setEnvironmentPrefix("my");
			}
			try (ConfigurableApplicationContext context = builder.run(args)) {
				Environment environment = context.getEnvironment();
				VALUES.keySet().stream().sorted().forEach((name) -> {
					row("getProperty " + name, () -> environment.getProperty(name));
					String property = name.toLowerCase(java.util.Locale.ROOT).replace('_', '.');
					row("getProperty " + property, () -> environment.getProperty(property));
				});
				row("getProperty int", () -> environment.getProperty("TEST_NUMBER", Integer.class));
				row("getProperty test.in-profile", () -> environment.getProperty("test.in-profile"));
				row("getProperty test.on-command-line", () -> environment.getProperty("test.on-command-line"));
				row("getProperty test.in-system-properties",
						() -> environment.getProperty("test.in-system-properties"));
				row("resolvePlaceholders",
						() -> environment.resolvePlaceholders("${test.list[1]} ${TEST_MAP_A} ${NO}"));
				row("record", () -> context.getBean(TestRecord.class));
				row("bean", () -> context.getBean(TestBean.class).text + context.getBean(TestBean.class).list);
				row("strict", () -> context.getBean(Strict.class).known());
				Application application = context.getBean(Application.class);
				row("@Value text", () -> application.text + "|" + application.propertyText);
				row("@Value number", () -> application.number);
				row("@Value list", () -> application.list);
				row("@Value reference", () -> application.reference);
				row("@Value expression", () -> application.expression);
				row("@Value other", () -> application.other);
				row("logging level", () -> LoggerFactory.getLogger("parity").isDebugEnabled());
				row("lazy initialization",
						() -> context.getBeanFactory()
							.getBeanDefinition(context.getBeanNamesForType(Application.class)[0])
							.isLazyInit());
				row("System.getenv", () -> System.getenv("TEST_TEXT"));
			}
		}

		private static void row(String label, Supplier<?> expression) {
			String value;
			try {
				value = String.valueOf(expression.get());
			}
			catch (RuntimeException ex) {
				value = ex.getClass().getSimpleName();
			}
			System.out.println("ROW " + label + " -> " + value.replace("\n", "\\n"));
		}

	}

	@ConfigurationProperties("test")
	record TestRecord(String text, int number, java.time.Duration duration, List<String> list, List<String> commas,
			List<Nested> nested, SortedMap<String, String> map, String dashedName, String otherDashedName, String empty,
			String spaces, String lines, String emoji, String reference, String inProfile, String onCommandLine,
			String inSystemProperties) {

		record Nested(String name, List<String> roles) {

		}

	}

	@ConfigurationProperties("test")
	static class TestBean {

		private String text = "";

		private List<String> list = List.of();

		public void setText(String text) {
			this.text = text;
		}

		public void setList(List<String> list) {
			this.list = list;
		}

	}

	@ConfigurationProperties(prefix = "strict", ignoreUnknownFields = false)
	record Strict(String known) {

	}

}
