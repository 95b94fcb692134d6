// SPDX-License-Identifier: Apache-2.0

package com.example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistryInitializer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What {@code docs/extending.md} shows works in an application.
 */
class ExtendingTests {

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", "APP").put("password", "canary-1");

	@TempDir
	private Path folder;

	private Database database;

	@BeforeEach
	void createDatabase() throws SQLException {
		this.database = new Database();
		this.database.createUser("APP", "canary-1");
	}

	@AfterEach
	void closeDatabase() throws SQLException {
		this.database.close();
	}

	@Test
	void applicationWithStoreOfItsOwnHasItsSecrets() throws Exception {
		Path file = Files.writeString(this.folder.resolve("secrets.properties"), "user=APP\npassword=canary-1\n");
		try (ConfigurableApplicationContext context = run(new StoreInitializer(file))) {
			assertThat(context.getEnvironment().getProperty("DB_USER")).isEqualTo("APP");
			assertThat(context.getBean(DatabaseClient.class).select("CURRENT_USER")).isEqualTo("APP");
		}
	}

	@Test
	void applicationWithStoreOfItsOwnReportsWhatTheStoreLacks() throws Exception {
		Path file = Files.writeString(this.folder.resolve("secrets.properties"), "user=APP\n");
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(() -> run(new StoreInitializer(file)))
			.satisfies((ex) -> assertThat(ex.failures()).singleElement()
				.satisfies((failure) -> assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND)));
	}

	@Test
	void clientWhenSecretsChangeLogsInWithBoth() throws SQLException {
		try (ConfigurableApplicationContext context = run(registering(this.store))) {
			DatabaseClient client = context.getBean(DatabaseClient.class);
			client.select("1");
			this.database.createUser("APP_2", "canary-2");
			this.store.put("user", "APP_2").put("password", "canary-2");
			context.getBean(Secrets.class).refresh();
			await().until(() -> this.database.connections().isEmpty());
			assertThat(client.select("CURRENT_USER")).isEqualTo("APP_2");
		}
	}

	@Test
	void clientWhenLoginIsRefusedLogsInWithRefreshedSecretsAndKeepsTheConnection() throws SQLException {
		try (ConfigurableApplicationContext context = run(registering(this.store))) {
			this.database.changePassword("APP", "canary-2");
			this.store.put("password", "canary-2");
			DatabaseClient client = context.getBean(DatabaseClient.class);
			assertThat(client.select("CURRENT_USER")).isEqualTo("APP");
			Set<String> connections = this.database.connections();
			context.getBean(Secrets.class).refresh();
			client.select("1");
			assertThat(this.database.connections()).isEqualTo(connections);
		}
	}

	@Test
	void clientWhenLoginIsRefusedAndSecretsAreTheSameThrows() throws SQLException {
		try (ConfigurableApplicationContext context = run(registering(this.store))) {
			this.database.changePassword("APP", "canary-2");
			DatabaseClient client = context.getBean(DatabaseClient.class);
			assertThatExceptionOfType(SQLInvalidAuthorizationSpecException.class)
				.isThrownBy(() -> client.select("CURRENT_USER"));
			assertThat(this.store.fetches()).isEqualTo(2);
		}
	}

	private static BootstrapRegistryInitializer registering(SecretStore store) {
		return (registry) -> registry.register(SecretStore.class, (context) -> store);
	}

	private ConfigurableApplicationContext run(BootstrapRegistryInitializer initializer) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("url=" + this.database.url(), "ecs-secrets.refresh.min-interval=0",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password")
			.addBootstrapRegistryInitializer(initializer)
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

		@Bean(destroyMethod = "close")
		DatabaseClient databaseClient(Environment environment, Secrets secrets) {
			return new DatabaseClient(environment.getRequiredProperty("url"), secrets);
		}

	}

}
