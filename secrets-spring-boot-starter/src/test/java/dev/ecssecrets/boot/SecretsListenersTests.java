// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

import com.example.ExampleListener;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.core.Ordered;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretsListeners}, in virtual time.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsListenersTests {

	private final VirtualTime time = new VirtualTime();

	private final SecretsListeners listeners = new SecretsListeners(snapshot(),
			LogFactory.getLog(SecretsListenersTests.class));

	private SecretsSnapshot current = snapshot();

	private final RefreshSchedule schedule = new RefreshSchedule(new PublishingWork(), null);

	private final List<String> called = new ArrayList<>();

	SecretsListenersTests() {
		this.schedule.start();
	}

	@Test
	void publishCallsListenersOfLowerOrderFirst() {
		this.listeners.add((before, after) -> this.called.add("first of order 0"));
		this.listeners.add(new OrderedListener(Ordered.LOWEST_PRECEDENCE));
		this.listeners.add(new OrderedListener(Ordered.HIGHEST_PRECEDENCE));
		this.listeners.add((before, after) -> this.called.add("second of order 0"));
		publish();
		assertThat(this.called).containsExactly(Integer.toString(Ordered.HIGHEST_PRECEDENCE), "first of order 0",
				"second of order 0", Integer.toString(Ordered.LOWEST_PRECEDENCE));
	}

	@Test
	void publishWhenListenersKnowTheSnapshotCallsNone() {
		this.listeners.add((before, after) -> this.called.add("called"));
		publish();
		publish();
		assertThat(this.called).hasSize(1);
	}

	@Test
	void publishWhenThereWereTwoLoadsCallsOnceForBoth() {
		List<SecretsSnapshot> given = new ArrayList<>();
		this.listeners.add((before, after) -> given.addAll(List.of(before, after)));
		publish();
		SecretsSnapshot known = this.current;
		this.current = snapshot();
		this.schedule.publish();
		this.current = snapshot();
		this.schedule.publish();
		this.time.pass(Duration.ZERO);
		assertThat(given.subList(2, given.size())).containsExactly(known, this.current);
	}

	@ParameterizedTest
	@MethodSource
	void publishWhenListenerThrowsCallsTheOthersAndNamesTheClass(Throwable thrown, CapturedOutput output) {
		this.listeners.add((before, after) -> SecretsListenersTests.<RuntimeException>sneaky(thrown));
		this.listeners.add((before, after) -> this.called.add("called"));
		publish();
		assertThat(this.called).hasSize(1);
		assertThat(output).containsOnlyOnce("ERROR")
			.containsPattern(
					"ERROR .*" + SecretsListenersTests.class.getName() + ".* threw " + thrown.getClass().getName())
			.doesNotContain("canary");
		this.current = snapshot();
		publish();
		assertThat(this.called).hasSize(2);
	}

	static List<Throwable> publishWhenListenerThrowsCallsTheOthersAndNamesTheClass() {
		return List.of(new IOException("canary"), new NoClassDefFoundError("canary"), new StackOverflowError("canary"),
				new IllegalStateException("canary", new IOException("canary")));
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneaky(Throwable throwable) throws T {
		throw (T) throwable;
	}

	@Test
	void publishWhenListenerOfAnEventThrowsNamesIt(CapturedOutput output) {
		this.listeners.add(publishing(new ExampleListener(() -> Integer.parseInt("canary"))));
		publish();
		assertThat(output)
			.containsPattern("ERROR .*\\(in com\\.example\\.ExampleListener\\) threw java.lang.NumberFormatException")
			.doesNotContain("canary");
	}

	@Test
	void publishWhenListenerBlocksForHalfAMinuteWarnsOnce(CapturedOutput output) {
		this.listeners.add(publishing(new ExampleListener(() -> {
			this.time.pass(Duration.ofSeconds(30).minusNanos(1));
			assertThat(output).doesNotContain("WARN");
			this.time.pass(Duration.ofHours(1));
		})));
		this.listeners.add((before, after) -> this.called.add("called"));
		publish();
		this.time.pass(Duration.ofHours(1));
		assertThat(output).containsOnlyOnce("WARN")
			.containsPattern("WARN .*A listener has not returned for 30 s .*\\(in com\\.example\\.ExampleListener\\)");
		assertThat(this.called).hasSize(1);
	}

	@Test
	void publishWhenListenerReturnsInTimeWarnsOfNothing(CapturedOutput output) {
		this.listeners.add((before, after) -> this.time.pass(Duration.ofSeconds(30).minusNanos(1)));
		publish();
		this.time.pass(Duration.ofHours(1));
		assertThat(output).isEmpty();
	}

	@Test
	void publishWhenStoppedMeanwhileLogsNoFailureAndCallsNoOther(CapturedOutput output) {
		this.listeners.add((before, after) -> {
			this.called.add("first");
			if (this.called.size() == 1) {
				this.schedule.stop();
				throw new IllegalStateException("interrupted, for example");
			}
		});
		this.listeners.add((before, after) -> this.called.add("second"));
		publish();
		assertThat(this.called).containsExactly("first");
		this.schedule.start();
		publish();
		assertThat(this.called).containsExactly("first", "first", "second");
		assertThat(output).isEmpty();
	}

	private static SecretsListener publishing(ApplicationListener<ApplicationEvent> listener) {
		ApplicationEventMulticaster events = new SimpleApplicationEventMulticaster();
		events.addApplicationListener(listener);
		return (before, after) -> events.multicastEvent(new SecretsRefreshedEvent(events, Set.of("WORD")));
	}

	private void publish() {
		this.schedule.publish();
		this.time.pass(Duration.ZERO);
	}

	private static SecretsSnapshot snapshot() {
		return SecretsSnapshot
			.of(new SecretsConfiguration(SecretsPropertiesBinder.bind(new StandardEnvironment()).properties(),
					List.of(), List.of(), List.of(), List.of()));
	}

	private final class OrderedListener implements SecretsListener, Ordered {

		private final int order;

		OrderedListener(int order) {
			this.order = order;
		}

		@Override
		public int getOrder() {
			return this.order;
		}

		@Override
		public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
			SecretsListenersTests.this.called.add(Integer.toString(this.order));
		}

	}

	private final class PublishingWork implements IdleWork {

		@Override
		public Duration timeToNextLoad() {
			return Duration.ZERO;
		}

		@Override
		public void load(CompletableFuture<Outcome> future, @Nullable Set<String> names) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void publish(RefreshThreads threads) {
			SecretsListenersTests.this.listeners.publish(SecretsListenersTests.this.current, threads);
		}

		@Override
		public long nanoTime() {
			return SecretsListenersTests.this.time.nanoTime();
		}

		@Override
		public ScheduledExecutorService thread(String name) {
			return SecretsListenersTests.this.time.executor(name);
		}

	}

}
