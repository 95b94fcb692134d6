// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link Secrets} among the contexts, the beans and the threads of
 * applications.
 */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class SecretsContextsTests {

	private final InMemorySecretStore store = new InMemorySecretStore().put("word", "first-canary");

	private final Map<String, Object> processEnvironment = new HashMap<>();

	@Test
	void childWhenInjectedSecretsAreOverriddenHasWhatItsParentHas() {
		this.processEnvironment.put("WORD", "injected");
		try (ConfigurableApplicationContext parent = run(Application.class,
				"--ecs-secrets.refresh.override-injected=true"); GenericApplicationContext child = child(parent)) {
			assertThat(parent.getEnvironment().getProperty("WORD")).isEqualTo("first-canary");
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("first-canary");
			this.store.put("word", "second-canary");
			parent.getBean(Secrets.class).refresh();
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("second-canary");
		}
	}

	@Test
	void childHasSecretsNextToItsProcessEnvironment() {
		try (ConfigurableApplicationContext parent = run(Application.class);
				GenericApplicationContext child = child(parent)) {
			assertThat(child.getEnvironment().getPropertySources()).extracting(PropertySource::getName)
				.containsSequence("systemEnvironment", SecretsPropertySource.NAME);
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { BoundNumber.class, InjectedNumber.class })
	void childWhenItDoesNotStartPrintsNoSecretOfItsParent(Class<?> source, CapturedOutput output) {
		try (ConfigurableApplicationContext parent = run(Application.class)) {
			assertThatException().isThrownBy(
					() -> new SpringApplicationBuilder(source).parent(parent).web(WebApplicationType.NONE).run());
		}
		String all = output.toString();
		assertThat(all.substring(all.indexOf("APPLICATION FAILED TO START"))).contains("******")
			.doesNotContain("first-canary");
	}

	@Test
	void eventWhenOfAContextThatHasNothingToDoWithItIsIgnored() {
		try (ConfigurableApplicationContext context = run(Application.class);
				GenericApplicationContext other = new GenericApplicationContext()) {
			other.refresh();
			context.publishEvent(new ContextRefreshedEvent(other));
			assertThat(other.getEnvironment().getProperty("WORD")).isNull();
		}
	}

	@Test
	void beansThatAreListenersAreCalledInTheirOrder() {
		try (ConfigurableApplicationContext context = run(Listeners.class)) {
			refresh(context);
			assertThat(context.getBean(Listeners.class).called).containsExactly("first", "second");
		}
	}

	@Test
	void listenersWhenBeansAreLazyAreCalled() {
		try (ConfigurableApplicationContext context = run(Listeners.class, "--spring.main.lazy-initialization=true")) {
			refresh(context);
			assertThat(context.getBean(Listeners.class).called).containsExactly("first", "second");
		}
	}

	@Test
	void beanWhenItPublishesEventsIsNotOurs() {
		try (ConfigurableApplicationContext context = run(Publishers.class)) {
			refresh(context);
			assertThat(context.getBean(Publishers.class).heard).containsExactly("[WORD]");
		}
	}

	@Test
	void beanOfTheApplicationMayReturnTheSecrets() {
		try (ConfigurableApplicationContext context = run(Alias.class)) {
			assertThat(context.getBean(Secrets.class)).isSameAs(context.getBean("mySecrets"));
		}
	}

	@Test
	void listenerWhenItsExceptionCannotBeDescribedKeepsNobodyFromBeingCalled(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(Application.class)) {
			context.getBean(Secrets.class).addListener((before, after) -> {
				throw new WithoutCause();
			});
			refresh(context);
		}
		assertThat(output).contains("a listener failed: ").contains("WithoutCause");
	}

	@Test
	void listenerWhenItInterruptsItsThreadInterruptsNobodyElse() {
		try (ConfigurableApplicationContext context = run(Application.class)) {
			List<Boolean> interrupted = new CopyOnWriteArrayList<>();
			context.getBean(Secrets.class).addListener((before, after) -> Thread.currentThread().interrupt());
			context.getBean(Secrets.class)
				.addListener((before, after) -> interrupted.add(Thread.currentThread().isInterrupted()));
			refresh(context);
			assertThat(interrupted).containsExactly(false);
		}
	}

	@Test
	void listenerWhenItClosesTheApplicationIsNotInterrupted() throws Exception {
		ConfigurableApplicationContext context = run(Closing.class);
		Closing closing = context.getBean(Closing.class);
		this.store.put("word", "second-canary");
		context.getBean(Secrets.class).refresh();
		assertThat(closing.stoppedBeforeClosed.get(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void stopComesAfterTheWebServer() {
		try (ConfigurableApplicationContext context = run(Application.class)) {
			assertThat(context.getBean(RefreshSchedule.class).getPhase())
				.isLessThan(SmartLifecycle.DEFAULT_PHASE - 2048);
		}
	}

	@Test
	void listenersWhenAStopHasSkippedThemAreCalledAfterTheRestart() throws Exception {
		try (ConfigurableApplicationContext context = run(Application.class)) {
			Secrets secrets = context.getBean(Secrets.class);
			CountDownLatch called = new CountDownLatch(1);
			CompletableFuture<Void> stopped = new CompletableFuture<>();
			CompletableFuture<String> value = new CompletableFuture<>();
			secrets.addListener((before, after) -> {
				called.countDown();
				stopped.join();
			});
			secrets.addListener((before, after) -> value.complete(after.value("WORD").reveal()));
			this.store.put("word", "second-canary");
			secrets.refresh();
			called.await();
			context.stop();
			stopped.complete(null);
			context.start();
			assertThat(value.get(30, TimeUnit.SECONDS)).isEqualTo("second-canary");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "timeout", "refresh.min-interval", "refresh.interval" })
	void durationsMayBeAlmost290Years(String key) {
		try (ConfigurableApplicationContext context = run(Application.class, "--ecs-secrets." + key + "=105849d")) {
			CompletableFuture<?> refresh = CompletableFuture.supplyAsync(context.getBean(Secrets.class)::refresh);
			if (!key.equals("refresh.min-interval")) {
				assertThat(refresh).succeedsWithin(30, TimeUnit.SECONDS);
			}
			assertThat(refresh).isNotCompletedExceptionally();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-5", "-9223372036854775808" })
	void timeoutWhenNotPositiveIsNamedWithItsPlace(String timeout, @TempDir Path folder, CapturedOutput output)
			throws Exception {
		Path file = Files.writeString(folder.resolve("application.properties"), "ecs-secrets.timeout=" + timeout);
		assertThatException().isThrownBy(() -> run(Application.class, "--spring.config.location=" + file));
		assertThat(output).contains("Property: ecs-secrets.timeout")
			.contains("application.properties] - 1:21")
			.contains("timeout must be positive");
	}

	@ParameterizedTest
	@CsvSource({ "timeout, 105850d", "timeout, 9223372036854775807", "refresh.interval, 105850d",
			"refresh.interval, 9223372036854775807", "refresh.min-interval, 105850d",
			"refresh.min-interval, 9223372036854775807" })
	void durationOf290YearsIsRefused(String key, String duration, CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(Application.class, "--ecs-secrets." + key + "=" + duration));
		assertThat(output).contains(key.replace("refresh.", "") + " must be less than 290 years");
	}

	private void refresh(ConfigurableApplicationContext context) {
		CalledListeners last = new CalledListeners(context.getBean(Secrets.class));
		this.store.put("word", "second-canary");
		context.getBean(Secrets.class).refresh();
		last.awaitCurrent();
	}

	private GenericApplicationContext child(ConfigurableApplicationContext parent) {
		GenericApplicationContext child = new GenericApplicationContext();
		child.setEnvironment(environment());
		child.setParent(parent);
		child.refresh();
		return child;
	}

	private ConfigurableApplicationContext run(Class<?> source, String... args) {
		return new SpringApplicationBuilder(source).environment(environment())
			.web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=WORD",
					"ecs-secrets.secrets[0].value-from=word")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run(args);
	}

	private ConfigurableEnvironment environment() {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, this.processEnvironment));
		return environment;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(BoundNumber.Properties.class)
	static class BoundNumber {

		@ConfigurationProperties
		record Properties(int word) {

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InjectedNumber {

		@Value("${WORD}")
		int number;

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Listeners {

		final List<String> called = new CopyOnWriteArrayList<>();

		@Bean
		SecretsListener second() {
			return new Second(this.called);
		}

		@Bean
		SecretsListener first() {
			return new First(this.called);
		}

	}

	@Order(1)
	record First(List<String> called) implements SecretsListener {

		@Override
		public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
			this.called.add("first");
		}

	}

	@Order(2)
	record Second(List<String> called) implements SecretsListener {

		@Override
		public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
			this.called.add("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Publishers {

		final List<String> heard = new CopyOnWriteArrayList<>();

		@Bean
		ApplicationEventPublisher events() {
			return (event) -> {
			};
		}

		@Bean
		ConfigurableApplicationContext context() {
			GenericApplicationContext other = new GenericApplicationContext();
			other.refresh();
			return other;
		}

		@EventListener
		void on(SecretsRefreshedEvent event) {
			this.heard.add(event.names().toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Alias {

		@Bean
		Secrets mySecrets(@Qualifier(SecretsBean.NAME) Secrets secrets) {
			return secrets;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Closing implements AutoCloseable {

		final CompletableFuture<Boolean> stoppedBeforeClosed = new CompletableFuture<>();

		private volatile boolean stopped;

		@Autowired
		ConfigurableApplicationContext context;

		@EventListener
		void on(SecretsRefreshedEvent event) {
			this.context.close();
		}

		@Override
		public void close() {
			this.stoppedBeforeClosed.complete(this.stopped);
		}

		/**
		 * Stops in a while, as a web server does that waits for its last requests.
		 */
		@Bean
		SmartLifecycle webServer() {
			return new SmartLifecycle() {

				private volatile boolean running;

				@Override
				public void start() {
					this.running = true;
				}

				@Override
				public void stop() {
					throw new UnsupportedOperationException();
				}

				@Override
				public void stop(Runnable callback) {
					CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS).execute(() -> {
						Closing.this.stopped = true;
						this.running = false;
						callback.run();
					});
				}

				@Override
				public boolean isRunning() {
					return this.running;
				}

				@Override
				public int getPhase() {
					return 0;
				}

			};
		}

	}

	private static final class WithoutCause extends RuntimeException {

		private static final long serialVersionUID = 1L;

		@Override
		public synchronized Throwable getCause() {
			throw new IllegalStateException("as the test asked for");
		}

	}

}
