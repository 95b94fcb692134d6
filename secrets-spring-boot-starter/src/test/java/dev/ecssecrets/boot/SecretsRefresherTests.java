package dev.ecssecrets.boot;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.boot.SecretsHistory.Load;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
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
 * Secrets change while an application runs.
 */
@ExtendWith(OutputCaptureExtension.class)
class SecretsRefresherTests {

	private static final String USER = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:user::";

	private static final String PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:password::";

	private static final String PINNED = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pinned:::8a9d2b84";

	private final Map<String, Object> processEnvironment = new HashMap<>();

	private final InMemorySecretStore store = new InMemorySecretStore();

	private SecretStore fetch = this.store;

	private final List<Set<SecretLocation>> fetches = new CopyOnWriteArrayList<>();

	private final Map<String, String> declared = new HashMap<>();

	private boolean optional;

	SecretsRefresherTests() {
		declare("WORD", "word", "first");
	}

	@Test
	void refreshWhenValuesHaveChangedSwapsThemAndTells() {
		declare("DB_USER", USER, "user1");
		declare("DB_PASSWORD", PASSWORD, "canary1");
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			this.store.put(USER, "user2").put(PASSWORD, "canary2");
			assertThat(refresher(context).refresh()).containsExactly("DB_PASSWORD", "DB_USER");
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
	void refreshWhenNothingHasChangedKeepsSourceAndTellsNobody() {
		try (ConfigurableApplicationContext context = run()) {
			PropertySource<?> before = source(context);
			assertThat(refresher(context).refresh()).isEmpty();
			assertThat(this.fetches).hasSize(2);
			assertThat(source(context)).isSameAs(before);
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void refreshWhenOptionalSecretAppearsAndVanishesTellsBoth() {
		this.declared.put("TOKEN", "token");
		this.optional = true;
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("token", "canary");
			assertThat(refresher(context).refresh()).containsExactly("TOKEN");
			assertThat(context.getEnvironment().getProperty("TOKEN")).isEqualTo("canary");
			this.store.remove("token").remove("word");
			assertThat(refresher(context).refresh()).containsExactly("TOKEN", "WORD");
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
			assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(refresher(context)::refresh)
				.satisfies((ex) -> assertThat(ex.failures()).extracting(SecretFailure::reason)
					.containsExactly(Reason.NOT_FOUND));
			assertThat(source(context)).isSameAs(before);
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void refreshWhenFailingWarnsOnceAndTellsOfRecovery(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.store.fail("word", Reason.ACCESS_DENIED);
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(refresher(context)::refresh);
			}
			this.store.put("word", "canary");
			assertThat(refresher(context).refresh()).containsExactly("WORD");
			assertThat(refresher(context).refresh()).isEmpty();
			assertThat(output).containsOnlyOnce("WARN").containsOnlyOnce("Secrets can be refreshed again");
			assertThat(output).containsPattern("WARN .*Secrets keep the values that they have")
				.contains("ACCESS DENIED")
				.doesNotContain("canary");
		}
	}

	@Test
	void refreshDoesNotFetchPinnedVersionAgain() {
		declare("PINNED", PINNED, "canary");
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.interval=1h")) {
			refresher(context).refresh();
			assertThat(this.fetches.get(0)).hasSize(2);
			assertThat(this.fetches.get(1)).hasSize(1);
			assertThat(context.getEnvironment().getProperty("PINNED")).isEqualTo("canary");
		}
	}

	@Test
	void refreshWhenEverythingIsInjectedFetchesNothing() {
		this.processEnvironment.put("WORD", "injected");
		try (ConfigurableApplicationContext context = run()) {
			assertThat(refresher(context).refresh()).isEmpty();
			assertThat(this.fetches).isEmpty();
			assertThat(source(context)).isNull();
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
			assertThat(refresher(context).refresh()).containsExactly("WORD");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("second");
			assertThat(sourceNames(context)).containsSubsequence(SecretsPropertySource.NAME, "systemEnvironment");
		}
	}

	@Test
	void overrideInjectedWhenStartCannotFetchTakesInjectedUntilItCan(CapturedOutput output) {
		this.processEnvironment.put("WORD", "injected");
		declare("TOKEN", "token", "canary");
		this.store.fail("word", Reason.UNREACHABLE);
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true",
				"--ecs-secrets.refresh.min-interval=1h")) {
			assertThat(output).contains("Injected secrets are used as they are").contains("unreachable");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("injected");
			assertThat(context.getEnvironment().getProperty("TOKEN")).isEqualTo("canary");
			assertThat(this.fetches).hasSize(1);
			assertThat(loads(refresher(context).history())).singleElement().satisfies((load) -> {
				assertThat(load.refresh()).isFalse();
				assertThat(load.successful()).isFalse();
				assertThat(load.failures()).extracting(SecretFailure::reason).containsExactly(Reason.UNREACHABLE);
			});
		}
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
			this.store.put("word", "fetched");
			assertThat(refresher(context).refresh()).containsExactly("WORD");
			assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("fetched");
			assertThat(output).doesNotContain("canary");
		}
	}

	@Test
	void overrideInjectedWhenStartFetchesWhatWasInjectedTellsNothingNew() {
		this.processEnvironment.put("WORD", "injected");
		this.store.fail("word", Reason.UNREACHABLE);
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
			this.store.put("word", "injected");
			assertThat(refresher(context).refresh()).isEmpty();
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
				.extracting((failure) -> failure.declaration().name())
				.isEqualTo("WORD"));
	}

	@Test
	void refreshWhenListenerFailsHasSwappedAndPrintsNoValue(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(Application.class).listener = () -> {
				throw new IllegalArgumentException(context.getEnvironment().getProperty("WORD"));
			};
			this.store.put("word", "canary");
			assertThat(refresher(context).refresh()).containsExactly("WORD");
			assertThat(output).containsPattern("ERROR .*IllegalArgumentException").doesNotContain("canary");
			assertThat(refresher(context).refresh()).isEmpty();
		}
	}

	@Test
	void refreshWhenListenerCallsItIsRefused() {
		try (ConfigurableApplicationContext context = run()) {
			List<Throwable> thrown = new ArrayList<>();
			context.getBean(Application.class).listener = () -> assertThatIllegalStateException()
				.isThrownBy(refresher(context)::refresh)
				.satisfies(thrown::add);
			this.store.put("word", "second");
			refresher(context).refresh();
			assertThat(thrown).hasSize(1);
		}
	}

	@Test
	void refreshReturnsNamesThatNobodyCanChange() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("word", "second");
			assertThat(refresher(context).refresh()).isUnmodifiable();
		}
	}

	/**
	 * The thread that makes beans holds a lock, which is needed to make listeners.
	 */
	@Test
	@Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
	void refreshWhileBeansAreMadeIsToldWhenTheyAre() {
		this.store.put("word", "first");
		try (ConfigurableApplicationContext context = run(RefreshedWhileMade.class)) {
			await().until(() -> !context.getBean(RefreshedWhileMade.class).heard.isEmpty());
			assertThat(context.getBean(RefreshedWhileMade.class).heard).containsExactly("client second");
		}
	}

	@Test
	void failedStartLeavesNoThread() {
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> run(FailedStart.class));
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("ecs-secrets-refresh")));
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
			assertThat(heard(context)).hasSize(2);
		}
	}

	@Test
	void refreshWhenConfigurationCannotBeBoundIsAFailureToOperators() {
		try (ConfigurableApplicationContext context = run()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("changed", Map.of("ecs-secrets.timeout", "soon")));
			assertThatExceptionOfType(BindException.class).isThrownBy(refresher(context)::refresh);
			assertThat(loads(refresher(context).history())).extracting(Load::successful).containsExactly(true, false);
		}
	}

	@Test
	void refreshThatEndsAfterCloseChangesNothing() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CompletableFuture<Void> closed = new CompletableFuture<>();
		ConfigurableApplicationContext context = run();
		Application application = context.getBean(Application.class);
		this.store.put("word", "second");
		this.fetch = (locations, timeout) -> {
			asked.countDown();
			// Does not heed interruption.
			closed.join();
			return this.store.fetch(locations, timeout);
		};
		CompletableFuture<Set<String>> refresh = CompletableFuture.supplyAsync(refresher(context)::refresh);
		asked.await();
		Thread thread = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((candidate) -> candidate.getName().equals("ecs-secrets-refresh"))
			.findFirst()
			.orElseThrow();
		SecretsHistory history = refresher(context).history();
		context.close();
		closed.complete(null);
		thread.join();
		assertThat(loads(history)).hasSize(1);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(refresh::join);
		assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("first");
		assertThat(application.heard).isEmpty();
	}

	@Test
	void closeWhenEndpointNeverAnswersAbortsRefresh(CapturedOutput output) throws Exception {
		CompletableFuture<Thread> asked = new CompletableFuture<>();
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			CompletableFuture<Set<String>> refresh;
			SecretsHistory history;
			this.processEnvironment.put("WORD", "injected");
			try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.override-injected=true")) {
				SecretStore aws = AwsSecretStore.builder()
					.endpoint(URI.create("http://localhost:" + silent.getLocalPort()))
					.region("eu-west-1")
					.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "key")))
					.build();
				this.fetch = (locations, timeout) -> {
					asked.complete(Thread.currentThread());
					return aws.fetch(locations, timeout);
				};
				history = refresher(context).history();
				refresh = CompletableFuture.supplyAsync(refresher(context)::refresh);
				silent.accept();
			}
			assertThatExceptionOfType(CompletionException.class).isThrownBy(refresh::join)
				.withCauseInstanceOf(CancellationException.class);
			asked.join().join(1000);
			assertThat(asked.join().isAlive()).isFalse();
			assertThat(output).doesNotContain("Secrets keep the values");
			assertThat(loads(history)).hasSize(1);
		}
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
		return new SpringApplicationBuilder(application).environment(environment)
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
	}

	private void declare(String name, String valueFrom, String value) {
		this.declared.put(name, valueFrom);
		this.store.put(valueFrom, value);
	}

	private static List<Load> loads(SecretsHistory history) {
		List<Load> loads = new ArrayList<>();
		history.listen(loads::add);
		return loads;
	}

	private static SecretsRefresher refresher(ConfigurableApplicationContext context) {
		return context.getBean(SecretsRefresher.class);
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
	@EnableAutoConfiguration
	static class Application {

		private final List<Set<String>> heard = new CopyOnWriteArrayList<>();

		private Runnable listener = () -> {
		};

		@EventListener
		void on(SecretsRefreshedEvent event) {
			this.heard.add(event.names());
			this.listener.run();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class RefreshedWhileMade {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		@Bean
		StringBuilder client(SecretsRefresher refresher, InMemorySecretStore store, Environment environment) {
			store.put("word", "second");
			assertThat(refresher.refresh()).containsExactly("WORD");
			assertThat(refresher.history().secrets()).extracting(SecretsHistory.Secret::changed).doesNotContainNull();
			return new StringBuilder("client " + environment.getProperty("WORD"));
		}

		@Bean
		ApplicationListener<SecretsRefreshedEvent> listener(StringBuilder client) {
			return (event) -> this.heard.add(client.toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class FailedStart {

		@Bean
		String client(SecretsRefresher refresher) {
			refresher.refresh();
			throw new IllegalStateException("as the test asked for");
		}

	}

}
