// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientLogins;
import dev.ecssecrets.boot.LoginRefusal;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import io.r2dbc.spi.Wrapped;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.boot.r2dbc.OptionsCapableConnectionFactory;

/**
 * Connection factory that opens each connection with the current credentials. A refused
 * login waits for secrets, and never on a thread of the driver.
 */
final class FollowingConnectionFactory implements ConnectionFactory, Wrapped<ConnectionFactory> {

	private final OptionsCapableConnectionFactory original;

	private final ClientCredentials credentials;

	private final ClientLogins<Throwable> logins;

	private final @Nullable Pool pool;

	private final Duration atMost;

	private volatile Target target;

	/**
	 * Creates a factory.
	 * @param original the factory with the credentials that it was made with
	 * @param own those credentials
	 * @param credentials creates the current ones, of the last ones that were current
	 * @param pool the pool that has the connections, or {@code null} if none has
	 * @param atMost how long a refused login may wait for other credentials
	 */
	FollowingConnectionFactory(OptionsCapableConnectionFactory original, Pair own,
			Function<Supplier<Pair>, ClientCredentials> credentials, @Nullable Pool pool, Duration atMost) {
		this.original = original;
		this.target = new Target(own, original);
		this.credentials = credentials.apply(() -> this.target.pair());
		this.logins = new ClientLogins<>("The database", () -> "the R2DBC client", this.credentials,
				this.credentials::current, new Failures());
		this.pool = pool;
		this.atMost = atMost;
	}

	@Nullable Pool pool() {
		return this.pool;
	}

	/**
	 * Returns the credentials that sessions have that are not outdated.
	 */
	Pair pair() {
		return this.target.pair();
	}

	/**
	 * Outdates the sessions of other credentials than the current ones. One at a time, as
	 * the last one has to see the newest.
	 */
	synchronized void follow() {
		this.target = target(this.credentials.current());
	}

	@Override
	public Mono<Connection> create() {
		return Mono.deferContextual((context) -> {
			ClientLogins<Throwable>.Attempt attempt = this.logins.attempt(this.atMost);
			return Mono.defer(() -> login(attempt, context)).repeatWhenEmpty((again) -> again);
		}).doOnDiscard(Connection.class, (connection) -> Mono.from(connection.close()).onErrorComplete().subscribe());
	}

	/**
	 * Tries to log in once.
	 * @return the connection, or nothing if there may be other credentials to try
	 */
	private Mono<Connection> login(ClientLogins<Throwable>.Attempt attempt, ContextView context) {
		return Mono.fromFuture(attempt::nextWithoutWaiting)
			.switchIfEmpty(Mono.error(attempt::failure))
			.flatMap((pair) -> login(attempt, pair, context));
	}

	private Mono<Connection> login(ClientLogins<Throwable>.Attempt attempt, Pair pair, ContextView context) {
		return Mono.<Connection>from(target(pair).factory().create())
			.onErrorResume((ex) -> attempt.refused(ex) ? Mono.empty() : Mono.error(ex))
			.flatMap((connection) -> {
				if (!attempt.accepted()) {
					return Mono.from(connection.close()).onErrorComplete().then(Mono.empty());
				}
				follow();
				context.<AtomicReference<Pair>>getOrEmpty(getClass()).ifPresent((used) -> used.set(pair));
				return Mono.just(connection);
			});
	}

	/**
	 * Returns the last factory as long as credentials do not change: it may have caches.
	 */
	private Target target(Pair pair) {
		Target last = this.target;
		if (last.pair().equals(pair)) {
			return last;
		}
		ConnectionFactoryOptions.Builder options = this.original.getOptions().mutate();
		if (pair.user() != null) {
			options.option(ConnectionFactoryOptions.USER, pair.user());
		}
		if (pair.password() != null) {
			options.option(ConnectionFactoryOptions.PASSWORD, pair.password());
		}
		return new Target(pair, ConnectionFactories.get(options.build()));
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return this.original.getMetadata();
	}

	@Override
	public ConnectionFactory unwrap() {
		return this.original;
	}

	/**
	 * Returns where the credentials come from.
	 */
	@Override
	public String toString() {
		return this.credentials.toString();
	}

	/**
	 * Factory for one pair of credentials.
	 *
	 * @param pair the credentials
	 * @param factory the factory
	 */
	private record Target(Pair pair, ConnectionFactory factory) {

	}

	/**
	 * Pool that has the connections.
	 *
	 * @param maxCreateTime how long it waits for a new one, or {@code null} if it waits
	 * without limit
	 */
	record Pool(@Nullable Duration maxCreateTime) {

	}

	/**
	 * Failures of drivers. They have the codes of the drivers for JDBC.
	 */
	private static final class Failures implements ClientLogins.Failures<Throwable> {

		@Override
		public @Nullable LoginRefusal refusal(Throwable failure) {
			SQLException all = new SQLException();
			causes(failure).map(Failures::converted).forEach(all::setNextException);
			return LoginRefusal.of(all);
		}

		/**
		 * Some drivers report a refusal as the cause of a lost connection.
		 */
		@Override
		public Throwable wrongPassword(Throwable refusal, String message) {
			return causes(refusal).map(Failures::converted)
				.filter((one) -> LoginRefusal.of(one) != null)
				.findFirst()
				.map((one) -> new R2dbcPermissionDeniedException(message, one.getSQLState(), one.getErrorCode(),
						refusal))
				.orElseThrow();
		}

		private static Stream<R2dbcException> causes(Throwable failure) {
			return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
				.filter(R2dbcException.class::isInstance)
				.map(R2dbcException.class::cast);
		}

		private static SQLException converted(R2dbcException failure) {
			return new SQLException(null, failure.getSqlState(), failure.getErrorCode());
		}

		@Override
		public Throwable unsettled(String message) {
			return new R2dbcTransientResourceException(message);
		}

	}

}
