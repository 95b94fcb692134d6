// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import dev.ecssecrets.boot.SecretsAutoConfiguration;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Client of Redis in an application. Tests do not name its types themselves: most runs of
 * tests do not have them.
 */
final class RedisClients {

	private RedisClients() {
	}

	/**
	 * Returns the user that Redis knows the client by.
	 */
	static String userOf(ConfigurableApplicationContext context) {
		return context.getBean(StringRedisTemplate.class).execute((RedisCallback<String>) RedisClients::userOf);
	}

	/**
	 * Returns the user of a connection of its own.
	 */
	static String userOfNewConnection(ConfigurableApplicationContext context) {
		StatefulRedisConnection<String, String> connection = client(context).connect();
		try (connection) {
			return connection.sync().aclWhoami();
		}
	}

	/**
	 * Runs code in a transaction, and returns the answers of Redis.
	 */
	static List<Object> inTransaction(ConfigurableApplicationContext context, Runnable code) {
		try (StatefulRedisConnection<String, String> connection = client(context).connect()) {
			connection.sync().multi();
			connection.sync().set("key", "1");
			code.run();
			connection.sync().incr("key");
			List<Object> answers = new ArrayList<>(connection.sync().exec().stream().toList());
			answers.add(connection.sync().aclWhoami());
			return answers;
		}
	}

	/**
	 * Waits for an element of a list, and returns it and the user afterwards.
	 */
	static String pop(ConfigurableApplicationContext context, Runnable code) throws Exception {
		try (StatefulRedisConnection<String, String> connection = client(context).connect()) {
			RedisFuture<KeyValue<String, String>> element = connection.async().blpop(30, "list");
			code.run();
			return element.get().getValue() + " " + connection.sync().aclWhoami();
		}
	}

	/**
	 * Subscribes to a channel, and returns the messages.
	 */
	static BlockingQueue<String> subscribe(ConfigurableApplicationContext context) {
		BlockingQueue<String> messages = new LinkedBlockingQueue<>();
		StatefulRedisPubSubConnection<String, String> connection = client(context).connectPubSub();
		connection.addListener(new RedisPubSubAdapter<>() {

			@Override
			public void message(String channel, String message) {
				messages.add(message);
			}

		});
		connection.sync().subscribe("channel");
		return messages;
	}

	static int subscribers(RedisLogins logins) {
		return logins.changes.currentSubscriberCount();
	}

	/**
	 * Returns the passwords that a new connection is told to have changed.
	 */
	static List<String> replayedPasswords(ConfigurableApplicationContext context) {
		List<String> replayed = new ArrayList<>();
		logins(context).credentials().subscribe((one) -> replayed.add(new String(one.getPassword()))).dispose();
		return replayed;
	}

	static RedisLogins logins(ConfigurableApplicationContext context) {
		return (RedisLogins) context.getBean(LettuceConnectionFactory.class)
			.getClientConfiguration()
			.getRedisCredentialsProviderFactory()
			.orElseThrow()
			.createCredentialsProvider(new RedisStandaloneConfiguration());
	}

	private static RedisClient client(ConfigurableApplicationContext context) {
		return (RedisClient) context.getBean(LettuceConnectionFactory.class).getRequiredNativeClient();
	}

	private static String userOf(RedisConnection connection) {
		Object user = connection.execute("ACL", "WHOAMI".getBytes(StandardCharsets.UTF_8));
		assertThat(user).isInstanceOf(byte[].class);
		return new String((byte[]) user, StandardCharsets.UTF_8);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class,
			ConfigurationPropertiesAutoConfiguration.class, DataRedisAutoConfiguration.class,
			SecretsAutoConfiguration.class, SecretsLettuceAutoConfiguration.class,
			SecretsJedisAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class WithDetails {

		@Bean
		DataRedisConnectionDetails details(Environment environment) {
			return new DataRedisConnectionDetails() {

				@Override
				public String getUsername() {
					return environment.getRequiredProperty("details.user");
				}

				@Override
				public String getPassword() {
					return environment.getRequiredProperty("details.password");
				}

				@Override
				public Standalone getStandalone() {
					return Standalone.of("localhost", environment.getRequiredProperty("details.port", Integer.class));
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class WithResp2 {

		@Bean
		LettuceClientOptionsBuilderCustomizer resp2() {
			return (builder) -> builder.protocolVersion(ProtocolVersion.RESP2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class WithConfiguration {

		@Bean
		RedisStandaloneConfiguration configuration(Environment environment) {
			RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("localhost",
					environment.getRequiredProperty("spring.data.redis.port", Integer.class));
			configuration.setUsername(environment.getRequiredProperty("spring.data.redis.username"));
			configuration.setPassword(environment.getRequiredProperty("spring.data.redis.password"));
			return configuration;
		}

	}

}
