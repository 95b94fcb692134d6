// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.r2dbc;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;

import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Lifecycle;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import org.springframework.util.function.SingletonSupplier;

/**
 * Connection of a pool. If its session has outdated credentials, it is closed as soon as
 * nobody uses it, and the connection gets a new one when somebody does. So nobody meets
 * an outdated session, and none fails because all of them are.
 */
final class RenewingConnection implements Connection, Lifecycle, Wrapped<Connection> {

	private final Predicate<Session> outdated;

	private final Mono<Session> next;

	private final AtomicReference<State> state;

	/**
	 * Creates a connection.
	 * @param session its first session
	 * @param outdated returns whether a session has outdated credentials
	 * @param next opens another session
	 */
	RenewingConnection(Session session, Predicate<Session> outdated, Mono<Session> next) {
		this.outdated = outdated;
		this.next = next;
		this.state = new AtomicReference<>(new State(session, Use.IDLE));
	}

	/**
	 * Closes an outdated session that nobody uses.
	 */
	void closeIfOutdated() {
		State state = state();
		if (state.use() == Use.IDLE && this.outdated.test(state.session())
				&& this.state.compareAndSet(state, state.closed())) {
			state.session().close().onErrorComplete().subscribe();
		}
	}

	/**
	 * A pool calls it before it validates a connection and gives it to somebody.
	 */
	@Override
	public Mono<Void> postAllocate() {
		return Mono.defer(() -> {
			State state = this.state.updateAndGet((one) -> one.as(Use.IN_USE));
			return (state.use() == Use.CLOSED || this.outdated.test(state.session())) ? renew() : Mono.empty();
		}).then(Mono.defer(() -> lifecycle(Lifecycle::postAllocate)));
	}

	/**
	 * The pool may give up, and somebody else renew the session meanwhile.
	 */
	private Mono<Void> renew() {
		State renewed = state().closed();
		return close(renewed).onErrorComplete()
			.then(this.next)
			.flatMap((session) -> this.state.compareAndSet(renewed, new State(session, Use.IN_USE)) ? Mono.empty()
					: session.close());
	}

	@Override
	public Mono<Void> preRelease() {
		return Mono.defer(() -> lifecycle(Lifecycle::preRelease)).then(Mono.fromRunnable(() -> {
			this.state.updateAndGet((one) -> one.as(Use.IDLE));
			closeIfOutdated();
		}));
	}

	private Mono<Void> lifecycle(Function<Lifecycle, Publisher<Void>> call) {
		return (unwrap() instanceof Lifecycle lifecycle) ? Mono.from(call.apply(lifecycle)) : Mono.empty();
	}

	@Override
	public Mono<Void> close() {
		return Mono.defer(() -> close(state().closed()));
	}

	private Mono<Void> close(State closed) {
		State last = this.state.getAndSet(closed);
		return (last.use() != Use.CLOSED) ? last.session().close() : Mono.empty();
	}

	private State state() {
		return Objects.requireNonNull(this.state.get());
	}

	@Override
	public Connection unwrap() {
		return state().session().connection();
	}

	private Connection used() {
		return this.state.updateAndGet((one) -> one.as(Use.IN_USE)).session().connection();
	}

	@Override
	public Publisher<Void> beginTransaction() {
		return used().beginTransaction();
	}

	@Override
	public Publisher<Void> beginTransaction(TransactionDefinition definition) {
		return used().beginTransaction(definition);
	}

	@Override
	public Publisher<Void> commitTransaction() {
		return used().commitTransaction();
	}

	@Override
	public Batch createBatch() {
		return used().createBatch();
	}

	@Override
	public Publisher<Void> createSavepoint(String name) {
		return used().createSavepoint(name);
	}

	/**
	 * A pool creates the statement that validates a connection before it calls
	 * {@link #postAllocate()}, and executes it afterwards.
	 */
	@Override
	public Statement createStatement(String sql) {
		return (state().use() == Use.IN_USE) ? unwrap().createStatement(sql)
				: new DeferredStatement(SingletonSupplier.of(() -> used().createStatement(sql)));
	}

	@Override
	public boolean isAutoCommit() {
		return used().isAutoCommit();
	}

	@Override
	public ConnectionMetadata getMetadata() {
		return used().getMetadata();
	}

	@Override
	public IsolationLevel getTransactionIsolationLevel() {
		return used().getTransactionIsolationLevel();
	}

	@Override
	public Publisher<Void> releaseSavepoint(String name) {
		return used().releaseSavepoint(name);
	}

	@Override
	public Publisher<Void> rollbackTransaction() {
		return used().rollbackTransaction();
	}

	@Override
	public Publisher<Void> rollbackTransactionToSavepoint(String name) {
		return used().rollbackTransactionToSavepoint(name);
	}

	@Override
	public Publisher<Void> setAutoCommit(boolean autoCommit) {
		return used().setAutoCommit(autoCommit);
	}

	@Override
	public Publisher<Void> setLockWaitTimeout(Duration timeout) {
		return used().setLockWaitTimeout(timeout);
	}

	@Override
	public Publisher<Void> setStatementTimeout(Duration timeout) {
		return used().setStatementTimeout(timeout);
	}

	@Override
	public Publisher<Void> setTransactionIsolationLevel(IsolationLevel level) {
		return used().setTransactionIsolationLevel(level);
	}

	/**
	 * A pool, too, subscribes after {@link #postAllocate()}.
	 */
	@Override
	public Mono<Boolean> validate(ValidationDepth depth) {
		return Mono.defer(() -> Mono.from(used().validate(depth)));
	}

	/**
	 * Returns what the connection of the driver returns.
	 */
	@Override
	public String toString() {
		return unwrap().toString();
	}

	private enum Use {

		IDLE, IN_USE, CLOSED

	}

	/**
	 * State of a connection.
	 *
	 * @param session its session
	 * @param use how the session is used
	 */
	private record State(Session session, Use use) {

		State as(Use next) {
			return (this.use == next || this.use == Use.CLOSED) ? this : new State(this.session, next);
		}

		State closed() {
			return new State(this.session, Use.CLOSED);
		}

	}

}
