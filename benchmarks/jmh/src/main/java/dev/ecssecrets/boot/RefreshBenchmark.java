// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Looking up a secret in an environment, while another thread refreshes it a hundred
 * times a second, and while it refreshes another environment: that tells what is due to
 * the work of that thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RefreshBenchmark {

	@Param({ "nothing", "other", "own" })
	private String refreshed = "nothing";

	private volatile boolean done;

	private final RefreshedSecrets secrets = new RefreshedSecrets(50, 100);

	private final RefreshedSecrets others = new RefreshedSecrets(50, 100);

	private final Thread thread = new Thread(() -> {
		while (!this.done) {
			(this.refreshed.equals("own") ? this.secrets : this.others).refresh();
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
		}
	});

	@Setup(Level.Trial)
	public void start() {
		if (!this.refreshed.equals("nothing")) {
			this.thread.start();
		}
	}

	@TearDown(Level.Trial)
	public void stop() throws InterruptedException {
		this.done = true;
		this.thread.join();
		this.secrets.close();
		this.others.close();
	}

	@Benchmark
	public String propertyOfEnvironment() {
		return this.secrets.environment().getRequiredProperty("APP_SECRET_25");
	}

}
