// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.time.Duration;
import java.util.Objects;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientLogins;
import dev.ecssecrets.boot.LoginRefusal;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import io.lettuce.core.RedisException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

import org.springframework.core.Ordered;

/**
 * Logins of one client to servers that share a user and a password. Lettuce asks for
 * credentials on threads that must not wait: it gets those that were last settled on.
 */
final class RedisLogins implements ImmediateRedisCredentialsProvider, SecretsListener, Ordered {

	// For a connection that logs in while they change, and subscribes afterwards.
	private static final Duration REPLAY = Duration.ofMinutes(1);

	private final ClientCredentials credentials;

	private final ClientLogins<RedisException> logins;

	private final Duration atMost;

	final Sinks.Many<RedisCredentials> changes = Sinks.many().replay().limit(1, REPLAY);

	private volatile Pair last;

	/**
	 * Creates the logins of a client.
	 * @param client what the log calls it
	 * @param properties the properties that its credentials come from
	 * @param atMost how long a refused login may wait for other credentials
	 */
	RedisLogins(String client, RedisCredentialProperties properties, Duration atMost) {
		this.last = properties.pair();
		this.credentials = properties.credentials(() -> this.last);
		this.logins = new ClientLogins<>("Redis", () -> client, this.credentials, this.credentials::current,
				new Failures());
		this.atMost = atMost;
	}

	ClientLogins<RedisException>.Attempt attempt() {
		return this.logins.attempt(this.atMost);
	}

	/**
	 * Before the listeners of the application, which may need a connection.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 3;
	}

	@Override
	public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		follow();
	}

	/**
	 * Uses the current credentials from now on. Live connections that have others log in
	 * again. One at a time, as the last one has to see the newest.
	 */
	synchronized void follow() {
		Pair pair = this.credentials.current();
		if (!pair.equals(this.last)) {
			this.last = pair;
			if (pair.password() != null) {
				this.changes.tryEmitNext(resolveCredentialsNow());
			}
		}
	}

	@Override
	public RedisCredentials resolveCredentialsNow() {
		Pair pair = this.last;
		return RedisCredentials.just(pair.user(), pair.password());
	}

	@Override
	public boolean supportsStreaming() {
		return true;
	}

	@Override
	public Flux<RedisCredentials> credentials() {
		return this.changes.asFlux();
	}

	/**
	 * Returns where the credentials come from.
	 */
	@Override
	public String toString() {
		return this.credentials.toString();
	}

	/**
	 * Failures of Lettuce, with the message of the server.
	 */
	private static final class Failures implements ClientLogins.Failures<RedisException> {

		@Override
		public @Nullable LoginRefusal refusal(RedisException failure) {
			String message = Objects.requireNonNullElse(failure.getMessage(), "");
			return (failure instanceof RedisCommandExecutionException
					&& (message.startsWith("WRONGPASS") || message.startsWith("ERR invalid password")))
							? LoginRefusal.WRONG_PASSWORD : null;
		}

		@Override
		public RedisException wrongPassword(RedisException refusal, String message) {
			return new RedisCommandExecutionException(message, refusal);
		}

		@Override
		public RedisException unsettled(String message) {
			return new RedisConnectionException(message);
		}

	}

}
