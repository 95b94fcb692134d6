// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.ecssecrets.boot.Database;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Wrapped;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.ApplicationContext;

/**
 * What tests do by R2DBC. JUnit looks at their own methods where R2DBC is absent, too.
 */
final class R2dbc {

	private R2dbc() {
	}

	static String url(Database database) {
		return database.url().replace("jdbc:h2:mem:", "r2dbc:h2:mem:///");
	}

	static Connection open(ApplicationContext context) {
		return Mono.from(context.getBean(ConnectionFactory.class).create()).block();
	}

	static void subscribe(ApplicationContext context, CompletableFuture<Throwable> failure) {
		Mono.from(context.getBean(ConnectionFactory.class).create()).subscribe((connection) -> {
		}, failure::complete);
	}

	static String userOf(ApplicationContext context) {
		return query(context, "SELECT CURRENT_USER");
	}

	static String userOf(Connection connection) {
		return query(connection, "SELECT CURRENT_USER").block();
	}

	static String query(ApplicationContext context, String sql) {
		return Mono
			.usingWhen(Mono.<Connection>from(context.getBean(ConnectionFactory.class).create()),
					(connection) -> query(connection, sql), Connection::close)
			.block();
	}

	private static Mono<String> query(Connection connection, String sql) {
		return Flux.from(connection.createStatement(sql).execute())
			.flatMap((result) -> result.map((row, metadata) -> String.valueOf(row.get(0))))
			.next();
	}

	static Long update(Connection connection, String sql) {
		return Flux.from(connection.createStatement(sql).execute()).flatMap(Result::getRowsUpdated).blockLast();
	}

	/**
	 * Returns the users of connections that are all open at the same time, if there may
	 * be as many.
	 */
	static List<String> users(ApplicationContext context, int count) {
		Mono<String> user = Mono.usingWhen(Mono.<Connection>from(context.getBean(ConnectionFactory.class).create()),
				(connection) -> query(connection, "SELECT CURRENT_USER").delayElement(Duration.ofMillis(20)),
				Connection::close);
		return Flux.range(0, count).flatMap((i) -> user, count).collectList().block();
	}

	static boolean isDecorated(Connection pooled) {
		return ((Wrapped<?>) pooled).unwrap() instanceof Wrapped<?> ours
				&& Proxy.isProxyClass(ours.unwrap().getClass());
	}

	/**
	 * Decorator whose connections have the methods of {@link Connection} alone, as those
	 * of R2DBC Proxy.
	 */
	record Decorator(ConnectionFactory delegate) implements ConnectionFactory, Wrapped<ConnectionFactory> {

		@Override
		public Publisher<? extends Connection> create() {
			return Mono.<Connection>from(this.delegate.create())
				.map((connection) -> (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							try {
								return method.invoke(connection, arguments);
							}
							catch (InvocationTargetException ex) {
								throw ex.getTargetException();
							}
						}));
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
