package dev.ecssecrets.boot.r2dbc;

import dev.ecssecrets.boot.Database;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What tests ask a database by R2DBC.
 */
final class R2dbc {

	private R2dbc() {
	}

	static String url(Database database) {
		return database.url().replace("jdbc:h2:mem:", "r2dbc:h2:mem:///");
	}

	static String userOf(ConnectionFactory factory) {
		return Mono.usingWhen(Mono.<Connection>from(factory.create()), R2dbc::userOf, Connection::close).block();
	}

	static Mono<String> userOf(Connection connection) {
		return Flux.from(connection.createStatement("SELECT CURRENT_USER").execute())
			.flatMap((result) -> result.map((row, metadata) -> row.get(0, String.class)))
			.next();
	}

}
