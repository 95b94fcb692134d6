package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Gives {@link PoolCredentials} to the pools whose user or password come from secrets.
 */
final class PoolCredentialsBeanPostProcessor implements BeanPostProcessor, ApplicationListener<SecretsRefreshedEvent>,
		PriorityOrdered, ApplicationContextAware {

	private static final Log logger = LogFactory.getLog(PoolCredentialsBeanPostProcessor.class);

	// Spring Boot's own class is not public.
	private static final String DETAILS_FROM_PROPERTIES = "org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails";

	// As parameters, as ORACLE's user/password@host and as an address's
	// user:password@host.
	private static final Pattern CREDENTIALS_IN_URL = Pattern
		.compile("(?i)[?&;:,(](user|username|password|pwd)=|:thin:[^@/]+/[^@]*@|//[^/?;]*@");

	private final Supplier<Collection<String>> secrets;

	private final Supplier<Consumer<Duration>> earlyRefresh;

	// A pool of a scope comes and goes; it holds its credentials itself.
	private final Set<PoolCredentials> pools = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private @Nullable ConfigurableApplicationContext applicationContext;

	/**
	 * Creates one that asks for nothing before there is a pool.
	 * @param secrets the names of the secrets whose values can change
	 * @param earlyRefresh gives what refreshes when a log-in is refused
	 */
	PoolCredentialsBeanPostProcessor(Supplier<Collection<String>> secrets, Supplier<Consumer<Duration>> earlyRefresh) {
		this.secrets = secrets;
		this.earlyRefresh = earlyRefresh;
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = (ConfigurableApplicationContext) applicationContext;
	}

	/**
	 * After the pool's properties have been bound, and after connection details have been
	 * put over them.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 3;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool && pool.getCredentialsProvider() == null
				&& pool.getHikariPoolMXBean() == null && this.applicationContext != null) {
			rotate(pool, beanName, this.applicationContext);
		}
		return bean;
	}

	/**
	 * Retires connections that were opened with other credentials than the current ones,
	 * before any other listener asks for one.
	 */
	@Override
	public void onApplicationEvent(SecretsRefreshedEvent event) {
		List.copyOf(this.pools).forEach(PoolCredentials::evictOutdated);
	}

	private void rotate(HikariDataSource pool, String beanName, ConfigurableApplicationContext context) {
		Collection<String> names = this.secrets.get();
		if (names.isEmpty()) {
			return;
		}
		ConfigurableEnvironment environment = context.getEnvironment();
		EnvironmentSnapshot snapshot = new EnvironmentSnapshot(environment);
		List<Candidate> candidates = candidates(pool, beanName, context, snapshot);
		String userProperty = find(candidates, "username", pool.getUsername(), Candidate::user, snapshot);
		String passwordProperty = find(candidates, "password", pool.getPassword(), Candidate::password, snapshot);
		DependentProperties dependents = new DependentProperties(environment, names);
		if (!(userProperty != null && dependents.contain(userProperty))
				&& !(passwordProperty != null && dependents.contain(passwordProperty))) {
			return;
		}
		if (hasOtherDetails(beanName, context)) {
			return;
		}
		boolean driver = pool.getDataSource() == null && pool.getDataSourceClassName() == null
				&& pool.getJdbcUrl() != null;
		if (driver && hasCredentials(pool.getJdbcUrl())) {
			logger.warn(
					"The pool '" + beanName + "' keeps the credentials it starts with: there are some in its JDBC URL,"
							+ " and a driver may prefer them");
			return;
		}
		if (pool.getUsername() == null) {
			logger.warn("The pool '" + beanName + "' keeps the credentials it starts with: it has no user name,"
					+ " without which it passes no new password (" + passwordProperty + ") to the driver");
			return;
		}
		PoolCredentials credentials = new PoolCredentials(pool, environment, userProperty, passwordProperty);
		pool.setCredentialsProvider(credentials);
		if (driver || pool.getDataSource() != null) {
			pool.setDataSource(new RotatingDataSource(pool, credentials, this.earlyRefresh.get()));
		}
		this.pools.add(credentials);
		logger.debug("The pool '" + beanName + "' follows its secrets: " + credentials);
	}

	/**
	 * What a pool may have its credentials from: its own properties, and beans of
	 * properties, first the ones it was made of. Those may have been bound before the
	 * secrets changed.
	 */
	private static List<Candidate> candidates(HikariDataSource pool, String beanName,
			ConfigurableApplicationContext context, EnvironmentSnapshot snapshot) {
		ConfigurableListableBeanFactory beans = context.getBeanFactory();
		List<String> properties = List.of(beans.getBeanNamesForType(DataSourceProperties.class, false, false));
		Set<String> names = new LinkedHashSet<>(List.of(beans.getDependenciesForBean(beanName)));
		names.retainAll(properties);
		names.addAll(properties);
		List<Candidate> candidates = new ArrayList<>();
		String own = prefix(ConfigurationPropertiesBean.get(context, pool, beanName));
		if (own != null) {
			candidates.add(new Candidate(own, snapshot.bind(own + "username"), snapshot.bind(own + "password")));
		}
		for (String name : names) {
			DataSourceProperties bean = beans.getBean(name, DataSourceProperties.class);
			String prefix = prefix(ConfigurationPropertiesBean.get(context, bean, name));
			if (prefix != null) {
				candidates.add(new Candidate(prefix, bean.getUsername(), bean.getPassword()));
			}
		}
		return candidates;
	}

	private static @Nullable String prefix(@Nullable ConfigurationPropertiesBean bean) {
		if (bean == null) {
			return null;
		}
		String prefix = bean.getAnnotation().prefix();
		return prefix.isEmpty() ? prefix : prefix + ".";
	}

	/**
	 * Returns the first property that the pool's value is from: if there is none, it
	 * comes from elsewhere, connection details for example.
	 */
	private static @Nullable String find(List<Candidate> candidates, String name, @Nullable String value,
			Function<Candidate, @Nullable String> valueOf, EnvironmentSnapshot snapshot) {
		for (Candidate candidate : candidates) {
			if (value != null && value.equals(valueOf.apply(candidate))
					&& snapshot.bind(candidate.prefix() + name) != null) {
				return candidate.prefix() + name;
			}
		}
		return null;
	}

	static boolean hasCredentials(String jdbcUrl) {
		return CREDENTIALS_IN_URL.matcher(jdbcUrl).find();
	}

	private static boolean hasOtherDetails(String beanName, ApplicationContext context) {
		return beanName.equals("dataSource") && context.getBeanProvider(JdbcConnectionDetails.class)
			.stream()
			.anyMatch((details) -> !details.getClass().getName().equals(DETAILS_FROM_PROPERTIES));
	}

	/**
	 * What a pool may have its credentials from. Never to be printed.
	 *
	 * @param prefix what its properties begin with
	 * @param user the user that it has, or had when it was bound
	 * @param password the password that it has, or had when it was bound
	 */
	private record Candidate(String prefix, @Nullable String user, @Nullable String password) {

		@Override
		public String toString() {
			return this.prefix;
		}

	}

}
