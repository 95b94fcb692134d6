// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A {@link LiveSecret} that many threads read while its secret changes often.
 */
class LiveSecretIT {

	private static final int READERS = 64;

	private static final int CHANGES = 10_000;

	// By each reader, beside one refresh.
	private static final int READS = 20;

	private final InMemorySecretStore store = new InMemorySecretStore().put("token", "0");

	private final AtomicInteger refreshed = new AtomicInteger();

	// Readers and the thread that refreshes begin each round together.
	private final Phaser rounds = new Phaser(READERS + 1);

	@Test
	void getWhenRefreshHasReturnedReturnsNoOlderValue() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(READERS);
		try (ConfigurableApplicationContext context = run()) {
			LiveSecret token = context.getBean(Client.class).token();
			Secrets secrets = context.getBean(Secrets.class);
			List<Future<?>> readers = new ArrayList<>();
			for (int i = 0; i < READERS; i++) {
				readers.add(threads.submit(() -> read(token)));
			}
			for (int change = 1; change <= CHANGES; change++) {
				this.rounds.arriveAndAwaitAdvance();
				this.store.put("token", String.valueOf(change));
				secrets.refresh();
				assertThat(token.get()).isEqualTo(String.valueOf(change));
				this.refreshed.set(change);
			}
			for (Future<?> reader : readers) {
				reader.get();
			}
		}
		finally {
			this.rounds.forceTermination();
			threads.shutdownNow();
			// Levels stay for all applications of the JVM.
			LoggingSystem.get(getClass().getClassLoader()).setLogLevel("dev.ecssecrets", null);
		}
	}

	private void read(LiveSecret token) {
		try {
			int last = 0;
			for (int change = 1; change <= CHANGES; change++) {
				this.rounds.arriveAndAwaitAdvance();
				for (int i = 0; i < READS; i++) {
					int atLeast = Math.max(last, this.refreshed.get());
					last = Integer.parseInt(token.get());
					assertThat(last).isBetween(atLeast, change);
				}
			}
		}
		finally {
			this.rounds.arriveAndDeregister();
		}
	}

	private ConfigurableApplicationContext run() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.secrets[0].name=TOKEN", "ecs-secrets.secrets[0].value-from=token",
					"ecs-secrets.refresh.min-interval=0s", "client.token=${TOKEN}", "logging.level.dev.ecssecrets=warn")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	@ConfigurationProperties("client")
	record Client(LiveSecret token) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Client.class)
	@EnableRefresh
	static class Application {

	}

}
