// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.PoolMetrics;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Wrapped;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.r2dbc.ConnectionFactoryDecorator;
import org.springframework.context.ApplicationContext;

/**
 * What tests of faults do by R2DBC.
 */
final class R2dbcFaults {

	static volatile boolean hang;

	private R2dbcFaults() {
	}

	static ConnectionFactoryDecorator decorator(Duration delay) {
		return (delegate) -> new Hang(delegate, delay);
	}

	static String outcome(ApplicationContext context) {
		return Mono.from(context.getBean(ConnectionFactory.class).create())
			.map((connection) -> "connected")
			.onErrorResume((ex) -> Mono.just("failed"))
			.timeout(Duration.ofSeconds(10), Mono.just("hangs"))
			.block();
	}

	static Disposable openAndClose(ApplicationContext context) {
		return Flux.range(0, 50)
			.flatMap((j) -> Mono.from(context.getBean(ConnectionFactory.class).create())
				.flatMap((connection) -> Mono.from(connection.close())))
			.subscribe();
	}

	static void insertAndLeave(ApplicationContext context, Runnable meanwhile) {
		Connection connection = R2dbc.open(context);
		Mono.from(connection.beginTransaction()).block();
		R2dbc.update(connection, "INSERT INTO T VALUES (1)");
		meanwhile.run();
		Mono.from(connection.close()).block();
	}

	/**
	 * Closes each connection that it gets, even after it has cancelled.
	 */
	static void openAndCancel(ApplicationContext context, int after) {
		BaseSubscriber<Connection> one = new BaseSubscriber<>() {

			@Override
			protected void hookOnNext(Connection connection) {
				Mono.from(connection.close()).subscribe();
			}

		};
		context.getBean(ConnectionFactory.class).create().subscribe(one);
		// At another moment of the login each time.
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(after));
		one.cancel();
	}

	static int acquired(ApplicationContext context) {
		return metrics(context).acquiredSize();
	}

	private static PoolMetrics metrics(ApplicationContext context) {
		return context.getBean(ConnectionPool.class).getMetrics().orElseThrow();
	}

	record Hang(ConnectionFactory delegate, Duration delay) implements ConnectionFactory, Wrapped<ConnectionFactory> {

		@Override
		public Publisher<? extends Connection> create() {
			return Mono.defer(() -> hang ? Mono.delay(this.delay).then(Mono.<Connection>from(this.delegate.create()))
					: Mono.<Connection>from(this.delegate.create()));
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

}
