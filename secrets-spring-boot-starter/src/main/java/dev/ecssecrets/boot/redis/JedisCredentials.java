// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.Optional;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.RedisCredentials;

import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.data.redis.connection.jedis.JedisClientConfigBuilderCustomizer;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration.JedisClientConfigurationBuilder;

/**
 * Gives the new connections of the client that Spring Boot makes with Jedis the current
 * credentials. Jedis does not say whether a login was refused, and sessions that exist
 * stay. With sentinels, which get the same configuration, the client is left alone.
 */
final class JedisCredentials implements JedisClientConfigurationBuilderCustomizer {

	private final RedisSecrets secrets;

	JedisCredentials(RedisSecrets secrets) {
		this.secrets = secrets;
	}

	/**
	 * Uses the methods that both lines of Spring Data have.
	 */
	@Override
	@SuppressWarnings("deprecation")
	public void customize(JedisClientConfigurationBuilder builder) {
		RedisCredentialProperties properties = this.secrets.ofServers();
		if (!this.secrets.mayFollow() || properties == null || this.secrets.sentinel() != null) {
			return;
		}
		Pair own = properties.pair();
		ClientCredentials credentials = properties.credentials(() -> own);
		Optional<JedisClientConfigBuilderCustomizer> other = builder.build().getCustomizer();
		builder.customize((configuration) -> {
			configuration.credentialsProvider(() -> current(credentials));
			other.ifPresent((customizer) -> customizer.customize(configuration));
		});
	}

	private static RedisCredentials current(ClientCredentials credentials) {
		Pair pair = credentials.current();
		return new DefaultRedisCredentials(pair.user(), pair.password());
	}

}
