package dev.ecssecrets.samples.rotating;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
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

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Threads that query without pause through the pools of applications, which renew all
 * their connections ten times a second.
 */
final class Traffic implements AutoCloseable {

	private static final String BACKEND = """
			select pg_backend_pid(), session_user, backend_start
			from pg_stat_get_activity(pg_backend_pid())
			""";

	private final LongAdder queries = new LongAdder();

	private final LongAccumulator longestQuery = new LongAccumulator(Math::max, 0);

	private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

	private final Set<Backend> backends = ConcurrentHashMap.newKeySet();

	private final CountDownLatch end = new CountDownLatch(1);

	private final List<Thread> threads = new ArrayList<>();

	/**
	 * Starts.
	 * @param threads how many query
	 * @param applications whose pools they share out among themselves
	 */
	Traffic(int threads, ApplicationContext... applications) {
		for (int i = 0; i < threads; i++) {
			JdbcClient jdbc = applications[i % applications.length].getBean(JdbcClient.class);
			start("query", () -> query(jdbc));
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

	private void query(JdbcClient jdbc) {
		while (this.end.getCount() > 0) {
			try {
				long start = System.nanoTime();
				this.backends.add(jdbc.sql(BACKEND).query(Traffic::backend).single());
				this.longestQuery.accumulate(System.nanoTime() - start);
				this.queries.increment();
			}
			catch (RuntimeException ex) {
				this.failures.add(ex);
			}
		}
	}

	private static Backend backend(ResultSet row, int number) throws SQLException {
		return new Backend(row.getInt(1), row.getString(2), row.getObject(3, OffsetDateTime.class).toInstant());
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
	Set<Backend> backends() {
		return Set.copyOf(this.backends);
	}

	/**
	 * Returns how many of them were opened after a moment.
	 * @param moment the moment
	 * @return their number
	 */
	long openedAfter(Instant moment) {
		return this.backends.stream().filter((backend) -> backend.start().isAfter(moment)).count();
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

	/**
	 * A session of the server.
	 *
	 * @param pid its process, whose number may come again
	 * @param user who logged in
	 * @param start when
	 */
	record Backend(int pid, String user, Instant start) {

	}

}
