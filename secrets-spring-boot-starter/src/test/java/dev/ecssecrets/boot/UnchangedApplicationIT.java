// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that has this library behaves as without it, whether it declares
 * nothing, or secrets that are injected or fetched.
 */
@TestInstance(Lifecycle.PER_CLASS)
class UnchangedApplicationIT {

	private static final String LIBRARY = "secrets-spring-boot-starter/target/(classes|secrets-)|secrets-core";

	private static final String TESTS = "wiremock|spring-boot-devtools";

	private static final String TOKEN = "token-1";

	private final Map<Run, Map<String, String>> facts = new EnumMap<>(Run.class);

	@BeforeAll
	void start(@TempDir Path folder) throws IOException {
		Files.createFile(Files.createDirectories(folder.resolve(TOKEN)).resolve("opened.txt"));
		Path secrets = Files.writeString(folder.resolve("secrets.json"),
				"{\"parameters\":{\"token\":\"" + TOKEN + "\"}}");
		Path configuration = Files.writeString(folder.resolve("application.yml"), """
				server.port: 0
				management.endpoints.web.exposure.include: "*"
				spring.datasource: { url: "jdbc:h2:mem:unchanged", username: "${TOKEN}" }
				bound.token: ${TOKEN}
				folder: %s
				""".formatted(folder));
		Path declarations = Files.writeString(folder.resolve("declarations.yml"), """
				ecs-secrets:
				  store: file
				  file.location: %s
				  secrets: [ { name: TOKEN, value-from: token } ]
				""".formatted(secrets));
		for (Run run : Run.values()) {
			String classPath = ChildProcess.classPathWithout((run == Run.WITHOUT) ? TESTS + "|" + LIBRARY : TESTS);
			String location = "--spring.config.location=file:" + configuration
					+ (run.declares ? ",file:" + declarations : "");
			ChildProcess application = ChildProcess.start(folder, UnchangedApplication.class, classPath,
					(run == Run.FETCHED) ? Map.of() : Map.of("TOKEN", TOKEN), List.of(location));
			Map<String, String> facts = new LinkedHashMap<>();
			application.output()
				.lines()
				.filter((line) -> line.startsWith("FACT "))
				.forEach((line) -> facts.put(line.substring(5, line.indexOf('=')),
						line.substring(line.indexOf('=') + 1)));
			assertThat(facts).as(application.output()).isNotEmpty();
			this.facts.put(run, facts);
		}
	}

	static Stream<Arguments> facts() {
		return Stream.of(Run.NOTHING, Run.INJECTED, Run.FETCHED)
			.flatMap((run) -> Stream
				.of("bean-of-the-application", "cache-manager", "conversion-service", "conversions", "data-source",
						"dependency-comparator", "evaluations", "expression-of-scope", "expression-resolver",
						"open-files", "profiles", "resolver", "scopes", "threads", "token", "type-converter",
						"user-of-pool")
				.map((fact) -> Arguments.of(run, fact)));
	}

	@ParameterizedTest
	@MethodSource("facts")
	void factIsAsWithoutLibrary(Run run, String fact) {
		assertThat(fact(run, fact)).isEqualTo(fact(Run.WITHOUT, fact));
	}

	@Test
	void applicationDoesWhatIsCounted() {
		assertThat(fact(Run.WITHOUT, "evaluations")).isEqualTo("2");
		assertThat(fact(Run.WITHOUT, "conversions")).isEqualTo("1");
		assertThat(fact(Run.WITHOUT, "open-files")).isEqualTo("1");
		assertThat(fact(Run.WITHOUT, "expression-of-scope")).isEqualTo("the conversation of " + TOKEN);
		assertThat(fact(Run.WITHOUT, "token")).isEqualTo("7 7");
		assertThat(facts().map((fact) -> fact.get()[1])).containsAll(this.facts.get(Run.WITHOUT)
			.keySet()
			.stream()
			.filter((fact) -> !fact.matches("beans|endpoints|sources"))
			.toList());
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WITHOUT")
	void beansOfLibraryHaveItsName(Run run) {
		assertThat(set(run, "beans")).containsAll(set(Run.WITHOUT, "beans"));
		assertThat(added(run, "beans")).allMatch((bean) -> bean.startsWith("ecsSecrets")
				|| bean.startsWith("ecs-secrets.") || bean.startsWith("dev.ecssecrets."));
		if (run == Run.NOTHING) {
			assertThat(added(run, "beans")).containsExactly("ecsSecretsLiveSecretBindHandlerAdvisor");
		}
		else {
			assertThat(added(run, "beans")).contains("ecsSecrets");
		}
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WITHOUT")
	void endpointsAreThoseWithoutLibraryAndItsOwn(Run run) {
		assertThat(set(run, "endpoints")).containsAll(set(Run.WITHOUT, "endpoints"));
		assertThat(added(run, "endpoints")).isEqualTo((run == Run.NOTHING) ? Set.of() : Set.of("ecssecrets"));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WITHOUT")
	void propertySourceWhenSecretsAreFetchedIsAdded(Run run) {
		assertThat(added(run, "sources")).filteredOn((source) -> !source.contains("declarations.yml"))
			.containsExactlyElementsOf((run == Run.FETCHED) ? Set.of(SecretsPropertySource.NAME) : Set.of());
	}

	private String fact(Run run, String name) {
		return this.facts.get(run).get(name);
	}

	private Set<String> set(Run run, String fact) {
		String list = fact(run, fact);
		return StringUtils.commaDelimitedListToSet(list.substring(1, list.length() - 1).replace(", ", ","));
	}

	private Set<String> added(Run run, String fact) {
		Set<String> added = new HashSet<>(set(run, fact));
		added.removeAll(set(Run.WITHOUT, fact));
		return added;
	}

	private enum Run {

		WITHOUT(false), NOTHING(false), INJECTED(true), FETCHED(true);

		private final boolean declares;

		Run(boolean declares) {
			this.declares = declares;
		}

	}

}
