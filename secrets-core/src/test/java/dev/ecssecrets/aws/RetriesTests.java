// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.Arn;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Retries}.
 */
class RetriesTests {

	private final AwsException throttled = failure("ThrottlingException", 400);

	private final AwsException unreachable = failure("InternalServiceError", 500);

	private final AwsException denied = failure("AccessDeniedException", 400);

	private final VirtualTime time = new VirtualTime();

	private final Retries retries = new Retries(this.time, TimeUnit.SECONDS.toNanos(60));

	@Test
	void executeWhenThrottledPausesLongerAndLonger() throws InterruptedException {
		Service service = new Service(this.throttled, this.throttled, this.throttled, this.throttled, this.throttled,
				this.throttled);
		this.retries.execute(call("a"), service);
		assertThat(service.called).hasSize(7);
		assertThat(this.time.pauses).hasSize(6);
		List<Integer> limits = List.of(1, 2, 4, 8, 10, 10);
		for (int i = 0; i < limits.size(); i++) {
			assertThat(this.time.pauses.get(i)).isLessThan(Duration.ofSeconds(limits.get(i)));
		}
	}

	@Test
	void executeWhenThrottledAlwaysFailsBeforeTimeIsOver() {
		AwsException[] failures = new AwsException[1000];
		Arrays.fill(failures, this.throttled);
		assertThatExceptionOfType(AwsException.class)
			.isThrownBy(() -> this.retries.execute(call("a"), new Service(failures)))
			.isSameAs(this.throttled);
		assertThat(this.time.now).isLessThan(TimeUnit.SECONDS.toNanos(60));
		assertThat(this.time.pauses).hasSizeGreaterThan(4);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3 })
	void executeWhenUnreachableRetries(int times) throws InterruptedException {
		AwsException[] failures = new AwsException[times];
		Arrays.fill(failures, this.unreachable);
		Service service = new Service(failures);
		this.retries.execute(call("a"), service);
		assertThat(service.called).hasSize(times + 1);
		assertThat(this.time.pauses).hasSize(times)
			.allSatisfy((pause) -> assertThat(pause).isLessThan(Duration.ofSeconds(1)));
	}

	@Test
	void executeWhenUnreachableFourTimesFails() {
		Service service = new Service(this.unreachable, this.unreachable, this.unreachable, this.unreachable);
		assertThatExceptionOfType(AwsException.class).isThrownBy(() -> this.retries.execute(call("a"), service));
		assertThat(service.called).hasSize(4);
	}

	@Test
	void executeWhenRefusedTriesOnce() {
		Service service = new Service(this.denied);
		assertThatExceptionOfType(AwsException.class).isThrownBy(() -> this.retries.execute(call("a"), service))
			.isSameAs(this.denied);
		assertThat(service.called).hasSize(1);
		assertThat(this.time.pauses).isEmpty();
	}

	// If calls had no turns, the second one would never wait, and this test never end.
	@Test
	@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
	void executeWhenAnotherCallIsThrottledWaitsForItAndThenDoesNotPause() throws Exception {
		Service service = new Service(this.throttled, this.throttled);
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch pausing = new CountDownLatch(1);
		this.time.onSleep = () -> {
			pausing.countDown();
			release.await();
		};
		Thread first = start("first", service);
		pausing.await();
		Thread second = start("second", service);
		while (second.getState() != Thread.State.TIMED_WAITING) {
			Thread.onSpinWait();
		}
		release.countDown();
		first.join();
		second.join();
		assertThat(service.called).containsExactly("first", "second", "first", "second");
		assertThat(this.time.pauses).hasSize(1);
	}

	@Test
	void documentHasTimesAndAttempts() throws IOException {
		assertThat(Files.readString(Path.of("../docs/calls.md"))).contains(
				"| making a connection | " + AwsApi.CONNECT_TIMEOUT.toSeconds() + " s |",
				"| silence of an endpoint | " + AwsApi.READ_TIMEOUT.toSeconds() + " s |",
				"is silent | " + Retries.MAX_ATTEMPTS + " | at random up to "
						+ Retries.PAUSE_WHEN_UNREACHABLE.toMillis() / 1000.0 + " s",
				"at random up to " + Retries.PAUSE_WHEN_THROTTLED.toSeconds() + " s, then 2 s, 4 s, 8 s, and "
						+ Retries.MAX_PAUSE.toSeconds() + " s at most");
	}

	private Thread start(String name, Service service) {
		Thread thread = new Thread(() -> {
			try {
				this.retries.execute(call(name), service);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		thread.start();
		return thread;
	}

	private static AwsCall call(String name) {
		return new GetSecretValue(new SecretsManagerSecret(
				new Arn("aws", "secretsmanager", "eu-west-1", "123456789012", "secret:" + name), null, null));
	}

	private static AwsException failure(String code, int status) {
		return new AwsException(new ErrorAnswer(status, code, "no", null, null));
	}

	/**
	 * Service with a list of failures, followed by answers.
	 */
	private static final class Service implements AwsApi {

		private final Deque<AwsException> failures;

		private final List<String> called = Collections.synchronizedList(new ArrayList<>());

		Service(AwsException... failures) {
			this.failures = new ArrayDeque<>(List.of(failures));
		}

		@Override
		public synchronized FoundSecret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
			this.called.add(secret.secretId());
			if (!this.failures.isEmpty()) {
				throw this.failures.pop();
			}
			return new FoundSecret(null, SecretValue.of("value"), null, List.of());
		}

		@Override
		public FoundParameters getParameters(String region, List<String> ids, Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public @Nullable String accountId() {
			return null;
		}

	}

	private static final class VirtualTime implements Time {

		private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

		private volatile long now;

		private volatile Sleep onSleep = () -> {
		};

		@Override
		public long nanoTime() {
			return this.now;
		}

		@Override
		public synchronized void sleep(long nanos) throws InterruptedException {
			this.pauses.add(Duration.ofNanos(nanos));
			this.now += nanos;
			this.onSleep.run();
		}

	}

	private interface Sleep {

		void run() throws InterruptedException;

	}

}
