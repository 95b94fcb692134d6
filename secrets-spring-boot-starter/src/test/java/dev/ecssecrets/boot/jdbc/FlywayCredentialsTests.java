// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.SQLException;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.RotatingSecret;
import dev.ecssecrets.boot.Secrets;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link FlywayCredentials}: applications that migrate with another user than
 * they query with, and start while its password rotates.
 */
@ExtendWith(OutputCaptureExtension.class)
@Tag("flyway")
class FlywayCredentialsTests {

	private static final String CURRENT = "AWSCURRENT";

	private final RotatingSecret secret = new RotatingSecret().stage(CURRENT, "id-1", "migrator", "canary-1");

	private Database database;

	@BeforeEach
	void createDatabase() throws SQLException {
		this.database = new Database();
		this.database.createUser("APP", "app");
		this.database.createUser("MIGRATOR", "canary-1");
	}

	@AfterEach
	void closeDatabase(CapturedOutput output) throws SQLException {
		this.database.close();
		assertThat(output).doesNotContain("canary");
	}

	@Test
	void migrateWhenPasswordIsCurrentUsesIt() throws SQLException {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.clients=true")) {
			assertThat(userOf(context)).isEqualTo("MIGRATOR");
		}
	}

	@Test
	void migrateWhenDatabaseHasThePendingPasswordUsesThat() throws SQLException {
		this.secret.stage("AWSPENDING", "id-2", "migrator", "canary-2");
		this.database.changePassword("MIGRATOR", "canary-2");
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.pending=true")) {
			assertThat(userOf(context)).isEqualTo("MIGRATOR");
		}
	}

	@Test
	void migrateWhenSecretHasChangedLoadsIt() throws SQLException {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.clients=true")) {
			this.database.changePassword("MIGRATOR", "canary-2");
			this.secret.stage(CURRENT, "id-2", "migrator", "canary-2");
			assertThat(userOf(context)).isEqualTo("MIGRATOR");
			assertThat(context.getBean(Secrets.class).current().number()).isEqualTo(2);
		}
	}

	@Test
	void migrateWhenClientsDoNotFollowKeepsTheFirstPassword() throws SQLException {
		this.secret.stage("AWSPENDING", "id-2", "migrator", "canary-2");
		this.database.changePassword("MIGRATOR", "canary-2");
		assertThatException()
			.isThrownBy(() -> run("--ecs-secrets.refresh.pending=true", "--ecs-secrets.refresh.clients=false"))
			.havingRootCause()
			.withMessageContaining("Wrong user name or password");
	}

	private static String userOf(ConfigurableApplicationContext context) throws SQLException {
		return Database.userOf(context.getBean(Flyway.class).getConfiguration().getDataSource());
	}

	private ConfigurableApplicationContext run(String... args) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0s", "ecs-secrets.secrets[0].name=SPRING_FLYWAY_USER",
					"ecs-secrets.secrets[0].value-from=" + RotatingSecret.ARN + ":username::",
					"ecs-secrets.secrets[1].name=SPRING_FLYWAY_PASSWORD",
					"ecs-secrets.secrets[1].value-from=" + RotatingSecret.ARN + ":password::",
					"spring.datasource.url=" + this.database.url(), "spring.datasource.username=app",
					"spring.datasource.password=app")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.secret)))
			.run(args);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
