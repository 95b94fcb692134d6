// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.stream.Stream;

import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.Secrets;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Sentinel;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.redis.connection.RedisConfiguration;

/**
 * Secrets that the client which Spring Boot makes of properties has its credentials from.
 */
final class RedisSecrets {

	private static final String PREFIX = "spring.data.redis";

	// Spring Boot's own class is not public.
	private static final String DETAILS_FROM_PROPERTIES = "org.springframework.boot.data.redis.autoconfigure.PropertiesDataRedisConnectionDetails";

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	// Credentials refer to it weakly.
	private final Source source;

	RedisSecrets(ConfigurableApplicationContext context, Secrets secrets) {
		this.context = context;
		this.secrets = secrets;
		this.source = new Source(secrets, context.getEnvironment());
	}

	Secrets secrets() {
		return this.secrets;
	}

	/**
	 * Returns whether the client may follow. Where Spring Boot gives it other credentials
	 * than its properties, it may not.
	 */
	boolean mayFollow() {
		return this.secrets.clientsFollow() && beanTypes(RedisConfiguration.class).findAny().isEmpty()
				&& beanTypes(DataRedisConnectionDetails.class).allMatch(DETAILS_FROM_PROPERTIES::equals);
	}

	private Stream<String> beanTypes(Class<?> type) {
		return Stream.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.context, type, true, false))
			.map((name) -> {
				Class<?> actual = this.context.getType(name, false);
				return (actual != null) ? actual.getName() : "";
			});
	}

	@Nullable Sentinel sentinel() {
		return this.context.getBean(DataRedisConnectionDetails.class).getSentinel();
	}

	/**
	 * Returns the properties with the credentials for servers, or {@code null} if these
	 * are no secrets that may change.
	 */
	@Nullable RedisCredentialProperties ofServers() {
		return below(PREFIX);
	}

	/**
	 * Returns the properties with the credentials for sentinels, or {@code null} if these
	 * are no secrets that may change.
	 */
	@Nullable RedisCredentialProperties ofSentinels() {
		return below(PREFIX + ".sentinel");
	}

	private @Nullable RedisCredentialProperties below(String prefix) {
		RedisCredentialProperties properties = RedisCredentialProperties.of(this.source, prefix);
		return properties.referenceSecret() ? properties : null;
	}

}
