// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.context.properties.bind.BindMethod;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * Beans that keep the values of secrets when a refresh changes them. The search creates
 * no bean, and knows the types of optional libraries by their names only.
 */
final class OutdatedBeans {

	static final String SPRING_CLOUD_EVENT = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

	private static final String REFRESH_SCOPE = "refresh";

	// A pool follows its secrets, or has a warning of its own.
	private static final String POOL = "javax.sql.DataSource";

	// To bind its properties again does not change what it has made of them.
	private static final String SPRING = "org.springframework.";

	private static final List<String> MONGODB = List.of("uri", "username", "password");

	private static final List<Client> CLIENTS = List.of(
			new Client("Redis", "org.springframework.data.redis.connection.RedisConnectionFactory", "spring.data.redis",
					List.of("url", "username", "password", "sentinel.username", "sentinel.password"),
					"ecsSecretsLettuceCredentials"),
			new Client("R2DBC", "io.r2dbc.spi.ConnectionFactory", "spring.r2dbc",
					List.of("url", "username", "password"), "ecsSecretsR2dbcCredentials"),
			new Client("RabbitMQ", "org.springframework.amqp.rabbit.connection.ConnectionFactory", "spring.rabbitmq",
					List.of("addresses", "username", "password", "ssl", "stream.username", "stream.password")),
			new Client("mail", "org.springframework.mail.MailSender", "spring.mail",
					List.of("username", "password", "properties")),
			new Client("Kafka", "org.springframework.kafka.core.KafkaResourceFactory", "spring.kafka",
					List.of("jaas.options", "properties", "ssl", "admin", "consumer", "producer", "streams")),
			new Client("MongoDB", "com.mongodb.client.MongoClient", "spring.mongodb", MONGODB),
			new Client("MongoDB", "com.mongodb.reactivestreams.client.MongoClient", "spring.mongodb", MONGODB),
			new Client("LDAP", "org.springframework.ldap.core.ContextSource", "spring.ldap",
					List.of("username", "password", "base-environment")));

	private static final Client TLS_BUNDLES = new Client("TLS", "org.springframework.boot.ssl.SslBundleRegistry",
			"spring.ssl.bundle", List.of("pem", "jks"));

	private final ConfigurableApplicationContext context;

	private final ConfigurableListableBeanFactory beans;

	private final boolean refreshesScope;

	private final CredentialProperties properties;

	private final @Nullable LiveSecretBindHandlerAdvisor liveSecrets;

	private final Secrets secrets;

	/**
	 * Creates the search.
	 * @param context the context of the beans
	 * @param secrets the secrets
	 * @param liveSecrets knows the properties that follow, or {@code null} if none does
	 */
	OutdatedBeans(ConfigurableApplicationContext context, Secrets secrets,
			@Nullable LiveSecretBindHandlerAdvisor liveSecrets) {
		SecretsSnapshot snapshot = secrets.current();
		this.secrets = secrets;
		this.context = context;
		this.liveSecrets = liveSecrets;
		this.beans = context.getBeanFactory();
		this.refreshesScope = snapshot.refresh().refreshScope();
		this.properties = new CredentialProperties(context.getEnvironment(), snapshot);
	}

	/**
	 * Returns whether there is something that binds beans with setters again.
	 */
	boolean springCloudIsPresent() {
		return ClassUtils.isPresent(SPRING_CLOUD_EVENT, this.beans.getBeanClassLoader());
	}

	/**
	 * Returns the beans of Spring Cloud's refresh scope that read secrets.
	 */
	Set<String> ofRefreshScope() {
		return definitions().filter(this::isOfRefreshScope)
			.filter(this::readsSecret)
			.map((name) -> ScopedProxyUtils.isScopedTarget(name) ? ScopedProxyUtils.getOriginalBeanName(name) : name)
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private boolean readsSecret(String name) {
		Class<?> type = this.beans.getType(name, false);
		return type != null && (isBoundToSecret(name, type) || hasValueOfSecret(name, type));
	}

	private boolean isBoundToSecret(String name, Class<?> type) {
		ConfigurationProperties bound = this.beans.findAnnotationOnBean(name, ConfigurationProperties.class, false);
		return bound != null && !isA(POOL, type) && hasSecretBelow(bound.prefix(), type);
	}

	private boolean hasValueOfSecret(String name, Class<?> type) {
		return this.beans.getMergedBeanDefinition(name) instanceof RootBeanDefinition definition
				&& ValueAnnotations.texts(definition, type).stream().anyMatch(this.properties::textReferencesSecret);
	}

	/**
	 * Returns the types of {@code @ConfigurationProperties} that have secrets.
	 * @param method how the types are bound
	 */
	Set<String> boundBy(BindMethod method) {
		return definitions().map(this::existingProperties)
			.filter((bean) -> bean != null && isBoundBy(method, bean))
			.map((bean) -> ClassUtils.getShortName(type(bean)))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	/**
	 * Returns a bean that has been bound. Others may still be, to newer values.
	 */
	private @Nullable ConfigurationPropertiesBean existingProperties(String name) {
		Object bean = this.beans.containsSingleton(name) ? this.beans.getSingleton(name) : null;
		return (bean != null && !isA(POOL, bean.getClass())
				&& this.beans.findAnnotationOnBean(name, ConfigurationProperties.class, false) != null)
						? ConfigurationPropertiesBean.get(this.context, bean, name) : null;
	}

	private boolean isBoundBy(BindMethod method, ConfigurationPropertiesBean bean) {
		boolean byConstructor = bean.asBindTarget().getBindMethod() == BindMethod.VALUE_OBJECT;
		return byConstructor == (method == BindMethod.VALUE_OBJECT) && !type(bean).getName().startsWith(SPRING)
				&& hasSecretBelow(bean.getAnnotation().prefix(), type(bean));
	}

	private boolean hasSecretBelow(String prefix, Class<?> type) {
		return this.properties.referencesSecretBelow(prefix,
				(name) -> this.liveSecrets == null || !this.liveSecrets.follows(type, name));
	}

	private static Class<?> type(ConfigurationPropertiesBean bean) {
		return bean.asBindTarget().getType().toClass();
	}

	/**
	 * Returns the clients whose credentials are secrets that they do not follow.
	 * @return the names of the properties that have secrets, by the name of the client
	 */
	Map<String, List<String>> propertiesOfClients() {
		Map<String, List<String>> clients = new LinkedHashMap<>();
		for (Client client : CLIENTS) {
			List<String> secrets = propertiesOf(client);
			if (!secrets.isEmpty()) {
				clients.put(client.name(), secrets);
			}
		}
		return clients;
	}

	/**
	 * Returns the properties of TLS bundles that have secrets.
	 */
	List<String> propertiesOfTlsBundles() {
		return propertiesOf(TLS_BUNDLES);
	}

	private List<String> propertiesOf(Client client) {
		List<String> secrets = client.properties()
			.filter((property) -> isSecret(property) && !this.secrets.followed().contains(property))
			.toList();
		return (!secrets.isEmpty() && definitions().anyMatch((name) -> isClient(name, client))) ? secrets : List.of();
	}

	private boolean isSecret(String property) {
		return this.properties.referencesSecret(property) || this.properties.referencesSecretBelow(property);
	}

	private boolean isClient(String name, Client client) {
		boolean createdOnce = isOfRefreshScope(name) ? !this.refreshesScope
				: this.beans.getMergedBeanDefinition(name).isSingleton()
						&& !this.beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name));
		return createdOnce && isA(client.type(), this.beans.getType(name, false)) && !willFollow(name, client);
	}

	private boolean willFollow(String name, Client client) {
		return client.follower() != null && this.beans.containsBeanDefinition(client.follower())
				&& !this.beans.containsSingleton(name);
	}

	private Stream<String> definitions() {
		return Stream.of(this.beans.getBeanDefinitionNames());
	}

	private boolean isOfRefreshScope(String name) {
		return REFRESH_SCOPE.equals(this.beans.getMergedBeanDefinition(name).getScope());
	}

	private static boolean isA(String typeName, @Nullable Class<?> type) {
		return type != null && (type.getName().equals(typeName) || isA(typeName, type.getSuperclass())
				|| Stream.of(type.getInterfaces()).anyMatch((one) -> isA(typeName, one)));
	}

	/**
	 * Client that Spring Boot creates of properties.
	 *
	 * @param name the name
	 * @param type the name of the type of its bean
	 * @param prefix the prefix of its properties
	 * @param credentials the names of the properties that have credentials, themselves or
	 * below
	 * @param follower the name of the bean that lets it follow them when it is created,
	 * or {@code null} if there is none
	 */
	private record Client(String name, String type, String prefix, List<String> credentials,
			@Nullable String follower) {

		Client(String name, String type, String prefix, List<String> credentials) {
			this(name, type, prefix, credentials, null);
		}

		Stream<String> properties() {
			return this.credentials.stream().map((name) -> this.prefix + "." + name);
		}

	}

}
