// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.compatibility;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.ecssecrets.compatibility.CompatibilityApplication.Mail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What users notice first, with the published artifacts and one version of Spring Boot.
 */
@ExtendWith(OutputCaptureExtension.class)
class CompatibilityTests {

	private static final String[] DECLARATIONS = { "--server.port=0", "--ecs-secrets.store=file",
			"--ecs-secrets.secrets[0].name=MAIL_TOKEN", "--ecs-secrets.secrets[0].value-from=/mail/token",
			"--ecs-secrets.secrets[1].name=DB_PASSWORD", "--ecs-secrets.secrets[1].value-from=/db/password",
			"--mail.user=postmaster", "--mail.token=${MAIL_TOKEN}", "--ecs-secrets.refresh.min-interval=0s",
			"--ecs-secrets.refresh.interval=1h", "--spring.datasource.username=app",
			"--spring.datasource.password=${DB_PASSWORD}", "--management.endpoints.web.exposure.include=ecssecrets" };

	@TempDir
	private Path folder;

	@Test
	void versionIsTheOneThatIsTested() {
		assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("spring-boot.version"));
	}

	@Test
	void applicationFollowsItsSecrets() throws Exception {
		Path file = write("first-canary", "one-canary");
		String url = "jdbc:h2:mem:compatibility";
		try (Connection admin = DriverManager.getConnection(url, "admin", "admin");
				Statement statement = admin.createStatement()) {
			statement.execute("create user app password 'one-canary' admin");
			try (ConfigurableApplicationContext context = run(file, "--spring.datasource.url=" + url)) {
				assertThat(context.getBean(Mail.class).token().get()).isEqualTo("first-canary");
				assertThat(user(context)).isEqualTo("APP");
				write("second-canary", "two-canary");
				statement.execute("alter user app set password 'two-canary'");
				context.getBean(ContextRefresher.class).refresh();
				assertThat(context.getBean(Mail.class).token().get()).isEqualTo("second-canary");
				assertThat(user(context)).isEqualTo("APP");
				assertThat(endpoint(context)).contains("MAIL_TOKEN", "/mail/token").doesNotContain("canary");
			}
		}
	}

	@Test
	void applicationWhenSecretIsMissingReportsIt(CapturedOutput output) throws Exception {
		Path file = this.folder.resolve("secrets.json");
		Files.writeString(file, "{\"parameters\": {}}");
		assertThatException().isThrownBy(() -> run(file));
		assertThat(output).contains("APPLICATION FAILED TO START", "MAIL_TOKEN", "DB_PASSWORD", "Action:");
	}

	private Path write(String token, String password) throws Exception {
		return Files.writeString(this.folder.resolve("secrets.json"),
				"{\"parameters\": {\"/mail/token\": \"" + token + "\", \"/db/password\": \"" + password + "\"}}");
	}

	private static ConfigurableApplicationContext run(Path file, String... args) {
		return SpringApplication.run(CompatibilityApplication.class,
				Stream.of(DECLARATIONS, args, new String[] { "--ecs-secrets.file.location=" + file })
					.flatMap(Stream::of)
					.toArray(String[]::new));
	}

	private static String user(ConfigurableApplicationContext context) throws Exception {
		try (Connection connection = context.getBean(DataSource.class).getConnection();
				ResultSet result = connection.createStatement().executeQuery("select current_user")) {
			result.next();
			return result.getString(1);
		}
	}

	private static String endpoint(ConfigurableApplicationContext context) throws Exception {
		URI uri = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port")
				+ "/actuator/ecssecrets");
		return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
	}

}
