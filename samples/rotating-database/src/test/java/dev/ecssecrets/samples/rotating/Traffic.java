// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.servers.DatabaseServer;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import dev.ecssecrets.servers.DatabaseServer.Session;

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Threads that query without pause through the pools of applications, which renew all
 * their connections ten times a second.
 */
final class Traffic implements AutoCloseable {

	private final LongAdder queries = new LongAdder();

	private final LongAccumulator longestQuery = new LongAccumulator(Math::max, 0);

	private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

	private final Set<Session> sessions = ConcurrentHashMap.newKeySet();

	private final CountDownLatch end = new CountDownLatch(1);

	private final List<Thread> threads = new ArrayList<>();

	/**
	 * Starts.
	 * @param engine the engine of the database that they query
	 * @param threads how many query
	 * @param applications whose pools they share out among themselves
	 */
	Traffic(Engine engine, int threads, ApplicationContext... applications) {
		for (int i = 0; i < threads; i++) {
			JdbcClient jdbc = applications[i % applications.length].getBean(JdbcClient.class);
			start("query", () -> query(jdbc.sql(DatabaseServer.get(engine).sessionQuery())));
		}
		for (ApplicationContext application : applications) {
			HikariDataSource pool = application.getBean(HikariDataSource.class);
			start("churn", () -> churn(pool));
		}
	}

	private void start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		this.threads.add(thread);
		thread.start();
	}

	private void query(StatementSpec session) {
		while (this.end.getCount() > 0) {
			try {
				long start = System.nanoTime();
				this.sessions.add(session.query(Session::read).single());
				this.longestQuery.accumulate(System.nanoTime() - start);
				this.queries.increment();
			}
			catch (RuntimeException ex) {
				this.failures.add(ex);
			}
		}
	}

	private void churn(HikariDataSource pool) {
		try {
			while (!this.end.await(100, TimeUnit.MILLISECONDS)) {
				pool.getHikariPoolMXBean().softEvictConnections();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * {@return how many queries were answered}
	 */
	long queries() {
		return this.queries.sum();
	}

	/**
	 * {@return how long the longest of them took, with the time it waited for a
	 * connection}
	 */
	Duration longestQuery() {
		return Duration.ofNanos(this.longestQuery.get());
	}

	/**
	 * {@return why queries failed}
	 */
	List<RuntimeException> failures() {
		return List.copyOf(this.failures);
	}

	/**
	 * {@return the sessions that answered}
	 */
	Set<Session> sessions() {
		return Set.copyOf(this.sessions);
	}

	/**
	 * Returns how many of them were opened after another session.
	 * @param other the other session
	 * @return their number
	 */
	long openedAfter(Session other) {
		return this.sessions.stream().filter((session) -> session.isAfter(other)).count();
	}

	/**
	 * Ends when all queries are answered.
	 */
	@Override
	public void close() {
		this.end.countDown();
		try {
			for (Thread thread : this.threads) {
				thread.join();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
