// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.cloud;

import java.io.IOException;
import java.lang.Thread.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.CalledListeners;
import dev.ecssecrets.boot.EnableRefresh;
import dev.ecssecrets.boot.SecretStatus;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsRefreshedEvent;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Changed secrets reach what Spring Cloud binds again and creates again, and its context
 * refresh loads secrets.
 */
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudRefreshBridgeTests {

	// The common pool may have a single thread, which the other task blocks.
	private static final Executor OWN_THREAD = (task) -> new Thread(task).start();

	private final InMemorySecretStore store = new InMemorySecretStore().put("key", "first").put("number", "1");

	private SecretStore fetch = this.store;

	private CalledListeners listeners;

	@Test
	void refreshRebindsJavaBeansAndLeavesTheScopeAlone() {
		try (ConfigurableApplicationContext context = run()) {
			Client client = context.getBean(Client.class);
			assertThat(client.key()).isEqualTo("first");
			this.store.put("key", "second");
			refresh(context);
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
			assertThat(client.key()).isEqualTo("first");
			assertThat(heard(context)).containsExactly("ours [CLIENT_KEY]", "Spring Cloud's [CLIENT_KEY]");
		}
	}

	@Test
	void refreshWhenScopeIsToBeRefreshedCreatesItsBeansAgain() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.refresh-scope=true")) {
			Client client = context.getBean(Client.class);
			assertThat(client.key()).isEqualTo("first");
			this.store.put("key", "second");
			refresh(context);
			assertThat(client.key()).isEqualTo("second");
		}
	}

	@Test
	void refreshWhenNothingHasChangedPublishesNothing() {
		try (ConfigurableApplicationContext context = run()) {
			refresh(context);
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void refreshWhenBeanCannotBeBoundHasSwappedAndPrintsNoValue(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("number", "canary");
			assertThat(refresh(context)).containsExactly("CLIENT_NUMBER");
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("canary");
			assertThat(output).containsPattern("ERROR .*SpringCloudRefreshBridge .*BindException")
				.doesNotContain("canary");
		}
	}

	@Test
	void refreshWhenOneBeanCannotBeBoundRefreshesScopeAllTheSame() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.refresh-scope=true")) {
			assertThat(context.getBean(Client.class).key()).isEqualTo("first");
			this.store.put("number", "canary").put("key", "second");
			refresh(context);
			assertThat(context.getBean(Client.class).key()).isEqualTo("second");
		}
	}

	@Test
	void refreshWhenListenerThrowsErrorReachesSpringCloudAllTheSame() {
		try (ConfigurableApplicationContext context = run()) {
			context.addApplicationListener((ApplicationListener<SecretsRefreshedEvent>) (event) -> {
				throw new NoClassDefFoundError("as the test asked for");
			});
			this.store.put("key", "second");
			assertThat(refresh(context)).containsExactly("CLIENT_KEY");
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
		}
	}

	@Test
	void contextRefreshChangesWhatItsOwnRefreshWouldAndIsPublishedOnce() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("key", "second");
			assertThat(contextRefresh(context)).containsExactly("CLIENT_KEY");
			assertThat(context.getBean(Client.class).key()).isEqualTo("second");
			assertThat(heard(context)).containsExactlyInAnyOrder("ours [CLIENT_KEY]", "Spring Cloud's [CLIENT_KEY]");
			assertThat(secrets(context).refresh()).isEmpty();
		}
	}

	@Test
	void contextRefreshWhenSoonAfterALoadLoadsNothingAndSaysHowOldValuesAre(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.min-interval=1h")) {
			this.store.put("key", "second");
			assertThat(contextRefresh(context)).isEmpty();
			assertThat(this.store.fetches()).isOne();
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("first");
			assertThat(output)
				.containsPattern("Secrets: 0 injected, 2 fetched .*not loaded again, values were fetched \\d+ s ago");
		}
	}

	@Test
	void contextRefreshWhenDeclarationsHaveChangedLoadsSoonAfterALoad(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("application.properties");
		Files.writeString(file, "");
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.min-interval=1h",
				"--spring.config.location=" + file)) {
			this.store.put("key", "second").put("other-number", "2");
			Files.writeString(file,
					"ecs-secrets.secrets[0].name=CLIENT_NUMBER\necs-secrets.secrets[0].value-from=other-number");
			assertThat(contextRefresh(context)).contains("CLIENT_NUMBER");
			assertThat(context.getBean(Client.Properties.class).getNumber()).isEqualTo(2);
			assertThat(context.getEnvironment().containsProperty("CLIENT_KEY")).isFalse();
			assertThat(secrets(context).current().secrets()).extracting(SecretStatus::name)
				.containsExactly("CLIENT_NUMBER");
			assertThat(this.store.fetches()).isEqualTo(2);
		}
	}

	@Test
	void contextRefreshWhenDeclarationsAreWrongFailsAndChangesNothing(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("application.properties");
		Files.writeString(file, "");
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.min-interval=1h",
				"--spring.config.location=" + file)) {
			Files.writeString(file, "ecs-secrets.stoer=file");
			assertThatExceptionOfType(SecretResolutionException.class)
				.isThrownBy(context.getBean(ContextRefresher.class)::refresh)
				.withMessageContaining("ecs-secrets.store");
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("first");
		}
	}

	@Test
	void contextRefreshWhenStoreGivesNoAnswerKeepsTheLastGoodWholeAndWarns(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			List<Instant> fetched = fetched(context);
			this.store.put("number", "2").fail("key", Reason.THROTTLED);
			assertThat(contextRefresh(context)).isEmpty();
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("first");
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("1");
			assertThat(fetched(context)).isEqualTo(fetched);
			assertThat(output).containsPattern("WARN .*Secrets keep their values, because they could not be refreshed")
				.contains("THROTTLED")
				.containsPattern("Secrets: 0 injected, 2 fetched .*not loaded again, values were fetched \\d+ s ago");
		}
	}

	@Test
	void contextRefreshWhenValuesAreTheLastGoodOnesIsAFailedLoad() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.fail("key", Reason.THROTTLED);
			contextRefresh(context);
			List<Load> loads = secrets(context).current().loads();
			assertThat(loads).extracting(Load::successful).containsExactly(true, false);
			assertThat(loads.get(1).isRefresh()).isTrue();
			assertThat(loads.get(1).failures()).extracting(SecretFailure::reason).containsExactly(Reason.THROTTLED);
			assertThat(secrets(context).current().secrets()).filteredOn((secret) -> secret.lastFailure() != null)
				.extracting(SecretStatus::name)
				.containsExactly("CLIENT_KEY");
		}
	}

	@Test
	void contextRefreshWhenSecretIsGoneFailsAndChangesNothing() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("number", "2").remove("key");
			assertThatExceptionOfType(SecretResolutionException.class)
				.isThrownBy(context.getBean(ContextRefresher.class)::refresh);
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("1");
			this.listeners.awaitCurrent();
			assertThat(heard(context)).isEmpty();
		}
	}

	@Test
	void contextRefreshWhenOvertakenBringsBackNoOlderValues() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.refresh-scope=true")) {
			assertThat(context.getBean(Client.class).key()).isEqualTo("first");
			this.store.put("key", "second");
			LatePostProcessor.doOnce(() -> {
				assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("second");
				this.store.put("key", "third");
				assertThat(refresh(context)).containsExactly("CLIENT_KEY");
			});
			contextRefresh(context);
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("third");
			assertThat(context.getBean(Application.class).keys).containsOnly("third");
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("third");
			assertThat(context.getBean(Client.class).key()).isEqualTo("third");
		}
	}

	@Test
	void contextRefreshWhenItFailsAfterItHasLoadedStillCallsListeners() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("key", "second");
			LatePostProcessor.doOnce(() -> {
				throw new IllegalStateException("as the test asked for");
			});
			assertThatIllegalStateException().isThrownBy(context.getBean(ContextRefresher.class)::refresh);
			this.listeners.awaitCurrent();
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("second");
			assertThat(heard(context)).containsExactly("ours [CLIENT_KEY]");
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("first");
			assertThat(refresh(context)).isEmpty();
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
		}
	}

	/**
	 * What it fetches may be older than the request.
	 */
	@Test
	void refreshWhenAContextRefreshIsInProgressWaitsAndLoadsAgain() {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run()) {
			this.fetch = (locations, timeout) -> {
				SecretStore.Response response = this.store.fetch(locations, timeout);
				asked.countDown();
				await(released);
				return response;
			};
			CompletableFuture<Set<String>> first = CompletableFuture
				.supplyAsync(context.getBean(ContextRefresher.class)::refresh, OWN_THREAD);
			await(asked);
			this.store.put("key", "second");
			CompletableFuture<Thread> waiting = new CompletableFuture<>();
			CompletableFuture<Set<String>> second = CompletableFuture.supplyAsync(() -> {
				waiting.complete(Thread.currentThread());
				return secrets(context).refresh();
			}, OWN_THREAD);
			Awaitility.await().until(() -> waiting.join().getState() == State.TIMED_WAITING);
			released.countDown();
			first.join();
			assertThat(second.join()).containsExactly("CLIENT_KEY");
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("second");
		}
		finally {
			released.countDown();
		}
	}

	@Test
	void refreshWhenBeansAreLazyRebinds() {
		try (ConfigurableApplicationContext context = run("--spring.main.lazy-initialization=true")) {
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("first");
			this.store.put("key", "second");
			refresh(context);
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
		}
	}

	@Test
	void contextRefreshWhenARefreshIsInProgressWaitsAndLoadsAgain() {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("key", "second");
			this.fetch = (locations, timeout) -> {
				asked.countDown();
				await(released);
				return this.store.fetch(locations, timeout);
			};
			ContextRefresher refresher = context.getBean(ContextRefresher.class);
			CompletableFuture<Set<String>> first = CompletableFuture.supplyAsync(secrets(context)::refresh);
			await(asked);
			CompletableFuture<Thread> waiting = new CompletableFuture<>();
			CompletableFuture<Set<String>> second = CompletableFuture.supplyAsync(() -> {
				waiting.complete(Thread.currentThread());
				return refresher.refresh();
			});
			Awaitility.await().until(() -> waiting.join().getState() == State.TIMED_WAITING);
			released.countDown();
			assertThat(first.join()).containsExactly("CLIENT_KEY");
			second.join();
			assertThat(this.store.fetches()).isEqualTo(3);
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("second");
		}
		finally {
			released.countDown();
		}
	}

	@Test
	void contextRefreshWhenItEndsAfterCloseChangesNothing() {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		ConfigurableApplicationContext context = run();
		this.store.put("key", "second");
		this.fetch = (locations, timeout) -> {
			asked.countDown();
			await(closed);
			return this.store.fetch(locations, timeout);
		};
		Secrets secrets = secrets(context);
		CompletableFuture<Set<String>> refresh = CompletableFuture
			.supplyAsync(context.getBean(ContextRefresher.class)::refresh);
		await(asked);
		context.close();
		closed.countDown();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(refresh::join)
			.withCauseInstanceOf(CancellationException.class);
		assertThat(secrets.current().loads()).hasSize(1);
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Set<String> refresh(ConfigurableApplicationContext context) {
		Set<String> names = secrets(context).refresh();
		this.listeners.awaitCurrent();
		return names;
	}

	private Set<String> contextRefresh(ConfigurableApplicationContext context) {
		Set<String> names = context.getBean(ContextRefresher.class).refresh();
		this.listeners.awaitCurrent();
		return names;
	}

	private static Secrets secrets(ConfigurableApplicationContext context) {
		return context.getBean(Secrets.class);
	}

	private static List<String> heard(ConfigurableApplicationContext context) {
		return context.getBean(Application.class).heard;
	}

	private static List<Instant> fetched(ConfigurableApplicationContext context) {
		return secrets(context).current().secrets().stream().map((secret) -> secret.source().fetched()).toList();
	}

	private ConfigurableApplicationContext run(String... args) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=CLIENT_KEY",
					"ecs-secrets.secrets[0].value-from=key", "ecs-secrets.secrets[1].name=CLIENT_NUMBER",
					"ecs-secrets.secrets[1].value-from=number")
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.fetch.fetch(locations, timeout))))
			.run(args);
		this.listeners = new CalledListeners(secrets(context));
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableRefresh
	@EnableConfigurationProperties(Client.Properties.class)
	static class Application {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		private final List<String> keys = new CopyOnWriteArrayList<>();

		@Bean
		@RefreshScope
		Client client(@Value("${CLIENT_KEY}") String key) {
			return new Client(key);
		}

		@EventListener
		void on(SecretsRefreshedEvent event) {
			this.heard.add("ours " + event.names());
		}

		@EventListener
		void on(EnvironmentChangeEvent event) {
			this.keys
				.add(((ConfigurableApplicationContext) event.getSource()).getEnvironment().getProperty("CLIENT_KEY"));
			this.heard.add("Spring Cloud's " + event.getKeys());
		}

	}

	static class Client {

		private final String key;

		Client(String key) {
			this.key = key;
		}

		String key() {
			return this.key;
		}

		@ConfigurationProperties("client")
		static class Properties {

			private String key;

			private int number;

			public String getKey() {
				return this.key;
			}

			public void setKey(String key) {
				this.key = key;
			}

			public int getNumber() {
				return this.number;
			}

			public void setNumber(int number) {
				this.number = number;
			}

		}

	}

}
