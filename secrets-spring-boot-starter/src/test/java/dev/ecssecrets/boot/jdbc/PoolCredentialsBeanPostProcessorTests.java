// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Database;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Which pools of an application follow its secrets.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolCredentialsBeanPostProcessorTests {

	private static final String FIRST = "canary-1";

	private static final String SECOND = "canary-2";

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final Set<String> declared = new LinkedHashSet<>();

	private final Map<String, Object> processEnvironment = new HashMap<>();

	private Database database;

	@BeforeEach
	void createDatabase() throws SQLException {
		this.database = new Database();
		this.database.createUser("APP", FIRST);
		this.database.createUser("APP_CLONE", FIRST);
	}

	@AfterEach
	void close(CapturedOutput output) throws SQLException {
		this.database.close();
		assertThat(output.getAll()).doesNotContain("canary");
	}

	@Test
	void passwordWhenSecretIsFollowed() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app")) {
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void placeholdersAreFollowed() throws SQLException {
		declare("DB_USER", "app");
		declare("DB_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=${DB_USER}",
				"spring.datasource.password=${db.password}")) {
			assertFollows(context, "dataSource", "DB_PASSWORD");
			change(context, "DB_USER", "app_clone", "DB_PASSWORD", FIRST);
			await().until(() -> Database.userOf(context.getBean(DataSource.class)).equals("APP_CLONE"));
		}
	}

	@Test
	void propertiesOfHikariWinForEachKey() throws SQLException {
		declare("DB_PASSWORD", FIRST);
		declare("OTHER_PASSWORD", "canary-other");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.password=${OTHER_PASSWORD}", "spring.datasource.hikari.password=${DB_PASSWORD}")) {
			assertThat(pool(context).getCredentialsProvider())
				.hasToString("user from spring.datasource.username, password from spring.datasource.hikari.password");
			assertFollows(context, "dataSource", "DB_PASSWORD");
		}
	}

	@Test
	void poolWhenItHasPropertiesOfItsOwnIsFollowed() throws SQLException {
		declare("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class, "app.datasource.username=app",
				"app.datasource.jdbc-url=" + this.database.url())) {
			assertFollows(context, "itself", "APP_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void severalPoolsFollowEachItsOwnSecrets() throws SQLException {
		declare("FIRST_DATASOURCE_PASSWORD", FIRST);
		declare("SECOND_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolsOfProperties.class, "first.datasource.username=app",
				"first.datasource.url=" + this.database.url(), "second.datasource.username=app_clone",
				"second.datasource.url=" + this.database.url(), "second.datasource.password=${SECOND_PASSWORD}")) {
			assertThat(context.getBean("first", HikariDataSource.class).getCredentialsProvider())
				.hasToString("user from first.datasource.username, password from first.datasource.password");
			assertThat(context.getBean("second", HikariDataSource.class).getCredentialsProvider())
				.hasToString("user from second.datasource.username, password from second.datasource.password");
			assertFollows(context, "first", "FIRST_DATASOURCE_PASSWORD");
			assertFollows(context, "second", "APP_CLONE", "SECOND_PASSWORD", "canary-3");
		}
	}

	@Test
	void poolWhenBehindLazyProxyIsFollowed() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.connection-fetch=lazy")) {
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
		}
	}

	@Test
	@EnabledIf("fetchesLazily")
	void lazyFetchIsByProxy() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.connection-fetch=lazy")) {
			assertThat(context.getBean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
		}
	}

	static boolean fetchesLazily() {
		return ClassUtils.isPresent("org.springframework.boot.jdbc.autoconfigure.LazyConnectionDataSourceConfiguration",
				null);
	}

	@Test
	void poolWhenOfRefreshScopeIsFollowed() throws SQLException {
		declare("SCOPED_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Scoped.class, "scoped.datasource.username=app",
				"scoped.datasource.jdbc-url=" + this.database.url())) {
			assertFollows(context, "scoped", "SCOPED_DATASOURCE_PASSWORD");
			context.getBean(org.springframework.cloud.context.scope.refresh.RefreshScope.class).refreshAll();
			assertFollows(context, "scoped", "APP", "SCOPED_DATASOURCE_PASSWORD", "canary-3");
		}
	}

	@Test
	void poolWhenItHasDataSourceClassIsFollowedWithoutEarlyRefresh() throws SQLException {
		declare("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class, "app.datasource.username=app",
				"app.datasource.data-source-class-name=org.h2.jdbcx.JdbcDataSource",
				"app.datasource.data-source-properties.url=" + this.database.url())) {
			assertThat(context.getBean("itself", HikariDataSource.class).getDataSource()).isNull();
			assertFollows(context, "itself", "APP_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void refusedLoginRefreshesEarly() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app")) {
			this.database.changePassword("APP", SECOND);
			this.store.put("SPRING_DATASOURCE_PASSWORD", SECOND);
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		}
	}

	@Test
	void poolWhenItHasNoSecretsIsLeftAlone(CapturedOutput output) {
		declare("API_KEY", "canary-key");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.password=literal")) {
			assertLeftAlone(pool(context));
			assertThat(output).doesNotContain("The pool");
		}
	}

	@Test
	void secretWhenNotFetchedIsLeftAlone() {
		declare("DB_PASSWORD", "canary-other");
		this.processEnvironment.put("DB_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.password=${DB_PASSWORD}")) {
			assertLeftAlone(pool(context));
		}
	}

	@Test
	void poolWhenDatabaseIsEmbeddedIsLeftAlone() throws SQLException {
		declare("API_KEY", "canary-key");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.url=")) {
			assertLeftAlone(pool(context));
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("SA");
		}
	}

	@Test
	void connectionDetailsAreLeftAlone() throws SQLException {
		declare("SPRING_DATASOURCE_USERNAME", "nobody");
		declare("SPRING_DATASOURCE_PASSWORD", "canary-other");
		try (ConfigurableApplicationContext context = start(Details.class, "details.password=" + FIRST)) {
			assertLeftAlone(pool(context));
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		}
	}

	@Test
	void connectionDetailsWhenPropertiesAreTheSameAreLeftAlone() {
		declare("SPRING_DATASOURCE_USERNAME", "app");
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Details.class, "details.password=" + FIRST)) {
			assertLeftAlone(pool(context));
		}
	}

	@Test
	void otherPoolsWhenThereAreConnectionDetailsAreFollowed() {
		declare("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolBesideDetails.class, "app.datasource.username=app",
				"details.password=" + FIRST)) {
			assertThat(context.getBean("itself", HikariDataSource.class).getCredentialsProvider())
				.isInstanceOf(PoolCredentials.class);
		}
	}

	@Test
	void providerOfUserIsLeftAlone() throws SQLException {
		declare("OWN_DATASOURCE_PASSWORD", "canary-other");
		try (ConfigurableApplicationContext context = start(OwnProvider.class,
				"own.datasource.jdbc-url=" + this.database.url(), "own.datasource.username=nobody",
				"own.password=" + FIRST)) {
			HikariDataSource pool = context.getBean("own", HikariDataSource.class);
			assertThat(pool.getCredentialsProvider()).isNotInstanceOf(PoolCredentials.class);
			assertThat(pool.getDataSource()).isNull();
			assertThat(Database.userOf(pool)).isEqualTo("APP");
		}
	}

	@Test
	void poolWhenStartedIsLeftAlone() {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Started.class, "spring.datasource.username=app")) {
			assertLeftAlone(context.getBean("started", HikariDataSource.class));
		}
	}

	@Test
	void poolWhenHandMadeIsLeftAlone() {
		declare("DB_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(HandMade.class)) {
			assertLeftAlone(context.getBean("handMade", HikariDataSource.class));
		}
	}

	@Test
	void credentialsWhenInUrlAreLeftAloneWithWarning(CapturedOutput output) {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.url=" + this.database.url() + ";USER=APP;PASSWORD=canary-url")) {
			assertLeftAlone(pool(context));
			assertThat(output).contains("WARN")
				.contains("The pool 'dataSource' keeps the credentials that it starts with: its JDBC URL contains"
						+ " credentials, which the driver may prefer. Remove them from the URL");
		}
	}

	@Test
	void passwordWhenThereIsNoUserIsLeftAloneWithWarning(CapturedOutput output) {
		declare("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class,
				"app.datasource.jdbc-url=" + this.database.url())) {
			assertLeftAlone(context.getBean("itself", HikariDataSource.class));
			assertThat(output).contains("WARN")
				.contains("The pool 'itself' keeps the credentials that it starts with: it has no user name, and"
						+ " without one it does not pass a new password (app.datasource.password) to the driver");
		}
	}

	@Test
	void postProcessWhenPropertiesOfAnotherPoolAreLazyCreatesNoneOfThem() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PropertiesOfLazyPool.class,
				"spring.datasource.username=app")) {
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
			assertThat(context.getBeanFactory().containsSingleton("lazy")).isFalse();
		}
	}

	@Test
	void postProcessWhenPropertiesOfAnotherPoolNeedThisOneIsNoCircle() throws SQLException {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PropertiesOfTenant.class,
				"spring.datasource.username=app")) {
			assertThat(context.getBean("tenant", DataSourceProperties.class).getName()).isEqualTo("APP");
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void postProcessWhenConnectionDetailsAreLazyCreatesNone() {
		declare("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(LazyDetails.class, "spring.datasource.username=app")) {
			assertLeftAlone(context.getBean(HikariDataSource.class));
			assertThat(context.getBeanFactory().containsSingleton("details")).isFalse();
		}
	}

	@Test
	void credentialsAreFoundInUrls() {
		assertThat(List.of("jdbc:postgresql://host/db?sslmode=require&user=a", "jdbc:postgresql://h/db?password=b",
				"jdbc:mysql://a:b@host/db", "jdbc:sqlserver://host;userName=a;password=b",
				"jdbc:oracle:thin:a/b@//host:1521/db", "jdbc:oracle:oci:a/b@alias", "JDBC:ORACLE:THIN:a/@alias",
				"jdbc:db2://host:50000/db:user=a;password=b;", "jdbc:mysql://address=(host=h)(user=a)/db",
				"jdbc:h2:mem:db;USER=a"))
			.allMatch(PoolCredentialsBeanPostProcessor::hasCredentials);
		assertThat(List.of("jdbc:postgresql://host:5432/db?ApplicationName=user&options=a@b", "jdbc:h2:mem:user",
				"jdbc:sqlserver://host;trustStorePassword=x", "jdbc:oracle:thin:@//host:1521/db",
				"jdbc:oracle:thin:/@alias", "jdbc:oracle:thin:@alias", "jdbc:oracle:thin", "jdbc:mysql://host/password",
				"jdbc:mysql://host/db?mail=a@b", ""))
			.noneMatch(PoolCredentialsBeanPostProcessor::hasCredentials);
	}

	private void declare(String name, String value) {
		this.declared.add(name);
		this.store.put(name, value);
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		List<String> all = new ArrayList<>(List.of("spring.datasource.url=" + this.database.url()));
		for (String name : this.declared) {
			String declaration = "ecs-secrets.secrets[" + (all.size() - 1) / 2 + "].";
			all.add(declaration + "name=" + name);
			all.add(declaration + "value-from=" + name);
		}
		all.addAll(Arrays.asList(properties));
		return new SpringApplicationBuilder(configuration, Wiring.class).web(WebApplicationType.NONE)
			.environment(environment)
			.properties("logging.level.dev.ecssecrets=debug", "logging.level.com.zaxxer.hikari=debug",
					"logging.level.org.springframework.boot.jdbc=debug", "spring.jmx.enabled=false",
					"ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.clients=true")
			.properties(all.toArray(String[]::new))
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	private void assertFollows(ConfigurableApplicationContext context, String name, String passwordSecret)
			throws SQLException {
		assertFollows(context, name, "APP", passwordSecret, SECOND);
	}

	/**
	 * Connections of before the change are retired, and new ones are opened with the new
	 * password.
	 */
	private void assertFollows(ConfigurableApplicationContext context, String name, String user, String passwordSecret,
			String password) throws SQLException {
		DataSource dataSource = context.getBean(name, DataSource.class);
		assertThat(Database.userOf(dataSource)).isEqualTo(user);
		this.database.changePassword(user, password);
		Collection<String> before = this.database.connections();
		before.removeIf((one) -> !one.startsWith(user + " "));
		assertThat(before).isNotEmpty();
		change(context, passwordSecret, password);
		assertThat(Database.userOf(dataSource)).isEqualTo(user);
		await().until(() -> Collections.disjoint(before, this.database.connections()));
	}

	private void change(ConfigurableApplicationContext context, String... namesAndValues) {
		for (int i = 0; i < namesAndValues.length; i += 2) {
			this.store.put(namesAndValues[i], namesAndValues[i + 1]);
		}
		context.getBean(Secrets.class).refresh();
	}

	private static HikariDataSource pool(ConfigurableApplicationContext context) {
		try {
			return context.getBean(DataSource.class).unwrap(HikariDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void assertLeftAlone(HikariDataSource pool) {
		assertThat(pool.getCredentialsProvider()).isNull();
		assertThat(pool.getDataSource()).isNull();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SecretsAutoConfiguration.class, SecretsJdbcAutoConfiguration.class })
	static class Wiring {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class Auto {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class PoolItself {

		@Bean
		@ConfigurationProperties("app.datasource")
		HikariDataSource itself() {
			return new HikariDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class PoolsOfProperties {

		@Bean
		@ConfigurationProperties("first.datasource")
		DataSourceProperties firstProperties() {
			return new DataSourceProperties();
		}

		@Bean
		@ConfigurationProperties("first.datasource.configuration")
		HikariDataSource first(@Qualifier("firstProperties") DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

		@Bean
		@ConfigurationProperties("second.datasource")
		DataSourceProperties secondProperties() {
			return new DataSourceProperties();
		}

		@Bean
		@ConfigurationProperties("second.datasource.configuration")
		HikariDataSource second(@Qualifier("secondProperties") DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

	}

	/**
	 * A pool that is created before the properties of others.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class MainPool {

		@Bean
		@Primary
		@ConfigurationProperties("spring.datasource")
		DataSourceProperties mainProperties() {
			return new DataSourceProperties();
		}

		@Bean
		@Primary
		HikariDataSource dataSource(DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(MainPool.class)
	static class PropertiesOfLazyPool {

		@Bean
		@Lazy
		@ConfigurationProperties("lazy.datasource")
		DataSourceProperties lazy() {
			return new DataSourceProperties();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(MainPool.class)
	static class PropertiesOfTenant {

		@Bean
		DataSourceProperties tenant(DataSource dataSource) throws SQLException {
			DataSourceProperties properties = new DataSourceProperties();
			properties.setName(Database.userOf(dataSource));
			return properties;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(DataSourceProperties.class)
	static class LazyDetails {

		@Bean
		HikariDataSource dataSource(DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

		@Bean
		@Lazy
		JdbcConnectionDetails details() {
			throw new IllegalStateException("nothing needs them");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(RefreshAutoConfiguration.class)
	static class Scoped {

		@Bean
		@RefreshScope
		@ConfigurationProperties("scoped.datasource")
		HikariDataSource scoped() {
			return new HikariDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class Details {

		@Bean
		JdbcConnectionDetails details(@Value("${spring.datasource.url}") String url,
				@Value("${details.password}") String password) {
			return new JdbcConnectionDetails() {

				@Override
				public String getUsername() {
					return "app";
				}

				@Override
				public String getPassword() {
					return password;
				}

				@Override
				public String getJdbcUrl() {
					return url;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Details.class, PoolItself.class })
	static class PoolBesideDetails {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class OwnProvider {

		@Bean
		@ConfigurationProperties("own.datasource")
		HikariDataSource own(@Value("${own.password}") String password) {
			HikariDataSource pool = new HikariDataSource();
			pool.setCredentialsProvider(() -> Credentials.of("app", password));
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class Started {

		@Bean
		HikariDataSource started(@Value("${spring.datasource.url}") String url,
				@Value("${spring.datasource.password}") String password) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(url);
			config.setUsername("app");
			config.setPassword(password);
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HandMade {

		@Bean
		HikariDataSource handMade(@Value("${DB_PASSWORD}") String password) {
			HikariDataSource pool = new HikariDataSource();
			pool.setUsername("app");
			pool.setPassword(password);
			return pool;
		}

	}

}
