// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsRefreshedEvent;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Secrets change while the application of a test runs.
 */
@SpringBootTest(properties = { "ecs-secrets.refresh.refresh-scope=true", "api.key=${FEATURE_TOKEN}" })
@TestSecrets({ "HAMADA_SECRETS=wassyoi", "DB_USER_NAME=user", "DB_PASSWORD=first", "FEATURE_TOKEN=first" })
@DirtiesContext(classMode = ClassMode.AFTER_EACH_TEST_METHOD)
@RecordApplicationEvents
class RotationTests {

	@Autowired
	private InMemorySecretStore store;

	@Autowired
	private Secrets secrets;

	@Autowired
	private ApiClient client;

	@Autowired
	private ApiProperties properties;

	@BeforeEach
	void clientHasFirstKey() {
		assertThat(this.client.key()).isEqualTo("first");
		assertThat(this.properties.getKey()).isEqualTo("first");
	}

	@Test
	void clientFollowsItsKey() {
		this.store.put("/app/feature-token", "second");
		assertThat(this.secrets.refresh()).containsExactly("FEATURE_TOKEN");
		await().untilAsserted(() -> assertThat(this.client.key()).isEqualTo("second"));
		assertThat(this.properties.getKey()).isEqualTo("second");
	}

	@Test
	void listenersHearOfChanges(@Autowired ApplicationEvents events) {
		this.store.put("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::", "second");
		this.secrets.refresh();
		await().until(() -> events.stream(SecretsRefreshedEvent.class).count() == 1);
		assertThat(events.stream(SecretsRefreshedEvent.class).map(SecretsRefreshedEvent::names)).singleElement()
			.asString()
			.isEqualTo("[DB_PASSWORD]");
	}

	@Test
	void listenerTakesWhatHasChanged(@Autowired FeatureListener listener, @Autowired ApplicationEvents events) {
		this.store.put("hamako-favorite-word", "other");
		this.secrets.refresh();
		await().until(() -> events.stream(SecretsRefreshedEvent.class).count() == 1);
		assertThat(listener.token).isNull();
		this.store.put("/app/feature-token", "second");
		this.secrets.refresh();
		await().untilAsserted(() -> assertThat(listener.token).isEqualTo("second"));
	}

	@Test
	void clientKeepsItsKeyWhenRefreshFails() {
		this.store.fail("hamako-favorite-word", Reason.THROTTLED).put("/app/feature-token", "second");
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(this.secrets::refresh);
		assertThat(this.client.key()).isEqualTo("first");
	}

	@Test
	void contextRefreshIsOneOfSecretsToo(@Autowired ContextRefresher contextRefresher) {
		this.store.put("/app/feature-token", "second");
		assertThat(contextRefresher.refresh()).contains("FEATURE_TOKEN");
		assertThat(this.client.key()).isEqualTo("second");
		this.store.put("/app/feature-token", "third");
		this.secrets.refresh();
		await().untilAsserted(() -> assertThat(this.client.key()).isEqualTo("third"));
	}

	@Nested
	@Import(ApiConfiguration.class)
	@TestPropertySource(properties = "ecs-secrets.refresh.interval=10ms")
	class IntervalTests {

		@Test
		void clientFollowsItsKeyByItself(@Autowired InMemorySecretStore store, @Autowired ApiClient client) {
			store.put("/app/feature-token", "second");
			await().until(() -> client.key().equals("second"));
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ApiProperties.class)
	@Import(FeatureListener.class)
	static class ApiConfiguration {

		@Bean
		@RefreshScope
		ApiClient apiClient(@Value("${FEATURE_TOKEN}") String key) {
			return new ApiClient(key);
		}

	}

	static class FeatureListener {

		private final Environment environment;

		private volatile String token;

		FeatureListener(Environment environment) {
			this.environment = environment;
		}

		@EventListener
		void on(SecretsRefreshedEvent event) {
			if (event.names().contains("FEATURE_TOKEN")) {
				this.token = this.environment.getRequiredProperty("FEATURE_TOKEN");
			}
		}

	}

	static class ApiClient {

		private final String key;

		ApiClient(String key) {
			this.key = key;
		}

		String key() {
			return this.key;
		}

	}

	@ConfigurationProperties("api")
	static class ApiProperties {

		private String key;

		public String getKey() {
			return this.key;
		}

		public void setKey(String key) {
			this.key = key;
		}

	}

}
