// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

import dev.ecssecrets.boot.FollowingH2ClientContract;
import io.r2dbc.spi.ConnectionFactoryOptions;
import org.junit.jupiter.api.Tag;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * {@link FollowingH2ClientContract} of pools of R2DBC.
 */
@Tag("r2dbc")
class FollowingR2dbcTests extends FollowingH2ClientContract {

	@Override
	protected void endSessions(ConfigurableApplicationContext context) throws SQLException {
		for (String session : database().connections()) {
			database().execute("CALL ABORT_SESSION(" + session.substring(session.indexOf(' ') + 1) + ")");
		}
	}

	@Override
	protected List<String> properties() {
		return List.of("spring.r2dbc.url=" + R2dbc.url(database()), "spring.r2dbc.username=${DB_USER}",
				"spring.r2dbc.password=${DB_PASSWORD}", "spring.r2dbc.pool.initial-size=1",
				"spring.r2dbc.pool.max-size=2", "details.url=" + R2dbc.url(database()));
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
	protected String userOf(ConfigurableApplicationContext context) {
		return R2dbc.userOf(context).toLowerCase(Locale.ROOT);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithDetails {

		@Bean
		R2dbcConnectionDetails details(Environment environment) {
			return () -> ConnectionFactoryOptions.parse(environment.getRequiredProperty("details.url"))
				.mutate()
				.option(ConnectionFactoryOptions.USER, environment.getRequiredProperty("details.user"))
				.option(ConnectionFactoryOptions.PASSWORD, environment.getRequiredProperty("details.password"))
				.build();
		}

	}

}
