package dev.ecssecrets.boot;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.SecretsHistory.Load;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
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
import org.springframework.core.env.PropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Changed secrets reach what Spring Cloud rebinds and makes anew, and its own refresh is
 * one of ours.
 */
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudNewsTests {

	private final InMemorySecretStore store = new InMemorySecretStore().put("key", "first").put("number", "1");

	@Test
	void refreshRebindsJavaBeansAndLeavesTheScopeAlone() {
		try (ConfigurableApplicationContext context = run()) {
			Client client = context.getBean(Client.class);
			assertThat(client.key()).isEqualTo("first");
			this.store.put("key", "second");
			context.getBean(SecretsRefresher.class).refresh();
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
			assertThat(client.key()).isEqualTo("first");
			assertThat(context.getBean(Application.class).heard).containsExactly("ours [CLIENT_KEY]",
					"Spring Cloud's [CLIENT_KEY]");
		}
	}

	@Test
	void refreshWhenScopeIsToBeRefreshedMakesItsBeansAnew() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.refresh-scope=true")) {
			Client client = context.getBean(Client.class);
			assertThat(client.key()).isEqualTo("first");
			this.store.put("key", "second");
			context.getBean(SecretsRefresher.class).refresh();
			assertThat(client.key()).isEqualTo("second");
		}
	}

	@Test
	void refreshWhenNothingHasChangedTellsNobody() {
		try (ConfigurableApplicationContext context = run()) {
			context.getBean(SecretsRefresher.class).refresh();
			assertThat(context.getBean(Application.class).heard).isEmpty();
		}
	}

	@Test
	void refreshWhenBeanCannotBeBoundHasSwappedAndPrintsNoValue(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("number", "canary");
			assertThat(context.getBean(SecretsRefresher.class).refresh()).containsExactly("CLIENT_NUMBER");
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("canary");
			assertThat(output).containsPattern("ERROR .*Secrets have changed, but Spring Cloud failed with")
				.doesNotContain("canary");
		}
	}

	@Test
	void refreshWhenOneBeanCannotBeBoundRefreshesScopeAllTheSame() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.refresh-scope=true")) {
			assertThat(context.getBean(Client.class).key()).isEqualTo("first");
			this.store.put("number", "canary").put("key", "second");
			context.getBean(SecretsRefresher.class).refresh();
			assertThat(context.getBean(Client.class).key()).isEqualTo("second");
		}
	}

	@Test
	void refreshWhenListenerThrowsErrorTellsSpringCloudAllTheSame() {
		try (ConfigurableApplicationContext context = run()) {
			context.addApplicationListener((ApplicationListener<SecretsRefreshedEvent>) (event) -> {
				throw new NoClassDefFoundError("as the test asked for");
			});
			this.store.put("key", "second");
			assertThat(context.getBean(SecretsRefresher.class).refresh()).containsExactly("CLIENT_KEY");
			assertThat(context.getBean(Client.Properties.class).getKey()).isEqualTo("second");
		}
	}

	@Test
	void contextRefreshWithLastGoodValuesIsAFailureToOperators() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.interval=1000d")) {
			SecretsHistory history = context.getBean(SecretsRefresher.class).history();
			List<Load> loads = new ArrayList<>();
			history.listen(loads::add);
			List<Instant> fetched = history.secrets().stream().map((secret) -> secret.fetched(Instant.MAX)).toList();
			this.store.fail("key", Reason.THROTTLED);
			context.getBean(ContextRefresher.class).refresh();
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("first");
			assertThat(loads).extracting(Load::successful).containsExactly(true, false);
			assertThat(loads.get(1).refresh()).isTrue();
			assertThat(loads.get(1).failures()).extracting(SecretFailure::reason).containsExactly(Reason.THROTTLED);
			assertThat(history.secrets()).filteredOn((secret) -> secret.failure() != null)
				.extracting((secret) -> secret.declaration().name())
				.containsExactly("CLIENT_KEY");
			assertThat(history.secrets().get(0).fetched(Instant.MAX)).isEqualTo(fetched.get(0));
		}
	}

	/**
	 * Post-processors that come after ours may take long.
	 */
	@Test
	void contextRefreshThatIsOvertakenBringsBackNoOlderValues() {
		try (ConfigurableApplicationContext context = run()) {
			SecretsRefresher refresher = context.getBean(SecretsRefresher.class);
			PropertySource<?> older = context.getEnvironment().getPropertySources().get(SecretsPropertySource.NAME);
			this.store.put("key", "second");
			refresher.refresh();
			context.getEnvironment().getPropertySources().replace(SecretsPropertySource.NAME, older);
			context.publishEvent(new EnvironmentChangeEvent(context, Set.of("CLIENT_KEY")));
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("second");
		}
	}

	@Test
	void contextRefreshIsToldAsOurOwn() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("key", "second");
			assertThat(context.getBean(ContextRefresher.class).refresh()).containsExactly("CLIENT_KEY");
			assertThat(context.getBean(Client.class).key()).isEqualTo("second");
			assertThat(context.getBean(Application.class).heard).containsExactlyInAnyOrder("ours [CLIENT_KEY]",
					"Spring Cloud's [CLIENT_KEY]");
			assertThat(context.getBean(SecretsRefresher.class).refresh()).isEmpty();
		}
	}

	@Test
	void contextRefreshWhenLoadedInTheLastFiveSecondsLoadsNothing() {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.interval=1h",
				"--ecs-secrets.refresh.min-interval=1h")) {
			this.store.put("key", "second");
			assertThat(context.getBean(ContextRefresher.class).refresh()).isEmpty();
			assertThat(this.store.fetches()).isOne();
		}
	}

	@Test
	void contextRefreshWhenSecretsCannotBeFetchedKeepsThemAndWarns(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("--ecs-secrets.refresh.interval=1h")) {
			this.store.put("number", "2").fail("key", Reason.THROTTLED);
			assertThat(context.getBean(ContextRefresher.class).refresh()).isEmpty();
			assertThat(context.getEnvironment().getProperty("CLIENT_KEY")).isEqualTo("first");
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("1");
			assertThat(output).contains("CLIENT_KEY could not be fetched again (throttled");
		}
	}

	@Test
	void contextRefreshWhenSecretIsGoneFailsAndChangesNothing() {
		try (ConfigurableApplicationContext context = run()) {
			this.store.put("number", "2").remove("key");
			assertThatExceptionOfType(SecretResolutionException.class)
				.isThrownBy(context.getBean(ContextRefresher.class)::refresh);
			assertThat(context.getEnvironment().getProperty("CLIENT_NUMBER")).isEqualTo("1");
			assertThat(context.getBean(Application.class).heard).isEmpty();
		}
	}

	@Test
	void refreshWithoutSpringCloudStillWorks(@TempDir Path folder) {
		ChildProcess child = ChildProcess.start(folder, WithoutSpringCloud.class, ChildProcess.CLASS_PATH, Map.of(),
				List.of());
		assertThat(child.loadedClasses()).doesNotContain("org.springframework.cloud.");
		assertThat(child.output()).contains("Refreshed [CLIENT_KEY]: second")
			.contains("A refresh of secrets does not reach SpringCloudNewsTests.Client.Properties:");
	}

	private ConfigurableApplicationContext run(String... args) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.secrets[0].name=CLIENT_KEY",
					"ecs-secrets.secrets[0].value-from=key", "ecs-secrets.secrets[1].name=CLIENT_NUMBER",
					"ecs-secrets.secrets[1].value-from=number")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run(args);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Client.Properties.class)
	static class Application {

		private final List<String> heard = new CopyOnWriteArrayList<>();

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

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(Client.Properties.class)
	static class WithoutSpringCloud {

		public static void main(String[] args) {
			InMemorySecretStore store = new InMemorySecretStore().put("word", "first");
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(WithoutSpringCloud.class)
				.web(WebApplicationType.NONE)
				.properties("ecs-secrets.refresh.interval=1h", "ecs-secrets.refresh.min-interval=0",
						"ecs-secrets.secrets[0].name=CLIENT_KEY", "ecs-secrets.secrets[0].value-from=word")
				.addBootstrapRegistryInitializer(
						(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)))
				.run(args)) {
				store.put("word", "second");
				Set<String> names = context.getBean(SecretsRefresher.class).refresh();
				System.out.println("Refreshed " + names + ": " + context.getEnvironment().getProperty("CLIENT_KEY"));
			}
		}

	}

}
