// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.time.Duration;
import java.util.stream.Stream;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.CredentialProperties;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.r2dbc.FollowingConnectionFactory.Pool;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.r2dbc.ConnectionFactoryDecorator;
import org.springframework.boot.r2dbc.OptionsCapableConnectionFactory;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Lets a connection factory follow its secrets if its user or password come from them.
 */
final class R2dbcCredentials implements ConnectionFactoryDecorator {

	private static final Log logger = LogFactory.getLog(R2dbcCredentials.class);

	private static final String URL = "spring.r2dbc.url";

	private static final String USER = "spring.r2dbc.username";

	private static final String PASSWORD = "spring.r2dbc.password";

	// Spring Boot's own class is not public.
	private static final String DETAILS_FROM_PROPERTIES = "org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration$PropertiesR2dbcConnectionDetails";

	private static final String POOL = "io.r2dbc.pool.ConnectionPool";

	private static final Duration AT_MOST = Duration.ofSeconds(15);

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	private final ObjectProvider<R2dbcProperties> properties;

	// Factories refer to it weakly.
	private final Source source;

	R2dbcCredentials(ConfigurableApplicationContext context, Secrets secrets,
			ObjectProvider<R2dbcProperties> properties) {
		this.context = context;
		this.secrets = secrets;
		this.properties = properties;
		this.source = new Source(secrets, context.getEnvironment());
	}

	/**
	 * A pool that is part of the URL is decorated itself. It keeps its credentials.
	 */
	@Override
	public ConnectionFactory decorate(ConnectionFactory delegate) {
		R2dbcProperties bound = this.properties.getIfAvailable();
		if (bound == null || !this.secrets.clientsFollow() || hasOtherDetails()
				|| !(delegate instanceof OptionsCapableConnectionFactory original)) {
			return delegate;
		}
		Pair expected = pair(bound.getUrl(), bound.getUsername(), bound.getPassword());
		Pair own = pair(original.getOptions(), null, null);
		ConnectionFactoryOptions url = options(bound.getUrl());
		String user = property(url, ConnectionFactoryOptions.USER, USER, expected.user());
		String password = property(url, ConnectionFactoryOptions.PASSWORD, PASSWORD, expected.password());
		// A customizer may have replaced them.
		if (isOther(expected.user(), own.user()) || isOther(expected.password(), own.password())
				|| !(referencesSecret(user) || referencesSecret(password))) {
			return delegate;
		}
		FollowingConnectionFactory following = new FollowingConnectionFactory(original, own,
				(lastUsed) -> new ClientCredentials(this.source, user, password, R2dbcCredentials::pair, lastUsed),
				pool(bound), atMost(bound));
		logger.debug("The R2DBC client follows its secrets: " + following);
		return following;
	}

	/**
	 * Returns the property that has a credential, or {@code null} if none has. Spring
	 * Boot prefers the URL.
	 */
	private static @Nullable String property(ConnectionFactoryOptions url, Option<?> option, String property,
			@Nullable String value) {
		if (url.hasOption(option)) {
			return URL;
		}
		return (value != null) ? property : null;
	}

	private static boolean isOther(@Nullable String expected, @Nullable String value) {
		return expected != null && !expected.equals(value);
	}

	private boolean referencesSecret(@Nullable String property) {
		return property != null && this.source.properties().referencesSecret(property);
	}

	private static Pair pair(CredentialProperties properties) {
		try {
			return pair(properties.bind(URL), properties.bind(USER), properties.bind(PASSWORD));
		}
		catch (IllegalArgumentException ex) {
			// A new value has to be percent-encoded in a URL.
			return new Pair(null, null);
		}
	}

	private static Pair pair(@Nullable String url, @Nullable String user, @Nullable String password) {
		return pair(options(url), user, password);
	}

	private static Pair pair(ConnectionFactoryOptions options, @Nullable String user, @Nullable String password) {
		return new Pair(value(options, ConnectionFactoryOptions.USER, user),
				value(options, ConnectionFactoryOptions.PASSWORD, password));
	}

	private static @Nullable String value(ConnectionFactoryOptions options, Option<?> option, @Nullable String other) {
		Object value = options.getValue(option);
		if (value != null) {
			return value.toString();
		}
		return StringUtils.hasText(other) ? other : null;
	}

	private static ConnectionFactoryOptions options(@Nullable String url) {
		return StringUtils.hasText(url) ? ConnectionFactoryOptions.parse(url)
				: ConnectionFactoryOptions.builder().build();
	}

	/**
	 * Returns whether Spring Boot gives the factory other credentials than its
	 * properties.
	 */
	private boolean hasOtherDetails() {
		return Stream
			.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.context, R2dbcConnectionDetails.class, true,
					false))
			.map((details) -> this.context.getType(details, false))
			.anyMatch((type) -> type == null || !type.getName().equals(DETAILS_FROM_PROPERTIES));
	}

	private @Nullable Pool pool(R2dbcProperties bound) {
		if (!bound.getPool().isEnabled() || !ClassUtils.isPresent(POOL, this.context.getClassLoader())) {
			return null;
		}
		Duration maxCreateTime = bound.getPool().getMaxCreateConnectionTime();
		return new Pool((maxCreateTime == null || maxCreateTime.isNegative()) ? null : maxCreateTime);
	}

	/**
	 * Returns how long a refused login may wait. A caller of a pool that waits longer
	 * needs the refusal as the cause.
	 */
	private static Duration atMost(R2dbcProperties bound) {
		return Stream.of(bound.getPool().getMaxAcquireTime(), bound.getPool().getMaxCreateConnectionTime())
			.filter((time) -> time != null && !time.isNegative())
			.map((time) -> time.dividedBy(2))
			.filter((time) -> time.compareTo(AT_MOST) < 0)
			.min(Duration::compareTo)
			.orElse(AT_MOST);
	}

}
