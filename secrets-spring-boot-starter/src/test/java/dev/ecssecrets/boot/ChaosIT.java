// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.ecssecrets.CachingSecretStore;
import dev.ecssecrets.FailureReason;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.aws.sdk.SdkCredentials;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import dev.ecssecrets.boot.cloud.SecretsSpringCloudAutoConfiguration;
import dev.ecssecrets.boot.jdbc.SecretsJdbcAutoConfiguration;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The chaos run: everything that the library does, at once and on the real classes,
 * against random answers of AWS. {@code docs/robustness.md} describes it.
 */
@Tag("chaos")
class ChaosIT {

	/**
	 * The only time that is asserted: that nothing hangs. On a machine that is busy, a
	 * close takes a while.
	 */
	private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	/**
	 * Checkpoints: the state of the first third of them is compared with that of the
	 * last.
	 */
	private static final int CHECKPOINTS = 9;

	private static final int THIRD = CHECKPOINTS / 3;

	/**
	 * What may be added to the heap between the first and the last third. Caches of the
	 * JDK, of Spring and of the SDK, which fill in the first minutes, stay below it.
	 * Snapshots or contexts that are not released do not: a snapshot has about 16 KB, a
	 * context about 700 KB, and even a run of a minute makes hundreds of both.
	 */
	private static final long HEAP_MARGIN = 4L * 1024 * 1024;

	/**
	 * Threads of the application that stays, while no load is in progress.
	 */
	private static final Map<String, Integer> AT_REST = Map.of("ecs-secrets-refresh", 1, "ecs-secrets-listeners", 1,
			"pool:housekeeper", 1);

	private static final Map<String, String> SECRETS = new TreeMap<>(
			Map.of("DB_USER", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:username::",
					"DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::",
					"API_USER", "/api/user", "API_PASSWORD", "/api/password"));

	private static final Set<FailureReason> EXPECTED = Set.of(Reason.THROTTLED, Reason.UNREACHABLE,
			Reason.ACCESS_DENIED, Reason.NOT_FOUND, Reason.REFUSED, Reason.TIMED_OUT);

	private static final AwsCredentialsProvider CREDENTIALS = StaticCredentialsProvider
		.create(AwsBasicCredentials.create("AKIDEXAMPLE", "secret"));

	private final Duration duration = DurationStyle.detectAndParse(System.getProperty("chaos.duration", "1m"));

	private final long seed = Long.getLong("chaos.seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final Map<String, LongAdder> figures = new ConcurrentSkipListMap<>();

	private final Queue<String> mistakes = new ConcurrentLinkedQueue<>();

	private final AtomicLong longestClose = new AtomicLong();

	private final List<Checkpoint> checkpoints = new ArrayList<>();

	// New threads: HikariCP keeps 20 KB of a closed pool in each thread that has used it.
	private final Executor threads = (task) -> new Thread(task, "chaos-actor").start();

	/**
	 * An actor has the read lock while it acts. A checkpoint has the write lock.
	 */
	private final ReentrantReadWriteLock world = new ReentrantReadWriteLock(true);

	private volatile boolean over;

	private final ChaosAws aws = new ChaosAws(this.random);

	private final ChaosDatabase database = new ChaosDatabase(this.aws::version);

	private final SecretStore shared;

	ChaosIT() throws IOException {
		this.shared = new CachingSecretStore(AwsSecretStore.builder()
			.region("eu-west-1")
			.endpoint(URI.create(this.aws.endpoint()))
			.credentials(new SdkCredentials(CREDENTIALS))
			.build(), Duration.ZERO);
	}

	@Test
	void everythingAtOnceLosesNothingAndLeavesNothing() throws Exception {
		ChaosLog log = new ChaosLog();
		DriverManager.registerDriver(this.database);
		Map<String, Integer> threadsBefore = threads();
		try (log; this.aws) {
			run();
			await().atMost(PATIENCE).until(() -> threads().equals(threadsBefore));
		}
		catch (Throwable ex) {
			mistake("the run", new AssertionError(ex));
		}
		finally {
			DriverManager.deregisterDriver(this.database);
			print(log);
		}
		check(log, threadsBefore);
	}

	private void run() throws Exception {
		ConfigurableApplicationContext context = await().atMost(PATIENCE)
			.ignoreException(SecretResolutionException.class)
			.until(() -> start(0, "--ecs-secrets.refresh.interval=500ms"), Objects::nonNull);
		try {
			Secrets secrets = context.getBean(Secrets.class);
			secrets.addListener(this::onLoad);
			query(context);
			CalledListeners listeners = new CalledListeners(secrets);
			List<CompletableFuture<?>> actors = List.of(actor(secrets::refresh), actor(secrets::refresh),
					actor(() -> context.getBean(ContextRefresher.class).refresh()),
					actor(() -> read(context.getEnvironment(), secrets)),
					actor(() -> read(context.getEnvironment(), secrets)), actor(() -> query(context)),
					actor(() -> query(context)), actor(() -> evict(context)), actor(() -> runChild(context)),
					actor(this::runApplication), actor(this::runApplication));
			for (int i = 1; i <= CHECKPOINTS; i++) {
				this.aws.setCalm(false);
				LockSupport.parkNanos(this.duration.toNanos() / CHECKPOINTS);
				this.aws.setCalm(true);
				this.world.writeLock().lock();
				try {
					this.checkpoints.add(checkpoint(context, secrets, listeners));
				}
				finally {
					this.over = i == CHECKPOINTS;
					this.world.writeLock().unlock();
				}
			}
			CompletableFuture.allOf(actors.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
			add("loads of the application that stays", secrets.current().number());
		}
		finally {
			this.over = true;
			close(context);
		}
	}

	/**
	 * Acts again and again, as an actor of its own, until the run is over.
	 */
	private CompletableFuture<Void> actor(Action action) {
		return CompletableFuture.runAsync(() -> {
			while (!this.over) {
				this.world.readLock().lock();
				try {
					if (!this.over) {
						act(action);
					}
				}
				finally {
					this.world.readLock().unlock();
				}
			}
		}, this.threads);
	}

	private void act(Action action) {
		try {
			action.act();
		}
		catch (SecretResolutionException ex) {
			for (SecretFailure failure : ex.failures()) {
				if (!EXPECTED.contains(failure.reason())) {
					mistake(failure.reason().toString(), ex);
				}
			}
		}
		catch (Throwable ex) {
			mistake("an action", ex);
		}
	}

	private void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		check(after);
		if (!after.changesSince(before).isEmpty()) {
			add("swaps", 1);
		}
		for (String name : SECRETS.keySet()) {
			if (version(after, name) < version(before, name)) {
				add("values older than the ones before", 1);
			}
		}
		for (Load load : after.loads()) {
			if (load.number() > before.number()) {
				load.failures()
					.stream()
					.map((failure) -> "    of them " + failure.reason())
					.distinct()
					.forEach((failed) -> add(failed, 1));
			}
		}
	}

	private void read(Environment environment, Secrets secrets) {
		for (int i = 0; i < 100; i++) {
			for (String name : SECRETS.keySet()) {
				if (environment.getProperty(name) == null) {
					add("missing values", 1);
				}
			}
			check(secrets.current());
		}
		add("reads of the environment", 100L * SECRETS.size());
		add("reads of a snapshot", 100);
		// Others need the processor too.
		LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
	}

	/**
	 * Checks the keys of one secret. Two parameters are no pair: if AWS denies a call for
	 * both, they are fetched one by one.
	 */
	private void check(SecretsSnapshot snapshot) {
		for (String name : SECRETS.keySet()) {
			if (snapshot.value(name) == null) {
				add("missing values", 1);
				return;
			}
		}
		if (version(snapshot, "DB_USER") != version(snapshot, "DB_PASSWORD")) {
			add("torn pairs of snapshots", 1);
		}
	}

	private static int version(SecretsSnapshot snapshot, String name) {
		return ChaosAws.versionOf(snapshot.value(name).reveal());
	}

	private void query(ConfigurableApplicationContext context) throws SQLException {
		try (Connection connection = context.getBean(DataSource.class).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SELECT 1");
			add("queries", 1);
		}
		catch (SQLException ex) {
			// The pool does not wait for ever, or a login is refused.
			if (ex.getSQLState() != null && !ex.getSQLState().startsWith("28")) {
				throw ex;
			}
			add("queries without a connection", 1);
		}
		LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
	}

	private static void evict(ConfigurableApplicationContext context) {
		context.getBean(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
		LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
	}

	private void runChild(ConfigurableApplicationContext parent) throws Exception {
		GenericApplicationContext child = new GenericApplicationContext();
		try {
			child.setParent(parent);
			child.refresh();
			read(child.getEnvironment(), parent.getBean(Secrets.class));
			add("child contexts", 1);
		}
		finally {
			close(child);
		}
	}

	/**
	 * Starts an application and closes it while it is doing everything.
	 */
	private void runApplication() throws Exception {
		ConfigurableApplicationContext context;
		try {
			context = start(this.random.nextInt(3), "--ecs-secrets.refresh.interval=10ms");
		}
		catch (SecretResolutionException ex) {
			add("starts that failed", 1);
			throw ex;
		}
		add("starts", 1);
		Secrets secrets = context.getBean(Secrets.class);
		// HikariCP forgets a pool that starts while it is closed.
		async(() -> query(context)).get(60, TimeUnit.SECONDS);
		CompletableFuture<?> refresh = async(secrets::refresh);
		CompletableFuture<?> query = async(() -> query(context));
		CompletableFuture<?> contextRefresh = this.random.nextBoolean()
				? async(context.getBean(ContextRefresher.class)::refresh) : CompletableFuture.completedFuture(null);
		if (this.random.nextBoolean()) {
			runChild(context);
		}
		if (this.random.nextBoolean()) {
			contextRefresh.exceptionally((ex) -> null).get(60, TimeUnit.SECONDS);
		}
		close(context);
		check(secrets.current());
		// These two fail in Spring's and Hikari's ways if they come too late.
		contextRefresh.exceptionally((ex) -> null).get(60, TimeUnit.SECONDS);
		query.exceptionally((ex) -> null).get(60, TimeUnit.SECONDS);
		try {
			refresh.get(60, TimeUnit.SECONDS);
		}
		catch (CancellationException ex) {
			add("refreshes that a close ended", 1);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof CancellationException) {
				add("refreshes that a close ended", 1);
			}
			else if (ex.getCause() instanceof SecretResolutionException failure) {
				throw failure;
			}
			else {
				throw ex;
			}
		}
	}

	private CompletableFuture<Void> async(Action action) {
		return CompletableFuture.runAsync(() -> {
			try {
				action.act();
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new CompletionException(ex);
			}
		}, this.threads);
	}

	private void close(ConfigurableApplicationContext context) {
		long start = System.nanoTime();
		context.close();
		this.longestClose.accumulateAndGet(System.nanoTime() - start, Math::max);
		add("closes", 1);
	}

	/**
	 * Starts an application with the client for containers, with the SDK's clients (as
	 * the endpoint has a path), or with a store that it shares with others.
	 */
	private ConfigurableApplicationContext start(int way, String... args) {
		SpringApplicationBuilder application = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.registerShutdownHook(false)
			.properties("ecs-secrets.timeout=2s", "ecs-secrets.refresh.min-interval=0",
					"ecs-secrets.refresh.refresh-scope=true", "ecs-secrets.aws.region=eu-west-1",
					"ecs-secrets.aws.endpoint=" + this.aws.endpoint() + ((way == 1) ? "/sdk" : ""),
					"pool.jdbc-url=" + ChaosDatabase.URL, "pool.username=${DB_USER}", "pool.password=${DB_PASSWORD}",
					"pool.connection-timeout=1000", "pool.initialization-fail-timeout=-1", "pool.maximum-pool-size=4",
					"bound.user=${API_USER}", "bound.password=${API_PASSWORD}");
		int index = 0;
		for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
			application.properties("ecs-secrets.secrets[" + index + "].name=" + secret.getKey(),
					"ecs-secrets.secrets[" + index + "].value-from=" + secret.getValue());
			index++;
		}
		application.addBootstrapRegistryInitializer((registry) -> {
			registry.register(AwsCredentialsProvider.class, InstanceSupplier.of(CREDENTIALS));
			if (way == 2) {
				registry.register(SecretStore.class, InstanceSupplier.of(this.shared));
			}
		});
		return application.run(args);
	}

	/**
	 * Checks that everything recovers as soon as AWS does, and measures what is left.
	 */
	private Checkpoint checkpoint(ConfigurableApplicationContext context, Secrets secrets, CalledListeners listeners)
			throws Exception {
		String version = Integer.toString(this.aws.version());
		// A machine that is busy may take longer than the timeout.
		await().atMost(PATIENCE)
			.ignoreException(SecretResolutionException.class)
			.until(secrets::refresh, Objects::nonNull);
		listeners.awaitCurrent();
		for (String name : SECRETS.keySet()) {
			assertThat(context.getEnvironment().getRequiredProperty(name)).as(name).endsWith("-" + version);
		}
		long accepted = this.database.accepted.sum();
		HikariDataSource pool = context.getBean(HikariDataSource.class);
		await().atMost(PATIENCE).ignoreExceptions().until(() -> {
			pool.getHikariPoolMXBean().softEvictConnections();
			query(context);
			return this.database.accepted.sum() > accepted;
		});
		// Threads of a load come and go.
		await().atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(1))
			.untilAsserted(() -> assertThat(threads()).isEqualTo(AT_REST));
		for (int i = 0; i < 3; i++) {
			System.gc();
		}
		return new Checkpoint(countThreads(), ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
	}

	/**
	 * Returns the threads of the library, of the SDK and of pools.
	 */
	private static Map<String, Integer> threads() {
		return threads((name) -> name.startsWith("ecs-secrets") || name.startsWith("sdk-")
				|| name.startsWith("idle-connection") || name.equals("pool:housekeeper"));
	}

	/**
	 * Returns how many threads there are that are not of the run itself.
	 */
	private static int countThreads() {
		return threads((name) -> !name.startsWith("chaos")).values().stream().mapToInt(Integer::intValue).sum();
	}

	private static Map<String, Integer> threads(Predicate<String> names) {
		Map<String, Integer> threads = new TreeMap<>();
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			String name = thread.getName().replaceAll("-?\\d+", "").replace("HikariPool", "pool");
			if (names.test(name)) {
				threads.merge(name, 1, Integer::sum);
			}
		}
		return threads;
	}

	private void add(String figure, long number) {
		this.figures.computeIfAbsent(figure, (key) -> new LongAdder()).add(number);
	}

	private long figure(String figure) {
		return this.figures.getOrDefault(figure, new LongAdder()).sum();
	}

	private void mistake(String where, Throwable failure) {
		add("unexpected failures", 1);
		if (this.mistakes.size() < 5 || failure instanceof AssertionError) {
			StringWriter text = new StringWriter();
			failure.printStackTrace(new PrintWriter(text));
			this.mistakes.add(where + ": " + text);
		}
	}

	private long leastHeap(int from) {
		return this.checkpoints.stream()
			.skip(from)
			.limit(THIRD)
			.mapToLong(Checkpoint::heap)
			.min()
			.orElse(Long.MAX_VALUE);
	}

	private void print(ChaosLog log) {
		StringBuilder table = new StringBuilder("Chaos run: -Dchaos.seed=" + this.seed + " -Dchaos.duration="
				+ this.duration.toSeconds() + "s, " + Runtime.getRuntime().availableProcessors() + " processors\n\n");
		this.figures.forEach((name, number) -> table.append(row(name, number)));
		table.append(row("logins", this.database.accepted));
		table.append(row("logins refused", this.database.refused));
		table.append(row("torn pairs of logins", this.database.torn));
		table.append(row("longest close in ms", this.longestClose.get() / 1_000_000));
		table.append(row("lines logged", log.lines));
		table.append(row("loggers that logged a value", log.loggersOfValues));
		for (Checkpoint checkpoint : this.checkpoints) {
			table.append(row("heap in KB, all threads", checkpoint.heap() / 1024 + ", " + checkpoint.threads()));
		}
		table.append(row("answers", this.aws.answers()));
		this.mistakes.forEach((mistake) -> table.append(mistake).append('\n'));
		log.errors.forEach((error) -> table.append(error).append('\n'));
		System.out.println(table);
	}

	private static String row(String name, Object figure) {
		return String.format("%-40s %s%n", name, figure);
	}

	private void check(ChaosLog log, Map<String, Integer> threadsBefore) {
		SoftAssertions softly = new SoftAssertions();
		softly.assertThat(this.mistakes).as("unexpected failures").isEmpty();
		softly.assertThat(log.errors).as("logged errors").isEmpty();
		softly.assertThat(log.loggersOfValues).as("loggers that logged a value").isEmpty();
		softly.assertThat(figure("missing values")).as("missing values").isZero();
		softly.assertThat(figure("torn pairs of snapshots")).as("torn pairs of snapshots").isZero();
		softly.assertThat(figure("values older than the ones before")).as("values older than before").isZero();
		softly.assertThat(this.database.torn.sum()).as("torn pairs of logins").isZero();
		softly.assertThat(Duration.ofNanos(this.longestClose.get())).as("longest close").isLessThan(LONGEST_CLOSE);
		softly.assertThat(this.checkpoints).as("checkpoints").hasSize(CHECKPOINTS);
		softly.assertThat(threads()).as("threads after all closes").isEqualTo(threadsBefore);
		softly.assertThat(leastHeap(2 * THIRD)).as("heap in the last third").isLessThan(leastHeap(0) + HEAP_MARGIN);
		for (String figure : List.of("swaps", "starts", "starts that failed", "refreshes that a close ended",
				"child contexts", "queries")) {
			softly.assertThat(figure(figure)).as(figure).isPositive();
		}
		softly.assertThat(this.aws.answers()).as("kinds of answers").hasSizeGreaterThanOrEqualTo(12);
		softly.assertAll();
	}

	@FunctionalInterface
	private interface Action {

		void act() throws Exception;

	}

	/**
	 * State between two storms.
	 *
	 * @param threads the number of all threads that are not of the run
	 * @param heap the heap in use after a garbage collection, in bytes
	 */
	private record Checkpoint(int threads, long heap) {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SecretsAutoConfiguration.class, SecretsJdbcAutoConfiguration.class,
			SecretsSpringCloudAutoConfiguration.class, RefreshAutoConfiguration.class,
			ConfigurationPropertiesRebinderAutoConfiguration.class })
	@EnableConfigurationProperties(Bound.class)
	static class Application {

		@Bean
		@ConfigurationProperties("pool")
		HikariDataSource pool() {
			return new HikariDataSource();
		}

	}

	/**
	 * Bean that is bound again at each change.
	 */
	@ConfigurationProperties("bound")
	static class Bound {

		private volatile String user;

		private volatile String password;

		public String getUser() {
			return this.user;
		}

		public void setUser(String user) {
			this.user = user;
		}

		public String getPassword() {
			return this.password;
		}

		public void setPassword(String password) {
			this.password = password;
		}

	}

}
