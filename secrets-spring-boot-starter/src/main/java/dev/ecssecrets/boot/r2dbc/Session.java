// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import dev.ecssecrets.boot.ClientCredentials.Pair;
import io.r2dbc.spi.Connection;
import reactor.core.publisher.Mono;

/**
 * Session with the database.
 *
 * @param pair the credentials that it has
 * @param connection the connection
 */
record Session(Pair pair, Connection connection) {

	Mono<Void> close() {
		return Mono.from(this.connection.close());
	}

}
