// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code docs/rds.md} shows.
 */
class ManagedSecretTests {

	private static final String ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1111-2222-AbC123";

	private final InMemorySecretStore store = new InMemorySecretStore().put(ARN + ":username::", "admin_user")
		.put(ARN + ":password::", "canary-1");

	@Test
	void taskDefinitionAndConfigurationDeclareTheSame(@TempDir Path folder) throws Exception {
		Path taskDefinition = Files.writeString(folder.resolve("task-definition.json"), block("json"));
		try (Database database = database();
				ConfigurableApplicationContext configured = run(folder, database, block("yaml"));
				ConfigurableApplicationContext defined = run(folder, database,
						"ecs-secrets.task-definition: " + taskDefinition + "\nspring.datasource.url: ${DB_URL}")) {
			assertThat(declarations(configured)).hasSize(2).isEqualTo(declarations(defined));
		}
	}

	@Test
	void applicationFollowsRotation(@TempDir Path folder) throws Exception {
		try (Database database = database();
				ConfigurableApplicationContext context = run(folder, database, block("yaml"))) {
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(Database.userOf(dataSource)).isEqualTo("ADMIN_USER");
			database.changePassword("ADMIN_USER", "canary-2");
			this.store.put(ARN + ":password::", "canary-2");
			dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
			assertThat(Database.userOf(dataSource)).isEqualTo("ADMIN_USER");
		}
	}

	private static Database database() throws SQLException {
		Database database = new Database();
		database.createUser("ADMIN_USER", "canary-1");
		return database;
	}

	private static List<String> declarations(ConfigurableApplicationContext context) {
		return context.getBean(Secrets.class)
			.current()
			.declarations()
			.stream()
			.map((SecretDeclaration declaration) -> declaration.name() + " " + declaration.valueFrom())
			.toList();
	}

	private ConfigurableApplicationContext run(Path folder, Database database, String yaml) throws IOException {
		Path configuration = Files.writeString(folder.resolve("application.yml"), yaml);
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.config.location=file:" + configuration, "ecs-secrets.refresh.min-interval=0s",
					"DB_URL=" + database.url())
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	private static String block(String language) throws IOException {
		Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```")
			.matcher(Files.readString(Path.of("../docs/rds.md")));
		assertThat(block.find()).isTrue();
		return block.group(1);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
