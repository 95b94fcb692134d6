// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.FollowingH2ClientContract;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * {@link FollowingH2ClientContract} of pools of HikariCP.
 */
class FollowingPoolTests extends FollowingH2ClientContract {

	@Override
	protected void endSessions(ConfigurableApplicationContext context) throws SQLException {
		context.getBean(DataSource.class).unwrap(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
	}

	@Override
	protected List<String> properties() {
		return List.of("spring.datasource.url=" + database().url(), "spring.datasource.username=${DB_USER}",
				"spring.datasource.password=${DB_PASSWORD}", "spring.datasource.hikari.maximum-pool-size=2",
				"spring.datasource.hikari.connection-timeout=2000", "details.url=" + database().url());
	}

	@Override
	protected Class<?> application() {
		return Application.class;
	}

	@Override
	protected Class<?> applicationWithDetails() {
		return WithDetails.class;
	}

	@Override
	protected String userOf(ConfigurableApplicationContext context) throws SQLException {
		return Database.userOf(context.getBean(DataSource.class)).toLowerCase(Locale.ROOT);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithDetails {

		@Bean
		JdbcConnectionDetails details(Environment environment) {
			return new JdbcConnectionDetails() {

				@Override
				public String getUsername() {
					return environment.getRequiredProperty("details.user");
				}

				@Override
				public String getPassword() {
					return environment.getRequiredProperty("details.password");
				}

				@Override
				public String getJdbcUrl() {
					return environment.getRequiredProperty("details.url");
				}

			};
		}

	}

}
