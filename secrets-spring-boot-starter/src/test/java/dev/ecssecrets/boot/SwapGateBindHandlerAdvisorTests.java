// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SwapGateBindHandlerAdvisor}, in binds that run code of the application
 * after they have read the user.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class SwapGateBindHandlerAdvisorTests {

	/**
	 * The common pool may have a single thread.
	 */
	private static final Executor OWN_THREAD = (task) -> new Thread(task).start();

	private static final AtomicReference<Runnable> HOOK = new AtomicReference<>();

	private final InMemorySecretStore store = new InMemorySecretStore();

	@AfterEach
	void reset() {
		HOOK.set(null);
	}

	@Test
	void bindDuringRefreshHasValuesOfOneSnapshot() {
		try (ConfigurableApplicationContext context = run()) {
			Secrets secrets = context.getBean(Secrets.class);
			AtomicReference<CompletableFuture<?>> refresh = new AtomicReference<>();
			HOOK.set(() -> {
				rotate(2);
				refresh.set(CompletableFuture.runAsync(secrets::refresh, OWN_THREAD));
				awaitSwap();
			});
			assertThat(context.getBean(Login.class)).hasToString("user1 password1");
			refresh.get().join();
			HOOK.set(() -> {
			});
			assertThat(context.getBean(Login.class)).hasToString("user2 password2");
		}
	}

	@Test
	void bindThatWaitsForRefreshDoesNotBlockIt() {
		try (ConfigurableApplicationContext context = run()) {
			HOOK.set(() -> {
				rotate(2);
				context.getBean(Secrets.class).refresh();
			});
			assertThat(context.getBean(Login.class))
				.satisfies((login) -> assertThat(login.toString()).containsAnyOf("user2", "password2"));
		}
	}

	@Test
	void bindThatFailsHasEnded() {
		try (ConfigurableApplicationContext context = run()) {
			HOOK.set(() -> {
				throw new IllegalStateException("as the test asked for");
			});
			assertThatException().isThrownBy(() -> context.getBean(Login.class));
			rotate(2);
			CompletableFuture.runAsync(context.getBean(Secrets.class)::refresh, OWN_THREAD).join();
			assertThat(context.getBean(Secrets.class).gate().suspend()).isEmpty();
		}
	}

	@Test
	void stopWhileSwapWaitsForBindChangesNothing() {
		CountDownLatch closed = new CountDownLatch(1);
		ConfigurableApplicationContext context = run();
		Secrets secrets = context.getBean(Secrets.class);
		CompletableFuture<CompletableFuture<?>> refresh = new CompletableFuture<>();
		HOOK.set(() -> {
			rotate(2);
			refresh.complete(CompletableFuture.runAsync(secrets::refresh, OWN_THREAD));
			try {
				closed.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		CompletableFuture<String> bind = CompletableFuture.supplyAsync(() -> context.getBean(Login.class).toString(),
				OWN_THREAD);
		CompletableFuture<?> waiting = refresh.join();
		awaitSwap();
		secrets.schedule().stop();
		assertThatException().isThrownBy(waiting::join);
		await().until(() -> threads("ecs-secrets-refresh") == 0);
		assertThat(secrets.current().number()).isOne();
		closed.countDown();
		assertThat(bind.join()).isEqualTo("user1 password1");
		context.close();
	}

	private static void awaitSwap() {
		await().until(() -> Thread.getAllStackTraces()
			.values()
			.stream()
			.flatMap(Stream::of)
			.anyMatch((frame) -> frame.getClassName().equals(SwapGate.class.getName())
					&& frame.getMethodName().equals("close")));
	}

	private static long threads(String name) {
		return Thread.getAllStackTraces().keySet().stream().filter((thread) -> thread.getName().equals(name)).count();
	}

	private void rotate(int version) {
		this.store.put("user", "user" + version).put("password", "password" + version);
	}

	private ConfigurableApplicationContext run() {
		rotate(1);
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=LOGIN_USER",
					"ecs-secrets.secrets[0].value-from=user", "ecs-secrets.secrets[1].name=LOGIN_PASSWORD",
					"ecs-secrets.secrets[1].value-from=password")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		@ConfigurationProperties("login")
		static Login login() {
			return new Login();
		}

	}

	/**
	 * Properties are bound in the order of the setters' names or of their declaration:
	 * the hook runs after the first one.
	 */
	static class Login {

		private String user;

		private String password;

		public void setUser(String user) {
			this.user = user;
			runHook(this.password == null);
		}

		public void setPassword(String password) {
			this.password = password;
			runHook(this.user == null);
		}

		private static void runHook(boolean first) {
			if (first) {
				HOOK.get().run();
			}
		}

		@Override
		public String toString() {
			return this.user + " " + this.password;
		}

	}

}
