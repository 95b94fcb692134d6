// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.aws.AwsCredentials;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Secrets}, which change while an application runs.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

	private static final String USER = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:user::";

	private static final String PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:password::";

	private static final String PINNED = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pinned:::8a9d2b84";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	private final InMemorySecretStore store = new InMemorySecretStore();

	private SecretStore fetch = this.store;

	private final List<Set<SecretLocation>> fetches = new CopyOnWriteArrayList<>();

	private final Map<String, String> declared = new HashMap<>();

	private boolean optional;

	private CalledListeners listeners;

	SecretsTests() {
		declare("WORD", "word", "first");
	}

	@Test
	void refreshWhenValuesHaveChangedSwapsThemAndCallsListeners() {
		declare("DB_USER", USER, "user1");
		declare("DB_PASSWORD", PASSWORD, "canary1");
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			this.store.put(USER, "user2").put(PASSWORD, "canary2");
			assertThat(refresh(context)).containsExactly("DB_PASSWORD", "DB_USER");
			assertThat(context.getEnvironment().getProperty("DB_USER")).isEqualTo("user2");
			assertThat(context.getEnvironment().getProperty("db.password")).isEqualTo("canary2");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
			assertThat(source(context)).isNotSameAs(before);
			assertThat(before.getProperty("DB_USER")).isEqualTo("user1");
			assertThat(sourceNames(context)).containsSubsequence("systemEnvironment", SecretsPropertySource.NAME);
			assertThat(heard(context)).containsExactly(Set.of("DB_USER", "DB_PASSWORD"));
		}
	}

	@Test
	void refreshWhenNothingHasChangedKeepsSourceAndPublishesNothing() {
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			assertThat(refresh(context)).isEmpty();
			assertThat(this.fetches).hasSize(2);
			assertThat(source(context)).isSameAs(before);
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void refreshWhenOptionalSecretAppearsAndVanishesPublishesBoth() {
		this.declared.put("TOKEN", "token");
		this.optional = true;
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("token", "canary");
			assertThat(refresh(context)).containsExactly("TOKEN");
			assertThat(context.getEnvironment().getProperty("TOKEN")).isEqualTo("canary");
			this.store.remove("token").remove("word");
			assertThat(refresh(context)).containsExactly("TOKEN", "WORD");
			assertThat(context.getEnvironment().containsProperty("TOKEN")).isFalse();
			assertThat(context.getEnvironment().containsProperty("WORD")).isFalse();
		}
	}

	@Test
	void refreshWhenRequiredSecretVanishesKeepsEveryValue() {
		declare("TOKEN", "token", "canary1");
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			this.store.remove("word").put("token", "canary2");
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets(context)::refresh)
				.satisfies((ex) -> assertThat(ex.failures()).extracting(SecretFailure::reason)
					.containsExactly(Reason.NOT_FOUND));
			assertThat(source(context)).isSameAs(before);
			this.listeners.awaitCurrent();
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void refreshWhenFailingWarnsOnceAndLogsRecovery(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.store.fail("word", Reason.ACCESS_DENIED);
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets(context)::refresh);
			}
			this.store.put("word", "canary");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(refresh(context)).isEmpty();
			assertThat(output).containsOnlyOnce("WARN").containsOnlyOnce("Secrets can be refreshed again");
			assertThat(output).containsPattern("WARN .*Secrets keep their values, because they could not be refreshed")
				.contains("ACCESS DENIED")
				.containsPattern("INFO .*Secrets have changed: WORD")
				.doesNotContain("canary");
		}
	}

	@Test
	void refreshWhenVersionIsPinnedDoesNotFetchItAgain() {
		declare("PINNED", PINNED, "canary");
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			assertThat(refresh(context)).isEmpty();
			this.store.put("word", "second");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(this.fetches).extracting(Set::size).containsExactly(2, 1, 1);
			assertThat(context.getEnvironment().getProperty("PINNED")).isEqualTo("canary");
			assertThat(PropertySourceOrigin.get(source(context), "PINNED"))
				.hasToString(PropertySourceOrigin.get(before, "PINNED").toString());
			assertThat(secrets(context).current().secrets()).extracting(SecretStatus::state)
				.containsOnly(State.FETCHED);
		}
	}

	@Test
	void refreshWhenOtherVersionIsPinnedFetchesIt() {
		declare("PINNED", PINNED, "canary1");
		try (ConfigurableApplicationContext context = run()) {
			String other = PINNED.replace("8a9d2b84", "9b0e3c95");
			this.store.put(other, "canary2");
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("changed",
						Map.of("ecs-secrets.secrets[0].name", "PINNED", "ecs-secrets.secrets[0].value-from", other)));
			assertThat(refresh(context)).containsExactly("PINNED", "WORD");
			assertThat(context.getEnvironment().getProperty("PINNED")).isEqualTo("canary2");
			assertThat(context.getEnvironment().containsProperty("WORD")).isFalse();
		}
	}

	@Test
	void refreshWhenEverythingIsInjectedFetchesNothing() {
		this.processEnvironment.put("WORD", "injected");
		try (ConfigurableApplicationContext context = run()) {
			assertThat(refresh(context)).isEmpty();
			assertThat(this.fetches).isEmpty();
			assertThat(source(context)).isNull();
			assertThat(secrets(context).current().value("WORD").reveal()).isEqualTo("injected");
		}
	}

	@Test
	void overrideInjectedPrefersWhatIsFetched() {
		this.processEnvironment.put("WORD", "injected");
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
			assertThat(sourceNames(context)).containsSubsequence("systemProperties", SecretsPropertySource.NAME,
					"systemEnvironment");
			this.store.put("word", "second");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
			assertThat(sourceNames(context)).containsSubsequence(SecretsPropertySource.NAME, "systemEnvironment");
			assertThat(secrets(context).current().secrets()).extracting(SecretStatus::state)
				.containsExactly(State.FETCHED);
		}
	}

	@Test
	void overrideInjectedWhenStartCannotFetchTakesInjectedUntilItCan(CapturedOutput output) {
		this.processEnvironment.put("WORD", "injected");
		declare("TOKEN", "token", "canary");
		this.store.fail("word", Reason.UNREACHABLE);
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
			assertThat(output).contains("Injected secrets keep their injected values").contains("unreachable");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("injected");
			assertThat(context.getEnvironment().getProperty("TOKEN")).isEqualTo("canary");
			assertThat(secrets(context).current().loads()).singleElement().satisfies((load) -> {
				assertThat(load.isRefresh()).isFalse();
				assertThat(load.successful()).isFalse();
				assertThat(load.failures()).extracting(SecretFailure::reason).containsExactly(Reason.UNREACHABLE);
			});
			this.store.put("word", "fetched");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("fetched");
			assertThat(output).doesNotContain("canary");
		}
	}

	@Test
	void overrideInjectedWhenStartFetchesWhatWasInjectedChangesNothing() {
		this.processEnvironment.put("WORD", "injected");
		this.store.fail("word", Reason.UNREACHABLE);
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
			this.store.put("word", "injected");
			assertThat(refresh(context)).isEmpty();
		}
	}

	@Test
	void overrideInjectedWhenMissingSecretFailsFailsTheStart() {
		this.processEnvironment.put("TOKEN", "injected");
		this.declared.put("TOKEN", "token");
		this.store.fail("word", Reason.UNREACHABLE);
		assertThatExceptionOfType(SecretResolutionException.class)
			.isThrownBy(() -> run("--ecs-secrets.refresh.override-injected=true"))
			.satisfies((ex) -> assertThat(ex.failures()).singleElement()
				.extracting((failure) -> failure.subject())
				.isEqualTo("WORD"));
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void refreshWhenStoreThrowsIsAFailedLoadAndTheNextOneWorks(Throwable thrown, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			List<SecretsSnapshot> known = new CopyOnWriteArrayList<>();
			secrets(context).addListener((before, after) -> known.add(after));
			this.fetch = (locations, timeout) -> {
				throw SecretsTests.<RuntimeException>sneaky(thrown);
			};
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets(context)::refresh);
			this.listeners.awaitCurrent();
			assertThat(known).extracting((snapshot) -> snapshot.lastLoad().successful()).containsExactly(false);
			await().untilAsserted(() -> assertThat(output).contains("the store threw " + thrown.getClass().getName()));
			assertThat(output).doesNotContain("canary");
			this.fetch = this.store;
			this.store.put("word", "second");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(secrets(context).current().loads()).extracting(Load::successful)
				.containsExactly(true, false, true);
		}
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void refreshWhenListenerThrowsCallsTheOthersAndTheNextOneWorks(Throwable thrown, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			secrets(context).addListener((before, after) -> {
				if (after.value("WORD").reveal().equals("second")) {
					throw SecretsTests.<RuntimeException>sneaky(thrown);
				}
			});
			CalledListeners others = new CalledListeners(secrets(context));
			this.store.put("word", "second");
			assertThat(refresh(context)).containsExactly("WORD");
			others.awaitCurrent();
			assertThat(output).containsPattern("ERROR .* threw " + thrown.getClass().getName())
				.doesNotContain("canary");
			this.store.put("word", "third");
			assertThat(refresh(context)).containsExactly("WORD");
			others.awaitCurrent();
			assertThat(heard(context)).hasSize(2);
		}
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void refreshWhenMeterThrowsCallsTheOthersAndTheNextOneWorks(Throwable thrown, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			AtomicBoolean failing = new AtomicBoolean(true);
			context.getBean(MeterRegistry.class).config().onMeterAdded((meter) -> {
				if (failing.getAndSet(false)) {
					throw SecretsTests.<RuntimeException>sneaky(thrown);
				}
			});
			this.store.fail("word", Reason.ACCESS_DENIED);
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets(context)::refresh);
			this.listeners.awaitCurrent();
			await().untilAsserted(
					() -> assertThat(output).containsPattern("ERROR .* threw " + thrown.getClass().getName()));
			assertThat(output).doesNotContain("canary");
			this.store.put("word", "second");
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(heard(context)).hasSize(1);
		}
	}

	static List<Throwable> throwables() {
		return List.of(new IOException("canary"), new StackOverflowError("canary"),
				new IllegalStateException("canary"));
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> RuntimeException sneaky(Throwable throwable) throws T {
		throw (T) throwable;
	}

	@Test
	void refreshWhenListenerCallsItIsTheOneAfter() {
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Application.class).listener = () -> {
				if (this.fetches.size() == 2) {
					this.store.put("word", "third");
					assertThat(secrets(context).refresh()).containsExactly("WORD");
				}
			};
			this.store.put("word", "second");
			secrets(context).refresh();
			await().until(() -> heard(context).size() == 2);
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("third");
		}
	}

	@Test
	void refreshWaitsForValuesAndNotForListeners() {
		CountDownLatch released = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Application.class).listener = () -> awaitUninterrupted(released);
			this.store.put("word", "second");
			assertThat(secrets(context).refresh()).containsExactly("WORD");
			await().until(() -> !heard(context).isEmpty());
			this.store.put("word", "third");
			assertThat(secrets(context).refresh()).containsExactly("WORD");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("third");
			assertThat(heard(context)).hasSize(1);
			released.countDown();
			await().until(() -> heard(context).size() == 2);
		}
		finally {
			released.countDown();
		}
	}

	@Test
	void refreshWhenInterruptedIsCancelledAndStaysInterrupted() {
		CountDownLatch released = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run()) {
			this.fetch = (locations, timeout) -> {
				awaitUninterrupted(released);
				return this.store.fetch(locations, timeout);
			};
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(CancellationException.class).isThrownBy(secrets(context)::refresh);
			assertThat(Thread.interrupted()).isTrue();
			released.countDown();
		}
		finally {
			released.countDown();
		}
	}

	@Test
	void refreshEarlyWaitsNoLongerThanItMay() {
		CountDownLatch released = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run()) {
			this.fetch = (locations, timeout) -> {
				awaitUninterrupted(released);
				return this.store.fetch(locations, timeout);
			};
			this.store.put("word", "second");
			secrets(context).refreshEarly(Set.of("WORD"), Duration.ofMillis(1));
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
			released.countDown();
			secrets(context).refreshEarly(Set.of("WORD"), Duration.ofMinutes(1));
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
		}
		finally {
			released.countDown();
		}
	}

	/**
	 * Nobody waits for what that code waits for.
	 */
	@Test
	void noLockIsHeldWhileForeignCodeRuns() {
		Map<String, List<String>> locks = new ConcurrentHashMap<>();
		this.fetch = (locations, timeout) -> {
			locks.merge("store", heldLocks(), SecretsTests::join);
			return this.store.fetch(locations, timeout);
		};
		try (ConfigurableApplicationContext context = run()) {
			secrets(context).addListener((before, after) -> locks.merge("listener", heldLocks(), SecretsTests::join));
			context.getBean(Application.class).listener = () -> locks.merge("event", heldLocks(), SecretsTests::join);
			context.getBean(MeterRegistry.class)
				.config()
				.onMeterAdded((meter) -> locks.merge("meter", heldLocks(), SecretsTests::join));
			this.store.put("word", "second");
			refresh(context);
			this.store.fail("word", Reason.THROTTLED);
			context.getBean(ContextRefresher.class).refresh();
			this.listeners.awaitCurrent();
		}
		assertThat(locks).containsOnlyKeys("store", "listener", "event", "meter")
			.allSatisfy((code, held) -> assertThat(held).isEmpty());
	}

	/**
	 * Returns where this thread holds locks that this library has taken.
	 */
	private static List<String> heldLocks() {
		ThreadInfo thread = ManagementFactory.getThreadMXBean()
			.getThreadInfo(new long[] { Thread.currentThread().getId() }, true, true)[0];
		return Stream.of(thread.getLockedMonitors())
			.map(MonitorInfo::getLockedStackFrame)
			.filter((frame) -> frame.getClassName().startsWith("dev.ecssecrets."))
			.map(StackTraceElement::toString)
			.toList();
	}

	private static List<String> join(List<String> left, List<String> right) {
		return Stream.concat(left.stream(), right.stream()).toList();
	}

	@Test
	void refreshReturnsNamesThatNobodyCanChange() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("word", "second");
			assertThat(secrets(context).refresh()).isUnmodifiable();
		}
	}

	/**
	 * The thread that makes beans holds a lock, which is needed to make listeners.
	 */
	@Test
	@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
	void refreshWhileBeansAreCreatedIsPublishedWhenTheyAre() {
		this.store.put("word", "first");
		try (ConfigurableApplicationContext context = run(RefreshedWhileCreated.class)) {
			await().until(() -> !context.getBean(RefreshedWhileCreated.class).heard.isEmpty());
			assertThat(context.getBean(RefreshedWhileCreated.class).heard).containsExactly("client second");
		}
	}

	@Test
	@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
	void refreshWhenLazyBeanIsCreatedAndLazyListenerWaitsForItLetsBothGoOn() {
		try (ConfigurableApplicationContext context = run(Lazily.class)) {
			this.store.put("word", "second");
			assertThat(context.getBean("client")).hasToString("client second");
			await().until(() -> !context.getBean(Lazily.class).heard.isEmpty());
			assertThat(context.getBean(Lazily.class).heard).containsExactly("client second");
		}
	}

	@Test
	void childContextHasNewValues() {
		try (ConfigurableApplicationContext context = run(); GenericApplicationContext child = child(context)) {
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("first");
			this.store.put("word", "second");
			secrets(context).refresh();
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("second");
		}
	}

	@Test
	void childContextWhenRefreshedAfterItHasCopiedSourcesHasNewValues() {
		try (ConfigurableApplicationContext context = run();
				GenericApplicationContext child = new GenericApplicationContext()) {
			child.setParent(context);
			this.store.put("word", "second");
			secrets(context).refresh();
			child.refresh();
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("second");
		}
	}

	@Test
	void childContextWhenItHasSecretsOfItsOwnIsLeftAlone() {
		InMemorySecretStore others = new InMemorySecretStore().put("word", "of the child");
		try (ConfigurableApplicationContext context = run();
				ConfigurableApplicationContext child = new SpringApplicationBuilder(Application.class).parent(context)
					.web(WebApplicationType.NONE)
					.addBootstrapRegistryInitializer(
							(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(others)))
					.run("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word",
							"--ecs-secrets.refresh.min-interval=0");
				GenericApplicationContext grandchild = child(child)) {
			this.store.put("word", "second");
			secrets(context).refresh();
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("of the child");
			assertThat(grandchild.getEnvironment().getProperty("WORD")).isEqualTo("of the child");
			others.put("word", "other of the child");
			assertThat(secrets(child)).isNotSameAs(secrets(context));
			secrets(child).refresh();
			assertThat(grandchild.getEnvironment().getProperty("WORD")).isEqualTo("other of the child");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
		}
	}

	@Test
	void startWhenItFailsLeavesNoThread() {
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> run(FailedStart.class));
		await().until(() -> threads().isEmpty());
	}

	@Test
	void intervalBringsChangesWithoutAnybodyAsking() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.interval=50ms")) {
			this.store.put("word", "second");
			await().until(() -> "second".equals(context.getEnvironment().getProperty("WORD")));
			this.store.fail("word", Reason.THROTTLED);
			await().until(() -> this.fetches.size() > 3);
			context.stop();
			this.store.put("word", "third");
			context.start();
			await().until(() -> "third".equals(context.getEnvironment().getProperty("WORD")));
			await().until(() -> heard(context).size() == 2);
		}
	}

	/**
	 * As a process does that is restored from an image. Spring Cloud, too, would refresh.
	 */
	@Test
	void startAfterStopHasCurrentValuesBeforeConnectionsAreOpened() {
		try (ConfigurableApplicationContext context = run(Connecting.class,
				"--spring.cloud.refresh.on-restart.enabled=false")) {
			Connecting bean = context.getBean(Connecting.class);
			assertThat(bean.words).containsExactly("first");
			context.stop();
			this.store.put("word", "second");
			context.start();
			assertThat(bean.words).containsExactly("first", "second");
			assertThat(this.fetches).hasSize(2);
		}
	}

	@Test
	void startAfterStopWhenRefreshFailsKeepsValuesAndWarns(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(Connecting.class)) {
			context.stop();
			this.store.fail("word", Reason.UNREACHABLE);
			context.start();
			assertThat(context.isRunning()).isTrue();
			assertThat(context.getBean(Connecting.class).words).containsExactly("first", "first");
			assertThat(output).containsPattern("WARN .*Secrets keep their values");
		}
	}

	@Test
	void startAfterStopWhenItFailedBeforeWarnsAgain(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.store.fail("word", Reason.UNREACHABLE);
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(secrets(context)::refresh);
			context.stop();
			context.start();
			assertThat(output).containsPattern("WARN .*The application starts again with the secrets that it has");
		}
	}

	/**
	 * The image is taken before the first start, as Spring does with this property.
	 */
	@Test
	void startWhenProcessIsOfAnImageHasCurrentValues() {
		// Its class reads the property once, and would take the image.
		assertThat(new DefaultLifecycleProcessor().isRunning()).isFalse();
		SpringProperties.setProperty(DefaultLifecycleProcessor.CHECKPOINT_PROPERTY_NAME, "onRefresh");
		try (ConfigurableApplicationContext context = run(Connecting.class)) {
			assertThat(this.fetches).hasSize(2);
			assertThat(secrets(context).current().number()).isEqualTo(2);
		}
		finally {
			SpringProperties.setProperty(DefaultLifecycleProcessor.CHECKPOINT_PROPERTY_NAME, null);
		}
	}

	@Test
	void startAfterStopWhenLastLoadIsYoungFetchesNothing() {
		try (ConfigurableApplicationContext context = run(Connecting.class, "--ecs-secrets.refresh.min-interval=1h")) {
			context.stop();
			context.start();
			assertThat(this.fetches).hasSize(1);
		}
	}

	/**
	 * As Spring's tests do with contexts that they keep.
	 */
	@Test
	void restartAfterPauseFetchesNothing() {
		try (ConfigurableApplicationContext context = run(Connecting.class)) {
			context.pause();
			context.restart();
			assertThat(context.getBean(Connecting.class).words).containsExactly("first", "first");
			assertThat(this.fetches).hasSize(1);
		}
	}

	@Test
	void refreshWhenConfigurationCannotBeBoundIsAFailedLoad(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("changed", Map.of("ecs-secrets.timeout", "canary")));
			assertThatExceptionOfType(BindException.class).isThrownBy(secrets(context)::refresh);
			assertThat(secrets(context).current().loads()).extracting(Load::successful).containsExactly(true, false);
			await().untilAsserted(() -> assertThat(output)
				.containsPattern("WARN .*could not be refreshed: " + BindException.class.getName()));
			assertThat(output).doesNotContain("canary");
		}
	}

	@Test
	void refreshWhenNothingIsDeclaredAnyMoreTakesValuesAway() {
		try (ConfigurableApplicationContext context = run()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("changed", Map.of("ecs-secrets.enabled", "false")));
			assertThat(refresh(context)).containsExactly("WORD");
			assertThat(context.getEnvironment().containsProperty("WORD")).isFalse();
			assertThat(secrets(context).current().secrets()).isEmpty();
		}
	}

	@Test
	void refreshWhenItEndsAfterCloseChangesNothing() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		ConfigurableApplicationContext context = run();
		Application application = context.getBean(Application.class);
		this.store.put("word", "second");
		this.fetch = (locations, timeout) -> {
			asked.countDown();
			awaitUninterrupted(closed);
			return this.store.fetch(locations, timeout);
		};
		CompletableFuture<Set<String>> refresh = CompletableFuture.supplyAsync(secrets(context)::refresh);
		asked.await();
		Thread thread = threads().get(0);
		Secrets secrets = secrets(context);
		context.close();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(refresh::join)
			.withCauseInstanceOf(CancellationException.class);
		closed.countDown();
		thread.join();
		assertThat(secrets.current().loads()).hasSize(1);
		assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
		assertThat(application.heard).isEmpty();
	}

	@Test
	void closeWhenListenerBlocksLogsNoErrorAndLeavesNoThread(CapturedOutput output) throws InterruptedException {
		CountDownLatch called = new CountDownLatch(1);
		List<Throwable> thrown = new CopyOnWriteArrayList<>();
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Application.class).listener = () -> {
				called.countDown();
				try {
					new CountDownLatch(1).await();
				}
				catch (InterruptedException ex) {
					thrown.add(ex);
					throw new IllegalStateException(ex);
				}
			};
			this.store.put("word", "second");
			secrets(context).refresh();
			called.await();
		}
		await().until(() -> threads().isEmpty());
		assertThat(thrown).hasSize(1);
		assertThat(output).doesNotContain("ERROR").doesNotContain("WARN");
	}

	@Test
	void closeWhenEndpointNeverAnswersAbortsRefresh(CapturedOutput output) throws Exception {
		CompletableFuture<Thread> asked = new CompletableFuture<>();
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			CompletableFuture<Set<String>> refresh;
			Secrets secrets;
			this.processEnvironment.put("WORD", "injected");
			try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
				SecretStore aws = AwsSecretStore.builder()
					.endpoint(URI.create("http://localhost:" + silent.getLocalPort()))
					.region("eu-west-1")
					.credentials(() -> new AwsCredentials("id", "key", null, null))
					.build();
				this.fetch = (locations, timeout) -> {
					asked.complete(Thread.currentThread());
					return aws.fetch(locations, timeout);
				};
				secrets = secrets(context);
				refresh = CompletableFuture.supplyAsync(secrets::refresh);
				silent.accept();
			}
			assertThatExceptionOfType(CompletionException.class).isThrownBy(refresh::join)
				.withCauseInstanceOf(CancellationException.class);
			asked.join().join(1000);
			assertThat(asked.join().isAlive()).isFalse();
			assertThat(output).doesNotContain("Secrets keep their values");
			assertThat(secrets.current().loads()).hasSize(1);
		}
	}

	@Test
	void refreshWhenClosedIsCancelled() {
		ConfigurableApplicationContext context = run();
		Secrets secrets = secrets(context);
		context.close();
		assertThatExceptionOfType(CancellationException.class).isThrownBy(secrets::refresh);
		await().until(() -> threads().isEmpty());
	}

	@Test
	void refreshWhenThereIsNoContextYetIsRefused() {
		SecretsConfiguration configuration = SecretsConfigurationReader.readAgain(new StandardEnvironment());
		Secrets secrets = SecretsBean.register(new DefaultBootstrapContext(), configuration,
				LogFactory.getLog(SecretsTests.class));
		assertThatIllegalStateException().isThrownBy(secrets::refresh).withMessageContaining("application context");
	}

	private ConfigurableApplicationContext run(String... args) {
		return run(Application.class, args);
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		Map<String, Object> properties = new HashMap<>(Map.of("ecs-secrets.refresh.min-interval", "0"));
		List<String> names = this.declared.keySet().stream().sorted().toList();
		for (int i = 0; i < names.size(); i++) {
			String element = "ecs-secrets.secrets[" + i + "]";
			properties.put(element + ".name", names.get(i));
			properties.put(element + ".value-from", this.declared.get(names.get(i)));
			properties.put(element + ".optional", this.optional);
		}
		ConfigurableApplicationContext context = new SpringApplicationBuilder(application).environment(environment)
			.web(WebApplicationType.NONE)
			.properties(properties)
			.addBootstrapRegistryInitializer((registry) -> registry.addCloseListener(
					(event) -> event.getApplicationContext().getBeanFactory().registerSingleton("store", this.store)))
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of((locations, timeout) -> {
						this.fetches.add(locations);
						return this.fetch.fetch(locations, timeout);
					})))
			.run(args);
		this.listeners = new CalledListeners(secrets(context));
		return context;
	}

	private void declare(String name, String valueFrom, String value) {
		this.declared.put(name, valueFrom);
		this.store.put(valueFrom, value);
	}

	private Set<String> refresh(ConfigurableApplicationContext context) {
		Set<String> names = secrets(context).refresh();
		this.listeners.awaitCurrent();
		return names;
	}

	private static Secrets secrets(ConfigurableApplicationContext context) {
		return context.getBean(Secrets.class);
	}

	private static GenericApplicationContext child(ConfigurableApplicationContext context) {
		GenericApplicationContext child = new GenericApplicationContext();
		child.setParent(context);
		child.refresh();
		return child;
	}

	/**
	 * Does not heed interruption.
	 */
	private static void awaitUninterrupted(CountDownLatch latch) {
		boolean interrupted = false;
		while (latch.getCount() > 0) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private static List<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("ecs-secrets-"))
			.toList();
	}

	private static List<Set<String>> heard(ConfigurableApplicationContext context) {
		return context.getBean(Application.class).heard;
	}

	private static PropertySource<?> source(ConfigurableApplicationContext context) {
		return context.getEnvironment().getPropertySources().get(SecretsPropertySource.NAME);
	}

	private static List<String> sourceNames(ConfigurableApplicationContext context) {
		return context.getEnvironment().getPropertySources().stream().<String>map(PropertySource::getName).toList();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Application {

		private final List<Set<String>> heard = new CopyOnWriteArrayList<>();

		private volatile Runnable listener = () -> {
		};

		@EventListener
		void on(SecretsRefreshedEvent event) {
			this.heard.add(event.names());
			this.listener.run();
		}

	}

	/**
	 * Reads a secret when it starts, as a pool does.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Connecting implements SmartLifecycle {

		private final Environment environment;

		private final List<String> words = new ArrayList<>();

		private boolean running;

		Connecting(Environment environment) {
			this.environment = environment;
		}

		/**
		 * That of Spring Boot's bean which resumes a pool.
		 */
		@Override
		public int getPhase() {
			return 0;
		}

		@Override
		public void start() {
			this.running = true;
			this.words.add(this.environment.getProperty("WORD"));
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class RefreshedWhileCreated {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		@Bean
		StringBuilder client(Secrets secrets, InMemorySecretStore store, Environment environment) {
			store.put("word", "second");
			assertThat(secrets.refresh()).containsExactly("WORD");
			assertThat(secrets.current().secrets()).extracting(SecretStatus::changed).doesNotContainNull();
			return new StringBuilder("client " + environment.getProperty("WORD"));
		}

		@Bean
		ApplicationListener<SecretsRefreshedEvent> listener(StringBuilder client) {
			return (event) -> this.heard.add(client.toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class Lazily {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		@Bean
		@Lazy
		StringBuilder client(Secrets secrets, Environment environment) {
			assertThat(secrets.refresh()).containsExactly("WORD");
			// The thread of the listeners is about to create one, or waits for this bean.
			await().until(() -> threads().stream()
				.anyMatch((thread) -> thread.getName().equals("ecs-secrets-listeners")
						&& Stream.of(thread.getStackTrace())
							.anyMatch((frame) -> frame.getMethodName().equals("createBean")
									|| frame.getMethodName().equals("getSingleton"))));
			return new StringBuilder("client " + environment.getProperty("WORD"));
		}

		@Bean
		@Lazy
		ApplicationListener<SecretsRefreshedEvent> listener(StringBuilder client) {
			return (event) -> this.heard.add(client.toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	static class FailedStart {

		@Bean
		String client(Secrets secrets) {
			secrets.refresh();
			throw new IllegalStateException("as the test asked for");
		}

	}

}
