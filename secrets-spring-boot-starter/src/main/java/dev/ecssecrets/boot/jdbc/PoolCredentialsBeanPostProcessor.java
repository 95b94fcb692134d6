// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.jdbc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.CredentialProperties;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.jdbc.PoolCredentials.PropertyNames;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationPropertiesBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Gives {@link PoolCredentials} to the pools whose user or password come from secrets,
 * and retires their connections when those change.
 */
final class PoolCredentialsBeanPostProcessor implements BeanPostProcessor, SecretsListener, PriorityOrdered {

	private static final Log logger = LogFactory.getLog(PoolCredentialsBeanPostProcessor.class);

	// Spring Boot's own class is not public.
	private static final String DETAILS_FROM_PROPERTIES = "org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails";

	private static final Pattern CREDENTIALS_PARAMETER = Pattern.compile("[?&;:,(](user|username|password|pwd)=",
			Pattern.CASE_INSENSITIVE);

	private static final String ORACLE = ":oracle:";

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	// Pools refer to it weakly.
	private final Source source;

	// A pool of a scope comes and goes. It holds its credentials itself.
	private final Set<PoolCredentials> pools = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	PoolCredentialsBeanPostProcessor(ConfigurableApplicationContext context, Secrets secrets) {
		this.context = context;
		this.secrets = secrets;
		this.source = new Source(secrets, context.getEnvironment());
	}

	/**
	 * As a post-processor, after the pool's properties have been bound, and after
	 * connection details have replaced them. As a listener, before those of the
	 * application, which may need a connection.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 3;
	}

	@Override
	public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		List.copyOf(this.pools).forEach(PoolCredentials::evictOutdated);
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool && pool.getCredentialsProvider() == null
				&& pool.getHikariPoolMXBean() == null && this.secrets.clientsFollow()) {
			CredentialProperties properties = this.source.properties();
			PropertyNames names = names(pool, beanName, properties);
			if (names.referenceSecret(properties) && !hasOtherDetails(beanName)) {
				followSecretsOrWarn(pool, beanName, names);
			}
		}
		return bean;
	}

	/**
	 * Returns the properties that the credentials of a pool come from.
	 */
	private PropertyNames names(HikariDataSource pool, String beanName, CredentialProperties properties) {
		List<Candidate> candidates = candidates(pool, beanName, properties);
		return new PropertyNames(find(candidates, "username", pool.getUsername(), Candidate::user, properties),
				find(candidates, "password", pool.getPassword(), Candidate::password, properties));
	}

	/**
	 * Returns the first property that the pool's value comes from, or {@code null} if the
	 * value comes from elsewhere, such as connection details.
	 */
	private static @Nullable String find(List<Candidate> candidates, String key, @Nullable String value,
			Function<Candidate, @Nullable String> valueOf, CredentialProperties properties) {
		return candidates.stream()
			.filter((candidate) -> value != null && value.equals(valueOf.apply(candidate)))
			.map((candidate) -> candidate.prefix() + key)
			.filter((property) -> properties.bind(property) != null)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Returns the pool's own properties, then beans of properties, beginning with those
	 * that the pool was made of. The beans may have been bound before the secrets
	 * changed.
	 */
	private List<Candidate> candidates(HikariDataSource pool, String beanName, CredentialProperties properties) {
		List<Candidate> candidates = new ArrayList<>();
		String own = prefix(ConfigurationPropertiesBean.get(this.context, pool, beanName));
		if (own != null) {
			candidates.add(new Candidate(own, properties.bind(own + "username"), properties.bind(own + "password")));
		}
		existingPropertiesBeans(beanName).forEach((name, bean) -> {
			String prefix = prefix(ConfigurationPropertiesBean.get(this.context, bean, name));
			if (prefix != null) {
				candidates.add(new Candidate(prefix, bean.getUsername(), bean.getPassword()));
			}
		});
		return candidates;
	}

	/**
	 * Returns the beans of properties that exist. What the pool was made of does, and
	 * others may be lazy, or need the pool.
	 */
	private Map<String, DataSourceProperties> existingPropertiesBeans(String beanName) {
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		List<String> all = List.of(beans.getBeanNamesForType(DataSourceProperties.class, false, false));
		Set<String> names = new LinkedHashSet<>(List.of(beans.getDependenciesForBean(beanName)));
		names.retainAll(all);
		names.addAll(all);
		Map<String, DataSourceProperties> existing = new LinkedHashMap<>();
		for (String name : names) {
			if (beans.containsSingleton(name) && beans.getSingleton(name) instanceof DataSourceProperties bean) {
				existing.put(name, bean);
			}
		}
		return existing;
	}

	private static @Nullable String prefix(@Nullable ConfigurationPropertiesBean bean) {
		if (bean == null) {
			return null;
		}
		String prefix = bean.getAnnotation().prefix();
		return prefix.isEmpty() ? prefix : prefix + ".";
	}

	/**
	 * Returns whether Spring Boot gives the pool other credentials than its properties.
	 */
	private boolean hasOtherDetails(String beanName) {
		return beanName.equals("dataSource") && Stream
			.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.context, JdbcConnectionDetails.class, true,
					false))
			.map((details) -> this.context.getType(details, false))
			.anyMatch((type) -> type == null || !type.getName().equals(DETAILS_FROM_PROPERTIES));
	}

	private void followSecretsOrWarn(HikariDataSource pool, String beanName, PropertyNames names) {
		String obstacle = obstacle(pool, names);
		if (obstacle != null) {
			logger.warn("The pool '" + beanName + "' keeps the credentials that it starts with: " + obstacle);
			return;
		}
		followSecrets(pool, beanName, names);
	}

	/**
	 * Returns what keeps a pool from following its secrets, or {@code null} if nothing
	 * does.
	 */
	private static @Nullable String obstacle(HikariDataSource pool, PropertyNames names) {
		if (isOfDriver(pool) && hasCredentials(pool.getJdbcUrl())) {
			return "its JDBC URL contains credentials, which the driver may prefer. Remove them from the URL";
		}
		if (pool.getUsername() == null) {
			return "it has no user name, and without one it does not pass a new password (" + names.password()
					+ ") to the driver";
		}
		return null;
	}

	private static boolean isOfDriver(HikariDataSource pool) {
		return pool.getDataSource() == null && pool.getDataSourceClassName() == null && pool.getJdbcUrl() != null;
	}

	/**
	 * Returns whether a JDBC URL has credentials: as parameters, as those of a server
	 * ({@code //user:password@host}), or as ORACLE's ({@code user/password@host}).
	 */
	static boolean hasCredentials(String jdbcUrl) {
		return CREDENTIALS_PARAMETER.matcher(jdbcUrl).find() || hasServerCredentials(jdbcUrl)
				|| hasOracleCredentials(jdbcUrl);
	}

	private static boolean hasServerCredentials(String jdbcUrl) {
		int server = jdbcUrl.indexOf("//") + 2;
		int at = jdbcUrl.indexOf('@', server);
		return server > 1 && at != -1 && jdbcUrl.substring(server, at).chars().noneMatch((c) -> "/?;".indexOf(c) != -1);
	}

	private static boolean hasOracleCredentials(String jdbcUrl) {
		int oracle = jdbcUrl.toLowerCase(Locale.ROOT).indexOf(ORACLE);
		int user = jdbcUrl.indexOf(':', oracle + ORACLE.length()) + 1;
		int slash = jdbcUrl.indexOf('/', user);
		return oracle != -1 && user > 0 && slash > user && jdbcUrl.indexOf('@', user) > slash;
	}

	void followSecrets(HikariDataSource pool, @Nullable String beanName, PropertyNames names) {
		PoolCredentials credentials = new PoolCredentials(pool, names, this.source);
		pool.setCredentialsProvider(credentials);
		if (pool.getDataSource() != null || isOfDriver(pool)) {
			pool.setDataSource(new ReauthenticatingDataSource(pool, credentials));
		}
		this.pools.add(credentials);
		logger.debug("The pool '" + beanName + "' follows its secrets: " + credentials);
	}

	/**
	 * Properties that a pool may have its credentials from. It prints no value.
	 *
	 * @param prefix the beginning of the names of the properties
	 * @param user the user that they have, or had when they were bound
	 * @param password the password that they have, or had when they were bound
	 */
	private record Candidate(String prefix, @Nullable String user, @Nullable String password) {

		@Override
		public String toString() {
			return this.prefix;
		}

	}

}
