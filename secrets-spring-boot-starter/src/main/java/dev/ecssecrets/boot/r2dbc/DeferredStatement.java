// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.util.function.Supplier;

import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Statement of the session that a connection has when it is used.
 *
 * @param statement returns the statement, which is created once
 */
record DeferredStatement(Supplier<Statement> statement) implements Statement {

	@Override
	public Statement add() {
		return this.statement.get().add();
	}

	@Override
	public Statement bind(int index, Object value) {
		return this.statement.get().bind(index, value);
	}

	@Override
	public Statement bind(String name, Object value) {
		return this.statement.get().bind(name, value);
	}

	@Override
	public Statement bindNull(int index, Class<?> type) {
		return this.statement.get().bindNull(index, type);
	}

	@Override
	public Statement bindNull(String name, Class<?> type) {
		return this.statement.get().bindNull(name, type);
	}

	@Override
	public Statement fetchSize(int rows) {
		return this.statement.get().fetchSize(rows);
	}

	@Override
	public Statement returnGeneratedValues(String... columns) {
		return this.statement.get().returnGeneratedValues(columns);
	}

	@Override
	public Publisher<? extends Result> execute() {
		return Flux.defer(() -> this.statement.get().execute());
	}

}
