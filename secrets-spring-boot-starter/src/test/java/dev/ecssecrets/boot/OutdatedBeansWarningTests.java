// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import com.mongodb.client.MongoClient;
import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.kafka.core.KafkaResourceFactory;
import org.springframework.ldap.core.ContextSource;
import org.springframework.mail.MailSender;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutdatedBeansWarning} and {@link OutdatedBeans}. What is said without
 * Spring Cloud is in {@link WithoutSpringCloudIT}.
 */
@ExtendWith(OutputCaptureExtension.class)
class OutdatedBeansWarningTests {

	private static final String INTERVAL = "--ecs-secrets.refresh.interval=1h";

	private static final String UNREACHED = "A refresh of secrets does not reach ";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@AfterEach
	void printsNoValue(CapturedOutput output) {
		assertThat(output).doesNotContain("canary");
	}

	@ParameterizedTest
	@ValueSource(classes = { Bound.class, Scoped.class, Clients.class })
	void warnWhenThereIsNoIntervalIsSilent(Class<?> application, CapturedOutput output) {
		run(application, "--spring.data.redis.password=${DIRECT_KEY}");
		assertThat(output).doesNotContain("WARN");
	}

	@Test
	void warnWhenAllSecretsAreInjectedNamesTheKeys(CapturedOutput output) {
		this.processEnvironment.put("DIRECT_KEY", "canary");
		run(Bound.class, INTERVAL);
		assertThat(warnings(output))
			.containsExactly("There is nothing to refresh: all secrets are injected or overridden. To refresh injected "
					+ "secrets, set ecs-secrets.refresh.override-injected to true. Otherwise, remove "
					+ "ecs-secrets.refresh.interval");
	}

	@Test
	void warnWhenJavaBeansHaveSecretsIsSilent(CapturedOutput output) {
		run(JavaBeans.class, INTERVAL, "--spring.datasource.url=jdbc:h2:mem:any", "--spring.datasource.username=app",
				"--spring.datasource.hikari.password=${DIRECT_KEY}");
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void warnWhenConstructorsAreBoundToSecretsNamesTheirTypes(CapturedOutput output) {
		run(Bound.class, INTERVAL);
		assertThat(warnings(output)).containsExactly(UNREACHED
				+ "OutdatedBeansWarningTests.Direct, OutdatedBeansWarningTests.Placeholder. Declare their secrets as "
				+ "LiveSecret instead of String: beans that are bound by their constructor are never bound again");
	}

	@Test
	void warnWhenLiveSecretsFollowNamesOnlyTypesWithOtherSecrets(CapturedOutput output) {
		run(Live.class, INTERVAL, "--ecs-secrets.secrets[0].name=DIRECT_KEY", "--ecs-secrets.secrets[0].value-from=key",
				"--ecs-secrets.secrets[1].name=DIRECT_OTHER_KEY", "--ecs-secrets.secrets[1].value-from=key");
		assertThat(warnings(output)).singleElement()
			.asString()
			.startsWith(UNREACHED + "OutdatedBeansWarningTests.HalfLive. Declare their secrets as LiveSecret ");
	}

	@Test
	void warnWhenInjectedSecretsAreOverriddenNamesTheirTypes(CapturedOutput output) {
		this.processEnvironment.put("DIRECT_KEY", "canary");
		run(Bound.class, INTERVAL, "--ecs-secrets.refresh.override-injected=true");
		assertThat(warnings(output)).singleElement().asString().contains("OutdatedBeansWarningTests.Direct");
	}

	@Test
	void warnWhenRefreshScopeIsNotRefreshedNamesItsBeansWithSecrets(CapturedOutput output) {
		run(Scoped.class, INTERVAL);
		assertThat(warnings(output)).containsExactly(UNREACHED
				+ "beans of @RefreshScope: byConstructor, byFactoryMethod, byField, byMethod, bySetters, withoutProxy. Set ecs-secrets.refresh.refresh-scope to true, which recreates them after a "
				+ "change");
	}

	@Test
	void warnWhenRefreshScopeIsRefreshedIsSilent(CapturedOutput output) {
		run(Scoped.class, INTERVAL, "--ecs-secrets.refresh.refresh-scope=true");
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void warnWhenPoolIsOfRefreshScopeIsSilent(CapturedOutput output) {
		run(ScopedPool.class, INTERVAL, "--pool.jdbc-url=jdbc:h2:mem:scoped", "--pool.username=app",
				"--pool.password=${DIRECT_KEY}");
		assertThat(warnings(output)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "RabbitMQ, spring.rabbitmq.password", "RabbitMQ, spring.rabbitmq.username",
			"RabbitMQ, spring.rabbitmq.addresses", "RabbitMQ, spring.rabbitmq.stream.username",
			"RabbitMQ, spring.rabbitmq.stream.password", "mail, spring.mail.username", "mail, spring.mail.password",
			"MongoDB, spring.mongodb.uri", "MongoDB, spring.mongodb.username", "MongoDB, spring.mongodb.password",
			"LDAP, spring.ldap.username", "LDAP, spring.ldap.password" })
	void warnWhenClientHasSecretNamesItAndTheProperty(String client, String property, CapturedOutput output) {
		run(Clients.class, INTERVAL, "--" + property + "=any:${DIRECT_KEY}@host");
		assertThat(warnings(output)).containsExactly(
				UNREACHED + "the client for " + client + " (" + property + "). Restart the application after a "
						+ "rotation: the client keeps the credentials that it was created with");
	}

	@ParameterizedTest
	@CsvSource({ "spring.rabbitmq.ssl, key-store-password", "spring.mail.properties, mail.smtp.password",
			"spring.kafka.jaas.options, password", "spring.kafka.properties, sasl.jaas.config",
			"spring.kafka.properties, '[sasl.jaas.config]'", "spring.kafka.ssl, key-store-key",
			"spring.kafka.ssl, trust-store-password", "spring.kafka.admin, properties.sasl.jaas.config",
			"spring.kafka.consumer, ssl.key-password", "spring.kafka.producer, ssl.key-store-password",
			"spring.kafka.streams, properties.sasl.jaas.config",
			"spring.ldap.base-environment, java.naming.security.credentials" })
	void warnWhenPropertyBelowThoseOfClientHasSecretNamesItsParent(String parent, String name, CapturedOutput output) {
		run(Clients.class, INTERVAL, "--" + parent + (name.startsWith("[") ? "" : ".") + name + "=any ${DIRECT_KEY}");
		assertThat(warnings(output)).singleElement().asString().contains("(" + parent + ")");
	}

	@ParameterizedTest
	@CsvSource({ "pem, keystore.private-key", "pem, keystore.private-key-password", "pem, truststore.certificate",
			"jks, key.password", "jks, keystore.password", "jks, truststore.password" })
	void warnWhenTlsBundleHasSecretSaysSo(String type, String name, CapturedOutput output) {
		run(TlsBundles.class, INTERVAL, "--spring.ssl.bundle." + type + ".any." + name + "=${DIRECT_KEY}");
		assertThat(warnings(output)).containsExactly(
				UNREACHED + "TLS bundles (spring.ssl.bundle." + type + "). Restart the application after a "
						+ "rotation: bundles keep the keys and passwords that they were created with");
	}

	@Test
	void warnWhenTlsBundleHasNoSecretIsSilent(CapturedOutput output) {
		run(TlsBundles.class, INTERVAL, "--spring.ssl.bundle.pem.any.keystore.private-key=literal");
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void warnWhenMongoClientIsReactiveNamesIt(CapturedOutput output) {
		run(ReactiveMongo.class, INTERVAL, "--spring.mongodb.password=${DIRECT_KEY}");
		assertThat(warnings(output)).singleElement().asString().contains("the client for MongoDB");
	}

	@Test
	void warnWhenClientHasSeveralSecretsNamesAllOfItsProperties(CapturedOutput output) {
		run(Clients.class, INTERVAL, "--spring.rabbitmq.username=${DIRECT_KEY}", "--spring.rabbitmq.password=literal",
				"--spring.rabbitmq.addresses[0]=amqp://${DIRECT_KEY}@a");
		assertThat(warnings(output)).singleElement()
			.asString()
			.contains("RabbitMQ (spring.rabbitmq.addresses, spring.rabbitmq.username)");
	}

	@Test
	void warnWhenThereIsNoClientIsSilent(CapturedOutput output) {
		run(JavaBeans.class, INTERVAL, "--spring.rabbitmq.password=${DIRECT_KEY}");
		assertThat(warnings(output)).isEmpty();
	}

	@Test
	void warnWhenClientIsLazyNamesItWithoutCreatingIt(CapturedOutput output) {
		run(LazyClient.class, INTERVAL, "--spring.rabbitmq.password=${DIRECT_KEY}");
		assertThat(warnings(output)).singleElement().asString().contains("the client for RabbitMQ");
	}

	@ParameterizedTest
	@CsvSource({ "false, 1", "true, 0" })
	void warnWhenClientIsOfRefreshScopeDependsOnThatScope(String refreshScope, int count, CapturedOutput output) {
		run(ScopedClient.class, INTERVAL, "--spring.rabbitmq.password=${DIRECT_KEY}",
				"--ecs-secrets.refresh.refresh-scope=" + refreshScope);
		assertThat(warnings(output)).hasSize(count);
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" WARN "))
			.map((line) -> line.replaceFirst(".* WARN .*? : ", ""))
			.toList();
	}

	private void run(Class<?> application, String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace("systemEnvironment",
					new SystemEnvironmentPropertySource("systemEnvironment", this.processEnvironment));
		List<String> all = new ArrayList<>(List.of("--spring.jmx.enabled=false"));
		all.addAll(Arrays.asList(args));
		new SpringApplicationBuilder(application).environment(environment)
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.secrets[0].name=DIRECT_KEY", "ecs-secrets.secrets[0].value-from=key",
					"placeholder.url=http://${host}/${direct.key}", "host=localhost", "none.key=none",
					"none.unresolvable=${absent}", "late.key=${DIRECT_KEY}", "setters.key=${DIRECT_KEY}",
					"others.key=${DIRECT_KEY}", "scoped.key=${DIRECT_KEY}", "scoped-without-secret.key=none",
					"live.key=${DIRECT_KEY}", "live.list[0]=${DIRECT_KEY}", "half-live.key=${DIRECT_KEY}",
					"half-live.other=${DIRECT_KEY}")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of(new InMemorySecretStore().put("key", "canary"))))
			.run(all.toArray(String[]::new))
			.close();
	}

	@ConfigurationProperties("direct")
	record Direct(String key) {

	}

	@ConfigurationProperties("placeholder")
	record Placeholder(String url) {

	}

	@ConfigurationProperties("none")
	record None(String key) {

	}

	@ConfigurationProperties("live")
	record AllLive(LiveSecret key, List<LiveSecret> list) {

	}

	@ConfigurationProperties("direct")
	record LiveDirectKey(LiveSecret key, LiveSecret otherKey) {

	}

	@ConfigurationProperties("half-live")
	record HalfLiveToo(LiveSecret key, LiveSecret other) {

	}

	@ConfigurationProperties("half-live")
	record HalfLive(LiveSecret key, String other) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties({ AllLive.class, HalfLive.class, HalfLiveToo.class, LiveDirectKey.class })
	static class Live {

		@Bean
		@RefreshScope
		LiveValueHolder scoped() {
			return new LiveValueHolder();
		}

	}

	static class LiveValueHolder {

		@Value("${DIRECT_KEY}")
		LiveSecret field;

		@Value("")
		void set(@Value("${DIRECT_KEY}") LiveSecret parameter) {
		}

	}

	@ConfigurationProperties("setters")
	static class Setters extends Key {

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

	@ConfigurationProperties("late")
	static class Late {

		private final String key;

		Late(String key) {
			this.key = key;
		}

		String key() {
			return this.key;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	@EnableConfigurationProperties({ Direct.class, Placeholder.class, None.class, Setters.class })
	static class Bound {

		@Bean
		@Lazy
		Late late() {
			throw new IllegalStateException("nobody has asked for it");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties({ None.class, Setters.class })
	static class JavaBeans {

		@Bean
		@ConfigurationProperties("others")
		Key others() {
			return new Key();
		}

		@Bean
		String outdatedByChoice(@Value("${DIRECT_KEY}") String key) {
			return "of a singleton";
		}

	}

	static class ByField {

		@Value("#{'${direct.key}'.trim()}")
		String key;

	}

	static class ByMethod {

		@Value("${DIRECT_KEY}")
		void setKey(String key) {
		}

	}

	@Lazy
	@RefreshScope
	@Component("byConstructor")
	static class ByConstructor {

		ByConstructor(@Value("${host}") String host, @Value("${DIRECT_KEY}") String key) {
		}

	}

	static class WithoutSecret {

		@Value("${host}")
		String host;

		@Value("text")
		String text;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	@Import(ByConstructor.class)
	static class Scoped {

		@Bean
		@RefreshScope
		CharSequence byFactoryMethod(@Value("${DIRECT_KEY}") String key) {
			return "made of a secret";
		}

		@Bean
		@RefreshScope
		ByField byField() {
			return new ByField();
		}

		@Bean
		@RefreshScope
		ByMethod byMethod() {
			return new ByMethod();
		}

		@Bean
		@RefreshScope
		@ConfigurationProperties("scoped")
		Key bySetters() {
			return new Key();
		}

		@Bean
		@RefreshScope
		@ConfigurationProperties("scoped-without-secret")
		Key bySettersWithoutSecret() {
			return new Key();
		}

		@Bean
		@RefreshScope
		WithoutSecret withoutSecret() {
			return new WithoutSecret();
		}

		@Bean
		@Lazy
		@Scope("refresh")
		ByField withoutProxy() {
			throw new IllegalStateException("nobody has asked for it");
		}

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		ByField otherScope() {
			return new ByField();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class ScopedPool {

		@Bean
		@RefreshScope
		@ConfigurationProperties("pool")
		DataSource pool() {
			return new HikariDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Clients {

		@Bean
		SpecialConnectionFactory rabbit() {
			return new SpecialConnectionFactory() {
			};
		}

		@Bean
		MailSender mail() {
			return new MailSender() {
			};
		}

		@Bean
		KafkaResourceFactory kafka() {
			return new KafkaResourceFactory() {
			};
		}

		@Bean
		MongoClient mongo() {
			return new MongoClient() {
			};
		}

		@Bean
		ContextSource ldap() {
			return new ContextSource() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class ReactiveMongo {

		@Bean
		com.mongodb.reactivestreams.client.MongoClient mongo() {
			return new com.mongodb.reactivestreams.client.MongoClient() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class TlsBundles {

		@Bean
		SslBundleRegistry registry() {
			return new DefaultSslBundleRegistry();
		}

	}

	interface SpecialConnectionFactory extends ConnectionFactory {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class LazyClient {

		@Bean
		@Lazy
		ConnectionFactory rabbit() {
			throw new IllegalStateException("nobody has asked for it");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class ScopedClient {

		@Bean
		@RefreshScope
		ConnectionFactory rabbit() {
			return new ConnectionFactory() {
			};
		}

	}

}
