package dev.ecssecrets.boot;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
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
import org.springframework.core.env.ConfigurableEnvironment;
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

	private final Map<String, String> secrets = new HashMap<>();

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
	void passwordThatIsSecretIsFollowed() throws SQLException {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app")) {
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void placeholdersAreFollowed() throws SQLException {
		this.secrets.put("DB_USER", "app");
		this.secrets.put("DB_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=${DB_USER}",
				"spring.datasource.password=${db.password}")) {
			assertFollows(context, "dataSource", "DB_PASSWORD");
			change(context, "DB_USER", "app_clone", "DB_PASSWORD", FIRST);
			await().until(() -> Database.userOf(context.getBean(DataSource.class)).equals("APP_CLONE"));
		}
	}

	@Test
	void propertiesOfHikariWinForEachKey() throws SQLException {
		this.secrets.put("DB_PASSWORD", FIRST);
		this.secrets.put("OTHER_PASSWORD", "canary-other");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.password=${OTHER_PASSWORD}", "spring.datasource.hikari.password=${DB_PASSWORD}")) {
			assertThat(pool(context).getCredentialsProvider())
				.hasToString("user from spring.datasource.username, password from spring.datasource.hikari.password");
			assertFollows(context, "dataSource", "DB_PASSWORD");
		}
	}

	@Test
	void poolWithPropertiesOfItsOwnIsFollowed() throws SQLException {
		this.secrets.put("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class, "app.datasource.username=app",
				"app.datasource.jdbc-url=" + this.database.url())) {
			assertFollows(context, "itself", "APP_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void severalPoolsFollowEachItsOwnSecrets() throws SQLException {
		this.secrets.put("FIRST_DATASOURCE_PASSWORD", FIRST);
		this.secrets.put("SECOND_PASSWORD", FIRST);
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
	void poolBehindLazyProxyIsFollowed() throws SQLException {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.connection-fetch=lazy")) {
			assertFollows(context, "dataSource", "SPRING_DATASOURCE_PASSWORD");
		}
	}

	@Test
	@EnabledIf("fetchesLazily")
	void lazyFetchIsByProxy() throws SQLException {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
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
	void poolOfRefreshScopeIsFollowed() throws SQLException {
		this.secrets.put("SCOPED_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Scoped.class, "scoped.datasource.username=app",
				"scoped.datasource.jdbc-url=" + this.database.url())) {
			assertFollows(context, "scoped", "SCOPED_DATASOURCE_PASSWORD");
			context.getBean(org.springframework.cloud.context.scope.refresh.RefreshScope.class).refreshAll();
			assertFollows(context, "scoped", "APP", "SCOPED_DATASOURCE_PASSWORD", "canary-3");
		}
	}

	@Test
	void dataSourceClassIsFollowedWithoutEarlyRefresh() throws SQLException {
		this.secrets.put("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class, "app.datasource.username=app",
				"app.datasource.data-source-class-name=org.h2.jdbcx.JdbcDataSource",
				"app.datasource.data-source-properties.url=" + this.database.url())) {
			assertThat(context.getBean("itself", HikariDataSource.class).getDataSource()).isNull();
			assertFollows(context, "itself", "APP_DATASOURCE_PASSWORD");
		}
	}

	@Test
	void refusedLogInRefreshesEarly() throws SQLException {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app")) {
			this.database.changePassword("APP", SECOND);
			context.getBean(EarlyRefresh.class).action = () -> replace(context, "SPRING_DATASOURCE_PASSWORD", SECOND);
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		}
	}

	@Test
	void poolWithoutSecretsIsLeftAlone(CapturedOutput output) {
		this.secrets.put("API_KEY", "canary-key");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.password=literal")) {
			assertLeftAlone(pool(context));
			assertThat(output).doesNotContain("The pool");
		}
	}

	@Test
	void secretThatIsNotFetchedIsLeftAlone() {
		// As injected by ECS.
		try (ConfigurableApplicationContext context = start(Auto.class, "DB_PASSWORD=" + FIRST,
				"spring.datasource.username=app", "spring.datasource.password=${DB_PASSWORD}")) {
			assertLeftAlone(pool(context));
		}
	}

	@Test
	void embeddedDatabaseIsLeftAlone() throws SQLException {
		this.secrets.put("API_KEY", "canary-key");
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.url=")) {
			assertLeftAlone(pool(context));
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("SA");
		}
	}

	@Test
	void connectionDetailsAreLeftAlone() throws SQLException {
		this.secrets.put("SPRING_DATASOURCE_USERNAME", "nobody");
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", "canary-other");
		try (ConfigurableApplicationContext context = start(Details.class, "details.password=" + FIRST)) {
			assertLeftAlone(pool(context));
			assertThat(Database.userOf(context.getBean(DataSource.class))).isEqualTo("APP");
		}
	}

	@Test
	void connectionDetailsAreLeftAloneEvenIfPropertiesAreTheSame() {
		this.secrets.put("SPRING_DATASOURCE_USERNAME", "app");
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Details.class, "details.password=" + FIRST)) {
			assertLeftAlone(pool(context));
		}
	}

	@Test
	void otherPoolsAreFollowedBesideConnectionDetails() {
		this.secrets.put("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolBesideDetails.class, "app.datasource.username=app",
				"details.password=" + FIRST)) {
			assertThat(context.getBean("itself", HikariDataSource.class).getCredentialsProvider())
				.isInstanceOf(PoolCredentials.class);
		}
	}

	@Test
	void providerOfUserIsLeftAlone() throws SQLException {
		this.secrets.put("OWN_DATASOURCE_PASSWORD", "canary-other");
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
	void startedPoolIsLeftAlone() {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Started.class, "spring.datasource.username=app")) {
			assertLeftAlone(context.getBean("started", HikariDataSource.class));
		}
	}

	@Test
	void handMadePoolIsLeftAlone() {
		this.secrets.put("DB_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(HandMade.class)) {
			assertLeftAlone(context.getBean("handMade", HikariDataSource.class));
		}
	}

	@Test
	void credentialsInUrlAreLeftAloneWithWarning(CapturedOutput output) {
		this.secrets.put("SPRING_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(Auto.class, "spring.datasource.username=app",
				"spring.datasource.url=" + this.database.url() + ";USER=APP;PASSWORD=canary-url")) {
			assertLeftAlone(pool(context));
			assertThat(output).contains("WARN")
				.contains("The pool 'dataSource' keeps the credentials it starts with: there are some in its JDBC URL,"
						+ " and a driver may prefer them");
		}
	}

	@Test
	void passwordWithoutUserIsLeftAloneWithWarning(CapturedOutput output) {
		this.secrets.put("APP_DATASOURCE_PASSWORD", FIRST);
		try (ConfigurableApplicationContext context = start(PoolItself.class,
				"app.datasource.jdbc-url=" + this.database.url())) {
			assertLeftAlone(context.getBean("itself", HikariDataSource.class));
			assertThat(output).contains("WARN")
				.contains("The pool 'itself' keeps the credentials it starts with: it has no user name, without which"
						+ " it passes no new password (app.datasource.password) to the driver");
		}
	}

	@Test
	void credentialsAreFoundInUrls() {
		assertThat(List.of("jdbc:postgresql://host/db?sslmode=require&user=a", "jdbc:postgresql://h/db?password=b",
				"jdbc:mysql://a:b@host/db", "jdbc:sqlserver://host;userName=a;password=b",
				"jdbc:oracle:thin:a/b@//host:1521/db", "jdbc:db2://host:50000/db:user=a;password=b;",
				"jdbc:mysql://address=(host=h)(user=a)/db", "jdbc:h2:mem:db;USER=a"))
			.allMatch(PoolCredentialsBeanPostProcessor::hasCredentials);
		assertThat(List.of("jdbc:postgresql://host:5432/db?ApplicationName=user&options=a@b", "jdbc:h2:mem:user",
				"jdbc:sqlserver://host;trustStorePassword=x", "jdbc:oracle:thin:@//host:1521/db",
				"jdbc:oracle:thin:/@alias", "jdbc:mysql://host/password"))
			.noneMatch(PoolCredentialsBeanPostProcessor::hasCredentials);
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.datasource.url=" + this.database.url()));
		all.addAll(Arrays.asList(properties));
		return new SpringApplicationBuilder(configuration, Wiring.class).web(WebApplicationType.NONE)
			.properties("logging.level.dev.ecssecrets=debug", "logging.level.com.zaxxer.hikari=debug",
					"logging.level.org.springframework.boot.jdbc=debug", "spring.jmx.enabled=false")
			.properties(all.toArray(String[]::new))
			.initializers((context) -> Database.secrets(context.getEnvironment(), this.secrets))
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
		replace(context, namesAndValues);
		context.publishEvent(new SecretsRefreshedEvent(this, Set.of(namesAndValues[0])));
	}

	private void replace(ConfigurableApplicationContext context, String... namesAndValues) {
		for (int i = 0; i < namesAndValues.length; i += 2) {
			this.secrets.put(namesAndValues[i], namesAndValues[i + 1]);
		}
		Database.secrets(context.getEnvironment(), this.secrets);
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

	static final class EarlyRefresh implements Runnable {

		private volatile Runnable action = () -> {
		};

		@Override
		public void run() {
			this.action.run();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Wiring {

		@Bean
		static EarlyRefresh earlyRefresh() {
			return new EarlyRefresh();
		}

		@Bean
		static PoolCredentialsBeanPostProcessor poolCredentialsBeanPostProcessor(ConfigurableEnvironment environment,
				EarlyRefresh earlyRefresh) {
			Supplier<Collection<String>> names = () -> ((SystemEnvironmentPropertySource) environment
				.getPropertySources()
				.get(SecretsPropertySource.NAME)).getSource().keySet();
			return new PoolCredentialsBeanPostProcessor(names, () -> (timeout) -> earlyRefresh.run());
		}

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
