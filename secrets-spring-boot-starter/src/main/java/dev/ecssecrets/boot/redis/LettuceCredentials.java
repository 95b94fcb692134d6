// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.ReauthenticateBehavior;
import io.lettuce.core.ConnectionBuilder;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Node;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails.Sentinel;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * Lets the client that Spring Boot makes with Lettuce follow its secrets: those of the
 * servers, and those of their sentinels.
 */
final class LettuceCredentials implements LettuceClientConfigurationBuilderCustomizer {

	private static final Log logger = LogFactory.getLog(LettuceCredentials.class);

	private final RedisSecrets secrets;

	LettuceCredentials(RedisSecrets secrets) {
		this.secrets = secrets;
	}

	@Override
	public void customize(LettuceClientConfigurationBuilder builder) {
		LettuceClientConfiguration configuration = builder.build();
		if (!this.secrets.mayFollow() || configuration.getRedisCredentialsProviderFactory().isPresent()) {
			return;
		}
		// Callers wait for the whole of it, and then need the refusal as the cause.
		Duration atMost = configuration.getCommandTimeout().dividedBy(2);
		Sentinel sentinel = this.secrets.sentinel();
		Client client = new Client(logins("the client", this.secrets.ofServers(), atMost),
				(sentinel != null) ? logins("the client of the sentinels", this.secrets.ofSentinels(), atMost) : null,
				(sentinel != null) ? Set.copyOf(sentinel.getNodes()) : Set.of());
		if (client.logins().isEmpty()) {
			return;
		}
		builder.redisCredentialsProviderFactory(client);
		configuration.getClientOptions().ifPresent((options) -> builder.clientOptions(reauthenticating(options)));
		configuration.getClientResources()
			.ifPresent((resources) -> builder.clientResources(withLogins(resources, client)));
		client.logins().forEach(this.secrets.secrets()::addListener);
		logger.debug("The client for Redis follows its secrets: " + client.logins());
	}

	private static @Nullable RedisLogins logins(String client, @Nullable RedisCredentialProperties properties,
			Duration atMost) {
		return (properties != null) ? new RedisLogins(client, properties, atMost) : null;
	}

	/**
	 * Lettuce refuses to re-authenticate if the application has chosen RESP2, in which a
	 * subscribed connection cannot: then it would open no such connection.
	 */
	private static ClientOptions reauthenticating(ClientOptions options) {
		return (options.getConfiguredProtocolVersion() == ProtocolVersion.RESP2) ? options
				: options.mutate().reauthenticateBehavior(ReauthenticateBehavior.ON_NEW_CREDENTIALS).build();
	}

	/**
	 * Returns the resources for this client alone: others that share them may have other
	 * servers. They have no threads of their own.
	 */
	@SuppressWarnings("FutureReturnValueIgnored")
	private static ClientResources withLogins(ClientResources resources, Client client) {
		NettyCustomizer customizer = resources.nettyCustomizer();
		ClientResources own = resources.mutate()
			.eventLoopGroupProvider(resources.eventLoopGroupProvider())
			.eventExecutorGroup(resources.eventExecutorGroup())
			.timer(resources.timer())
			.commandLatencyRecorder(resources.commandLatencyRecorder())
			.nettyCustomizer(new NettyCustomizer() {

				@Override
				public void afterBootstrapInitialized(Bootstrap bootstrap) {
					customizer.afterBootstrapInitialized(bootstrap);
				}

				@Override
				public void afterChannelInitialized(Channel channel) {
					customizer.afterChannelInitialized(channel);
					client.addTo(channel);
				}

			})
			.build();
		// Ends only a second publisher of the same metrics.
		own.shutdown(0, 0, TimeUnit.SECONDS);
		return own;
	}

	/**
	 * Logins of the client.
	 *
	 * @param servers those to servers, or {@code null} if their credentials are no
	 * secrets
	 * @param sentinels those to sentinels, or {@code null} if their credentials are no
	 * secrets
	 * @param sentinelNodes the addresses of the sentinels
	 */
	private record Client(@Nullable RedisLogins servers, @Nullable RedisLogins sentinels,
			Set<Node> sentinelNodes) implements RedisCredentialsProviderFactory {

		Collection<RedisLogins> logins() {
			return Stream.of(this.servers, this.sentinels).flatMap(Stream::ofNullable).toList();
		}

		@Override
		public @Nullable RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
			return (this.servers != null) ? this.servers
					: RedisCredentialsProviderFactory.super.createCredentialsProvider(configuration);
		}

		@Override
		public RedisCredentialsProvider createSentinelCredentialsProvider(RedisSentinelConfiguration configuration) {
			return (this.sentinels != null) ? this.sentinels
					: RedisCredentialsProviderFactory.super.createSentinelCredentialsProvider(configuration);
		}

		void addTo(Channel channel) {
			RedisLogins logins = isOfSentinel(channel) ? this.sentinels : this.servers;
			if (logins != null) {
				LoginHandler.addTo(channel, logins);
			}
		}

		private boolean isOfSentinel(Channel channel) {
			if (this.sentinelNodes.isEmpty()) {
				return false;
			}
			RedisURI uri = RedisURI.create(channel.attr(ConnectionBuilder.REDIS_URI).get());
			return uri.getSentinels().isEmpty() && this.sentinelNodes.contains(new Node(uri.getHost(), uri.getPort()));
		}

	}

}
