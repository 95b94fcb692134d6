// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SharedStores}: the only tests with Caffeine on the class path.
 */
@Tag("caffeine")
class SharedStoresTests {

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	private final String name = UUID.randomUUID().toString();

	@BeforeEach
	void answer() {
		System.setProperty("aws.accessKeyId", "key");
		System.setProperty("aws.secretAccessKey", "secret");
		answer("wassyoi");
	}

	@AfterEach
	void clearCredentials() {
		System.clearProperty("aws.accessKeyId");
		System.clearProperty("aws.secretAccessKey");
	}

	@Test
	void applicationsWhenOneAfterTheOtherShareAFetch() {
		assertThat(fetch()).isEqualTo("wassyoi");
		answer("changed");
		assertThat(fetch()).isEqualTo("wassyoi");
		assertThat(requests()).isOne();
	}

	@Test
	void applicationsWhenSharedAnswersAreForgottenFetchAgain() {
		fetch();
		answer("changed");
		SecretStores.forgetShared();
		assertThat(fetch()).isEqualTo("changed");
	}

	@Test
	void parentAndChildContextShareAFetch() {
		SpringApplicationBuilder parent = application();
		try (ConfigurableApplicationContext child = parent.child(Application.class)
			.web(WebApplicationType.NONE)
			.run(args()); ConfigurableApplicationContext root = (ConfigurableApplicationContext) child.getParent()) {
			assertThat(child.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
			assertThat(root.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
		}
		assertThat(requests()).isOne();
	}

	@Test
	void failureIsShared() {
		aws.stubFor(
				post(anyUrl()).willReturn(okJson("{\"Parameters\":[],\"InvalidParameters\":[\"" + this.name + "\"]}")));
		assertThat(fetch("--ecs-secrets.secrets[0].optional=true")).isNull();
		answer("wassyoi");
		assertThat(fetch("--ecs-secrets.secrets[0].optional=true")).isNull();
		assertThat(requests()).isOne();
	}

	@Test
	void applicationsWhenSettingsDifferShareNothing() {
		fetch();
		fetch("--ecs-secrets.aws.region=eu-central-1");
		fetch("--ecs-secrets.aws.endpoint=" + aws.baseUrl() + "/");
		fetch("--ecs-secrets.refresh.min-interval=6s");
		assertThat(requests()).isEqualTo(4);
	}

	@Test
	void applicationWhenThereIsNoMinIntervalFetchesAgain() {
		fetch("--ecs-secrets.refresh.min-interval=0s");
		answer("changed");
		assertThat(fetch("--ecs-secrets.refresh.min-interval=0s")).isEqualTo("changed");
	}

	@Test
	void applicationsWhenCredentialsAreRegisteredShareNothing() {
		AwsCredentialsProvider credentials = StaticCredentialsProvider
			.create(AwsBasicCredentials.create("key", "other"));
		for (int i = 0; i < 2; i++) {
			run(application().addBootstrapRegistryInitializer(
					(registry) -> registry.register(AwsCredentialsProvider.class, InstanceSupplier.of(credentials))));
		}
		fetch();
		assertThat(requests()).isEqualTo(3);
	}

	@Test
	void applicationsWhenStoreIsRegisteredShareNothing() {
		InMemorySecretStore store = new InMemorySecretStore().put(this.name, "wassyoi");
		for (int i = 0; i < 2; i++) {
			run(application().addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store))));
		}
		assertThat(store.fetches()).isEqualTo(2);
	}

	@Test
	void applicationsWhenStoreIsFileShareNothing(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("secrets.json");
		for (String value : new String[] { "first", "second" }) {
			Files.writeString(file, "{\"parameters\":{\"" + this.name + "\":\"" + value + "\"}}");
			assertThat(fetch("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + file)).isEqualTo(value);
		}
	}

	private void answer(String value) {
		aws.stubFor(post(anyUrl()).willReturn(okJson(
				"{\"Parameters\":[{\"Name\":\"" + this.name + "\",\"Value\":\"" + value + "\",\"Version\":1}]}")));
	}

	private static int requests() {
		return aws.findAll(postRequestedFor(anyUrl())).size();
	}

	private static SpringApplicationBuilder application() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE);
	}

	private String fetch(String... more) {
		return run(application(), more);
	}

	private String run(SpringApplicationBuilder application, String... more) {
		try (ConfigurableApplicationContext context = application.run(args(more))) {
			return context.getEnvironment().getProperty("WORD");
		}
	}

	/**
	 * Returns the arguments, of which the last ones win.
	 */
	private String[] args(String... more) {
		Map<String, String> args = new LinkedHashMap<>();
		Stream.concat(
				Stream.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=" + this.name,
						"--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.aws.endpoint=" + aws.baseUrl()),
				Stream.of(more))
			.forEach((arg) -> args.put(arg.substring(0, arg.indexOf('=')), arg));
		return args.values().toArray(String[]::new);
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
