// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.CredentialProperties;
import dev.ecssecrets.boot.Secrets;
import org.flywaydb.core.api.configuration.FluentConfiguration;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Lets a Flyway with a user of its own follow its secrets. Without one, it connects
 * through the pool.
 */
final class FlywayCredentials implements FlywayConfigurationCustomizer {

	private static final String USER = "spring.flyway.user";

	private static final String PASSWORD = "spring.flyway.password";

	private static final Duration AT_MOST = Duration.ofSeconds(15);

	private final Secrets secrets;

	private final Source source;

	FlywayCredentials(Secrets secrets, ConfigurableEnvironment environment) {
		this.secrets = secrets;
		this.source = new Source(secrets, environment);
	}

	/**
	 * Spring Boot gives Flyway such a data source for its own user. Connection details of
	 * others have another one.
	 */
	@Override
	public void customize(FluentConfiguration configuration) {
		CredentialProperties properties = this.source.properties();
		String user = properties.bind(USER);
		if (user != null && configuration.getDataSource() instanceof SimpleDriverDataSource dataSource
				&& user.equals(dataSource.getUsername()) && this.secrets.clientsFollow()
				&& (properties.referencesSecret(USER) || properties.referencesSecret(PASSWORD))) {
			configuration.dataSource(new FollowingDataSource(dataSource, this.source));
		}
	}

	/**
	 * Data source that logs in with the current credentials.
	 */
	private static final class FollowingDataSource extends DelegatingDataSource {

		private final ClientCredentials credentials;

		private final Logins logins;

		FollowingDataSource(SimpleDriverDataSource target, Source source) {
			super(target);
			Pair own = new Pair(target.getUsername(), target.getPassword());
			this.credentials = new ClientCredentials(source, USER, PASSWORD, () -> own);
			this.logins = new Logins(() -> "Flyway", this.credentials, this.credentials::current, () -> AT_MOST);
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.logins.login(this.credentials.current(), super::getConnection);
		}

	}

}
