// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.SQLException;

import javax.sql.DataSource;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.test.InMemorySecretStore;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with a web server whose database password rotates.
 */
class PoolRotationIT {

	/**
	 * The web server is started by a thread that holds the lock of all beans.
	 */
	@Test
	@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
	void refusedLoginWhenWebServerStartsDoesNotStallIt() throws SQLException {
		InMemorySecretStore store = new InMemorySecretStore().put("user", "app").put("password", "canary-1");
		SecretStore rotating = (locations, timeout) -> {
			SecretStore.Response response = store.fetch(locations, timeout);
			store.put("password", "canary-2");
			return response;
		};
		try (Database database = new Database()) {
			database.createUser("APP", "canary-2");
			SpringApplicationBuilder application = new SpringApplicationBuilder(WithFilter.class)
				.web(WebApplicationType.SERVLET)
				.properties("server.port=0", "ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
						"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
						"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password",
						"spring.datasource.url=" + database.url(), "spring.datasource.username=${DB_USER}",
						"spring.datasource.password=${DB_PASSWORD}", "spring.datasource.hikari.maximum-pool-size=2",
						"spring.datasource.hikari.connection-timeout=120000")
				.addBootstrapRegistryInitializer(
						(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(rotating)));
			try (ConfigurableApplicationContext context = application.run()) {
				assertThat(context.getBean("filter")).isNotNull();
			}
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithFilter {

		@Bean
		FilterRegistrationBean<Filter> filter(DataSource dataSource) throws SQLException {
			Database.userOf(dataSource);
			return new FilterRegistrationBean<>((request, response, chain) -> chain.doFilter(request, response));
		}

	}

}
