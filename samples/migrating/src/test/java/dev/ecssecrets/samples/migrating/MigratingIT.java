// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts the application in the ways that {@code docs/migrating.md} migrates from, and as
 * it does after. It sees the same values.
 */
class MigratingIT {

	private static final Map<String, String> VALUES = Map.of("app.feature-token", "t0ken = $1 \"or\" \\2",
			"db.username", "app", "db.password", "s3cret, 'with' spaces ");

	// Half the start time, of which there is more than run time here.
	private static final String FAST = "-XX:TieredStopAtLevel=1";

	@TempDir
	private Path folder;

	private LocalStack localStack;

	private Aws aws;

	@BeforeEach
	void putValues() {
		this.localStack = LocalStack.get();
		this.localStack.putParameter("/app/feature-token", VALUES.get("app.feature-token"));
		this.localStack.putSecret("db", """
				{ "username": "app", "password": "s3cret, 'with' spaces " }
				""");
		this.aws = new Aws(this.localStack);
	}

	@AfterEach
	void closeAws() {
		this.aws.close();
	}

	@Test
	void startWhenByEntrypointScriptSeesValues() throws Exception {
		List<String> command = new ArrayList<>(List.of("sh", "entrypoint.sh", "java", FAST, "-cp",
				classPath((entry) -> !isEcsSecrets(entry) && !isSpringCloudAws(entry)),
				MigratingApplication.class.getName()));
		assertThat(values(command, EntrypointScript.variables(this.localStack, this.aws, this.folder)))
			.isEqualTo(VALUES);
		assertThat(this.aws.actions()).containsExactly("secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue",
				"ssm:GetParameter");
	}

	@Test
	void startWhenWithSpringCloudAwsSeesValues() throws Exception {
		List<String> command = new ArrayList<>(List.of(java(), FAST, "-cp", classPath((entry) -> !isEcsSecrets(entry)),
				MigratingApplication.class.getName(), "--spring.config.location=file:spring-cloud-aws.yml"));
		keys().forEach((key, value) -> command.add("--" + key + "=" + value));
		assertThat(values(command, profile())).isEqualTo(VALUES);
		assertThat(this.aws.actions()).containsExactly("secretsmanager:GetSecretValue", "ssm:GetParametersByPath");
	}

	@Test
	void startWhenWithEcsSecretsSeesValues() throws Exception {
		String jar = System.getProperty("migrating.jar");
		try (JarFile file = new JarFile(jar)) {
			assertThat(file.stream().map(Object::toString)).anyMatch(MigratingIT::isEcsSecrets)
				.noneMatch(MigratingIT::isSpringCloudAws);
		}
		List<String> command = new ArrayList<>(List.of(java(), FAST, "-jar", jar));
		Map<String, String> after = MigratingDocument.keys();
		assertThat(after).containsOnlyKeys(keys().keySet());
		keys().forEach((key, value) -> command.add("--" + after.get(key) + "=" + value));
		assertThat(values(command, profile())).isEqualTo(VALUES);
		assertThat(this.aws.actions()).containsExactly("secretsmanager:GetSecretValue", "ssm:GetParameters");
	}

	private Map<String, String> keys() {
		return Map.of("spring.cloud.aws.region.static", this.localStack.region(), "spring.cloud.aws.endpoint",
				this.aws.endpoint(), "spring.cloud.aws.credentials.profile.name", "migrating");
	}

	private Map<String, String> profile() throws Exception {
		Path credentials = Files.writeString(this.folder.resolve("credentials"), """
				[migrating]
				aws_access_key_id = %s
				aws_secret_access_key = %s
				""".formatted(this.localStack.accessKeyId(), this.localStack.secretAccessKey()));
		return Map.of("AWS_CONFIG_FILE", this.folder.resolve("config").toString(), "AWS_SHARED_CREDENTIALS_FILE",
				credentials.toString());
	}

	private static Map<String, String> values(List<String> command, Map<String, String> variables) throws Exception {
		command.addAll(VALUES.keySet());
		ChildProcess child = ChildProcess.run(command, variables);
		assertThat(child.exitCode()).as(child.output()).isZero();
		return Pattern.compile("(?s)([a-z.-]+)=<(.*?)>\n")
			.matcher(child.output())
			.results()
			.collect(Collectors.toMap((result) -> result.group(1), (result) -> result.group(2)));
	}

	private static String java() {
		return Path.of(System.getProperty("java.home"), "bin", "java").toString();
	}

	private static String classPath(Predicate<String> filter) {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter(filter)
			.collect(Collectors.joining(File.pathSeparator));
	}

	private static boolean isEcsSecrets(String entry) {
		return fileName(entry).matches("secrets-(core|spring-boot-starter)-.+");
	}

	private static boolean isSpringCloudAws(String entry) {
		return fileName(entry).startsWith("spring-cloud-aws-");
	}

	private static String fileName(String entry) {
		return Path.of(entry).getFileName().toString();
	}

}
