// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What each client does that follows its secrets. Subclasses have a server and a client
 * that logs in with the secrets {@code DB_USER} and {@code DB_PASSWORD}.
 */
@ExtendWith(OutputCaptureExtension.class)
public abstract class FollowingClientContract {

	protected static final String USER = "app";

	protected static final String OTHER_USER = "app_clone";

	private final InMemorySecretStore store = new InMemorySecretStore().put("user", USER).put("password", "canary-1");

	private volatile SecretStore fetch = this.store;

	@BeforeEach
	void startServer() throws Exception {
		start();
		setPassword(USER, "canary-1");
		setPassword(OTHER_USER, "canary-other");
	}

	@AfterEach
	void stopServer(CapturedOutput output) throws Exception {
		stop();
		assertThat(output.getAll()).doesNotContain("canary");
	}

	@Test
	void clientWhenUserChangesLogsInWithBothValuesAndGivesUpOlderSessions() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			Set<String> before = use(context);
			this.store.put("user", OTHER_USER).put("password", "canary-other");
			context.getBean(Secrets.class).refresh();
			await().until(() -> userOf(context).equals(OTHER_USER));
			await().until(() -> {
				assertThat(userOf(context)).isEqualTo(OTHER_USER);
				return sessionsOf(USER).stream().noneMatch(before::contains);
			});
		}
	}

	@Test
	void clientWhenSecretsChangeAgainAndAgainMixesNoTwoVersions() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			use(context);
			AtomicBoolean done = new AtomicBoolean();
			ExecutorService threads = Executors.newCachedThreadPool();
			Future<Integer> uses = threads.submit(() -> {
				int count = 0;
				for (; !done.get(); count++) {
					endSessions(context);
					assertThat(userOf(context)).isIn(USER, OTHER_USER);
				}
				return count;
			});
			for (int i = 0; i < 20; i++) {
				boolean other = i % 2 == 0;
				this.store.put("user", other ? OTHER_USER : USER).put("password", other ? "canary-other" : "canary-1");
				context.getBean(Secrets.class).refresh();
			}
			done.set(true);
			assertThat(uses.get()).isPositive();
			threads.shutdown();
		}
	}

	@Test
	void clientWhenLoginIsRefusedLoadsTheSecretsAndTriesAgain() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			use(context);
			setPassword(USER, "canary-2");
			this.store.put("password", "canary-2");
			endSessions(context);
			assertThat(userOf(context)).isEqualTo(USER);
			assertThat(context.getEnvironment().getProperty("DB_PASSWORD")).isEqualTo("canary-2");
		}
	}

	@Test
	void clientWhenFirstLoginIsRefusedLoadsTheSecretsAndTriesAgain() throws Exception {
		setPassword(USER, "canary-2");
		this.fetch = (locations, timeout) -> {
			SecretStore.Response response = this.store.fetch(locations, timeout);
			this.store.put("password", "canary-2");
			return response;
		};
		try (ConfigurableApplicationContext context = run()) {
			assertThat(userOf(context)).isEqualTo(USER);
		}
	}

	@Test
	void clientWhenSecretHasNoOtherValueFailsUntilItHas() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			use(context);
			setPassword(USER, "canary-2");
			endSessions(context);
			assertThatException().isThrownBy(() -> userOf(context));
			this.store.put("password", "canary-2");
			context.getBean(Secrets.class).refresh();
			await().ignoreExceptions().until(() -> userOf(context).equals(USER));
		}
	}

	@Test
	void clientWhenRefreshFailsKeepsItsCredentials() throws Exception {
		try (ConfigurableApplicationContext context = run()) {
			Set<String> before = use(context);
			this.fetch = (locations, timeout) -> {
				throw new IllegalStateException("no answer");
			};
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> context.getBean(Secrets.class).refresh());
			assertThat(userOf(context)).isEqualTo(USER);
			assertThat(sessionsOf(USER)).containsAll(before);
			endSessions(context);
			assertThat(userOf(context)).isEqualTo(USER);
		}
	}

	@Test
	void clientWhenConnectionDetailsAreABeanKeepsThem() throws Exception {
		try (ConfigurableApplicationContext context = run(applicationWithDetails(), "--details.user=" + OTHER_USER,
				"--details.password=canary-other")) {
			assertThat(userOf(context)).isEqualTo(OTHER_USER);
			this.store.put("user", USER).put("password", "canary-1");
			context.getBean(Secrets.class).refresh();
			endSessions(context);
			assertThat(userOf(context)).isEqualTo(OTHER_USER);
		}
	}

	@Test
	void clientWhenClientsDoNotFollowKeepsItsCredentials() throws Exception {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.clients=false")) {
			use(context);
			this.store.put("user", OTHER_USER).put("password", "canary-other");
			context.getBean(Secrets.class).refresh();
			endSessions(context);
			assertThat(userOf(context)).isEqualTo(USER);
		}
	}

	/**
	 * Clients may wait for a login for as long as it may take.
	 */
	@Test
	@Timeout(90)
	void closeWhenALoginWaitsForTheSecretsReleasesIt() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		ExecutorService threads = Executors.newCachedThreadPool();
		try (ConfigurableApplicationContext context = run()) {
			use(context);
			setPassword(USER, "canary-2");
			this.fetch = (locations, timeout) -> {
				asked.countDown();
				LockSupport.park();
				return this.store.fetch(locations, timeout);
			};
			endSessions(context);
			Future<String> use = threads.submit(() -> userOf(context));
			asked.await();
			assertThat(use).isNotDone();
		}
		threads.shutdownNow();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("ecs-secrets")));
	}

	private Set<String> use(ConfigurableApplicationContext context) throws Exception {
		assertThat(userOf(context)).isEqualTo(USER);
		Set<String> sessions = sessionsOf(USER);
		assertThat(sessions).isNotEmpty();
		return sessions;
	}

	private ConfigurableApplicationContext run(String... args) {
		return run(application(), args);
	}

	private ConfigurableApplicationContext run(Class<?> application, String... args) {
		List<String> properties = new ArrayList<>(
				List.of("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.interval=1h",
						"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=user",
						"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=password"));
		properties.addAll(properties());
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties(properties.toArray(String[]::new))
			.addBootstrapRegistryInitializer((registry) -> registry.register(SecretStore.class,
					InstanceSupplier.of((locations, timeout) -> this.fetch.fetch(locations, timeout))))
			.run(Stream.of(args).toArray(String[]::new));
	}

	/**
	 * Starts the server.
	 */
	protected abstract void start() throws Exception;

	/**
	 * Stops the server.
	 */
	protected abstract void stop() throws Exception;

	/**
	 * Changes the password of a user. Sessions stay as they are.
	 */
	protected abstract void setPassword(String user, String password) throws Exception;

	/**
	 * Returns the sessions that a user has on the server, each with a name that no other
	 * session ever has.
	 */
	protected abstract Set<String> sessionsOf(String user) throws Exception;

	/**
	 * Ends all sessions of a client, so that it has to log in again.
	 */
	protected abstract void endSessions(ConfigurableApplicationContext context) throws Exception;

	/**
	 * Returns the properties of the client.
	 */
	protected abstract List<String> properties();

	/**
	 * Returns the application of the client.
	 */
	protected abstract Class<?> application();

	/**
	 * Returns an application whose client has connection details of its own, with
	 * {@code details.user} and {@code details.password}.
	 */
	protected abstract Class<?> applicationWithDetails();

	/**
	 * Uses the client.
	 * @return the user that the server knows it by
	 */
	protected abstract String userOf(ConfigurableApplicationContext context) throws Exception;

}
