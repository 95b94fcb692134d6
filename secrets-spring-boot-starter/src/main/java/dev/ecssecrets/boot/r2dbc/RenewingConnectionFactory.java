// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReference;

import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.r2dbc.FollowingConnectionFactory.Pool;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Wrapped;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;

/**
 * Connection factory of a pool, whose connections are renewed after the credentials have
 * changed. The pool itself would give up one connection at a time, and fail those who
 * meet too many.
 */
final class RenewingConnectionFactory
		implements ConnectionFactory, Wrapped<ConnectionFactory>, SecretsListener, Ordered {

	private final ConnectionFactory delegate;

	private final FollowingConnectionFactory following;

	private final Pool pool;

	// A pool holds them itself.
	private final Set<RenewingConnection> connections = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private RenewingConnectionFactory(ConnectionFactory delegate, FollowingConnectionFactory following, Pool pool) {
		this.delegate = delegate;
		this.following = following;
		this.pool = pool;
	}

	/**
	 * Decorates the factory of a pool that follows its secrets.
	 */
	static ConnectionFactory decorate(ConnectionFactory delegate, Secrets secrets) {
		FollowingConnectionFactory following = (delegate instanceof FollowingConnectionFactory itself) ? itself
				: (delegate instanceof Wrapped<?> wrapped) ? wrapped.unwrap(FollowingConnectionFactory.class) : null;
		Pool pool = (following != null) ? following.pool() : null;
		if (following == null || pool == null) {
			return delegate;
		}
		RenewingConnectionFactory renewing = new RenewingConnectionFactory(delegate, following, pool);
		secrets.addListener(renewing);
		return renewing;
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
		this.following.follow();
		List.copyOf(this.connections).forEach(RenewingConnection::closeIfOutdated);
	}

	@Override
	public Mono<Connection> create() {
		return open().map((session) -> {
			RenewingConnection connection = new RenewingConnection(session, this::isOutdated, reopen());
			this.connections.add(connection);
			// The listener may not have seen it.
			connection.closeIfOutdated();
			return connection;
		});
	}

	/**
	 * Opens a session. Decorators hide which credentials it has.
	 */
	private Mono<Session> open() {
		return Mono.defer(() -> {
			AtomicReference<Pair> used = new AtomicReference<>(this.following.pair());
			return Mono.from(this.delegate.create())
				.map((connection) -> new Session(Objects.requireNonNull(used.get()), connection))
				.contextWrite((context) -> context.put(FollowingConnectionFactory.class, used));
		});
	}

	/**
	 * Opens another session in time. A pool limits only the time for the first one.
	 */
	private Mono<Session> reopen() {
		Duration maxTime = this.pool.maxCreateTime();
		return (maxTime != null) ? open().timeout(maxTime) : open();
	}

	private boolean isOutdated(Session session) {
		return !this.following.pair().equals(session.pair());
	}

	@Override
	public ConnectionFactoryMetadata getMetadata() {
		return this.delegate.getMetadata();
	}

	@Override
	public ConnectionFactory unwrap() {
		return this.delegate;
	}

}
