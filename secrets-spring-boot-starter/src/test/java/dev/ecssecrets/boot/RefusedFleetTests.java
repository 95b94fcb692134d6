// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.PendingVersions.PendingVersion;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pools of a thousand tasks, all refused at the same moment, and for ten minutes: how
 * many calls they make. Each pool tries to open a connection as HikariCP does, after at
 * most five seconds.
 */
class RefusedFleetTests {

	private static final int TASKS = 1_000;

	private static final Duration GAP = Duration.ofMinutes(10);

	private static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

	private static final Pair PAIR = new Pair("app", "canary");

	private static ConfigurableApplicationContext context;

	private static CredentialProperties properties;

	@BeforeAll
	static void start() {
		RotatingSecret secret = new RotatingSecret().stage("AWSCURRENT", "id-1", "app", "canary")
			.stage("password", "1", "canary", "canary");
		context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.pending=true", "ecs-secrets.secrets[0].name=DB_PASSWORD",
					"ecs-secrets.secrets[0].value-from=" + RotatingSecret.ARN + ":password::",
					"ecs-secrets.secrets[1].name=SSM_PASSWORD", "ecs-secrets.secrets[1].value-from=password")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(secret)))
			.run();
		properties = new CredentialProperties(context.getEnvironment(), context.getBean(Secrets.class).current());
	}

	@AfterAll
	static void close() {
		context.close();
	}

	/**
	 * Secrets Manager allows 10,000 calls a second, Parameter Store 40, with retries for
	 * a minute: as many as a start of all tasks at once makes.
	 */
	@ParameterizedTest
	@CsvSource({ "db.password, 2000, 1000, 130", "ssm.password, 1000, 500, 14" })
	void callsWhenAllAreRefusedAtOnceAreAtMostThoseOfAStartAndThenSpread(String property, int first, int later,
			int ofOneTask) {
		Map<Long, Integer> perSecond = new TreeMap<>();
		int most = 0;
		for (int task = 0; task < TASKS; task++) {
			RefusedPool pool = new RefusedPool(property, new Random(task));
			pool.run();
			most = Math.max(most, pool.calls.size());
			pool.calls.forEach((call) -> perSecond.merge(call.toSeconds(), 1, Integer::sum));
		}
		assertThat(perSecond.get(0L)).isEqualTo(first);
		perSecond.remove(0L);
		assertThat(perSecond.values()).allMatch((calls) -> calls <= later);
		assertThat(most).isLessThanOrEqualTo(ofOneTask);
	}

	@Test
	void callsInAGapOfNinetySecondsAreFew() {
		for (int i = 0; i < 100; i++) {
			RefusedPool pool = new RefusedPool("db.password", new Random(i));
			pool.run();
			assertThat(pool.calls.stream().filter((call) -> call.toSeconds() < 90)).hasSizeLessThanOrEqualTo(22);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

	}

	/**
	 * Pool of a task, with the task's own time.
	 */
	private static final class RefusedPool extends Source implements IdleWork {

		private final VirtualTime time = new VirtualTime();

		private final List<Duration> calls = new ArrayList<>();

		private final RefreshSchedule schedule = new RefreshSchedule(this, null);

		private final String property;

		private final Random random;

		private @Nullable Duration lastLoad;

		RefusedPool(String property, Random random) {
			super(context.getBean(Secrets.class), context.getEnvironment());
			this.property = property;
			this.random = random;
		}

		void run() {
			ClientCredentials credentials = new ClientCredentials(this, null, this.property, () -> PAIR);
			while (this.time.now().compareTo(GAP) < 0) {
				Pair used = credentials.current();
				if (credentials.mayTry(used)) {
					credentials.refused(used);
				}
				assertThat(credentials.instead(used, true, Duration.ofSeconds(15))).isNull();
				this.time.pass(Duration.ofMillis(this.random.nextInt(10, 5_000)));
			}
		}

		@Override
		CredentialProperties properties(SecretsSnapshot snapshot) {
			return properties;
		}

		@Override
		void refreshEarly(Set<String> names, Duration atMost) {
			CompletableFuture<Outcome> next = this.schedule.next(names);
			while (!next.isDone()) {
				this.time.pass(this.schedule.timeToNext());
			}
		}

		@Override
		PendingVersion pending(Set<String> names, Duration atMost) {
			if (areInSecretsManager(names)) {
				this.calls.add(this.time.now());
			}
			return new PendingVersion("", snapshot());
		}

		@Override
		public void load(CompletableFuture<Outcome> load, @Nullable Set<String> names) {
			assertThat(names).hasSize(1);
			this.lastLoad = this.time.now();
			this.calls.add(this.lastLoad);
			load.complete(new Outcome(snapshot(), snapshot(), null, null));
		}

		@Override
		public Duration timeToNextLoad() {
			Duration passed = (this.lastLoad != null) ? this.time.now().minus(this.lastLoad) : MIN_INTERVAL;
			return (passed.compareTo(MIN_INTERVAL) >= 0) ? Duration.ZERO : MIN_INTERVAL.minus(passed);
		}

		@Override
		public ScheduledExecutorService thread(String name) {
			return this.time.executor(name);
		}

		@Override
		public long nanoTime() {
			return this.time.nanoTime();
		}

		@Override
		public double random() {
			return this.random.nextDouble();
		}

	}

}
