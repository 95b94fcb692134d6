// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Refreshes do not need Spring Cloud.
 */
class WithoutSpringCloudIT {

	@Test
	void refreshWhenThereIsNoSpringCloudStillWorks(@TempDir Path folder) {
		ChildProcess child = ChildProcess.start(folder, Refreshing.class, ChildProcess.CLASS_PATH, Map.of(), List.of());
		assertThat(child.loadedClasses()).doesNotContain("org.springframework.cloud.");
		assertThat(child.output()).contains("Refreshed [CLIENT_KEY]: second")
			.contains("A refresh of secrets does not reach WithoutSpringCloudIT.ClientProperties, "
					+ "WithoutSpringCloudIT.Key. Add org.springframework.cloud:spring-cloud-context, which binds beans "
					+ "with setters again after a change, or declare their secrets as LiveSecret")
			.contains("A refresh of secrets does not reach WithoutSpringCloudIT.ClientRecord. Declare their secrets "
					+ "as LiveSecret instead of String: beans that are bound by their constructor are never ")
			.doesNotContain("DataSourceProperties");
	}

	@ConfigurationProperties("client.bound")
	record ClientRecord(String key) {

	}

	@ConfigurationProperties("client")
	static class ClientProperties extends Key {

	}

	static class Key {

		private String key;

		public String getKey() {
			return this.key;
		}

		public void setKey(String key) {
			this.key = key;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties({ ClientProperties.class, ClientRecord.class })
	static class Refreshing {

		@Bean
		@ConfigurationProperties("made")
		Key made() {
			return new Key();
		}

		public static void main(String[] args) {
			InMemorySecretStore store = new InMemorySecretStore().put("word", "first");
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Refreshing.class)
				.web(WebApplicationType.NONE)
				.properties("ecs-secrets.refresh.interval=1h", "ecs-secrets.refresh.min-interval=0",
						"ecs-secrets.secrets[0].name=CLIENT_KEY", "ecs-secrets.secrets[0].value-from=word",
						"client.bound.key=${CLIENT_KEY}", "made.key=${CLIENT_KEY}",
						"spring.datasource.password=${CLIENT_KEY}")
				.addBootstrapRegistryInitializer(
						(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)))
				.run(args)) {
				store.put("word", "second");
				Set<String> names = context.getBean(Secrets.class).refresh();
				System.out.println("Refreshed " + names + ": " + context.getEnvironment().getProperty("CLIENT_KEY"));
			}
		}

	}

}
