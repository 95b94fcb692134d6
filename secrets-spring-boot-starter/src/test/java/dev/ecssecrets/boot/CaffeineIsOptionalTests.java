// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications with what the starter brings, to which Caffeine does not belong.
 */
class CaffeineIsOptionalTests {

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	@BeforeEach
	void setCredentials() {
		System.setProperty("aws.accessKeyId", "key");
		System.setProperty("aws.secretAccessKey", "secret");
	}

	@AfterEach
	void clearCredentials() {
		System.clearProperty("aws.accessKeyId");
		System.clearProperty("aws.secretAccessKey");
	}

	@Test
	void caffeineIsAbsent() {
		assertThat(ClassUtils.isPresent("com.github.benmanes.caffeine.cache.Caffeine", null)).isFalse();
	}

	@Test
	void eachApplicationFetches() {
		aws.stubFor(post(anyUrl())
			.willReturn(okJson("{\"Parameters\":[{\"Name\":\"word\",\"Value\":\"wassyoi\",\"Version\":1}]}")));
		for (int i = 1; i <= 2; i++) {
			try (ConfigurableApplicationContext context = application().run(args())) {
				assertThat(context.getEnvironment().getProperty("WORD")).isEqualTo("wassyoi");
			}
			assertThat(aws.findAll(postRequestedFor(anyUrl()))).hasSize(i);
		}
	}

	@Test
	void cacheManagerStaysThatOfSpring() {
		SecretStore store = new InMemorySecretStore().put("word", "wassyoi");
		SpringApplicationBuilder application = application().addBootstrapRegistryInitializer(
				(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(store)));
		try (ConfigurableApplicationContext context = application.run(args())) {
			assertThat(context.getBean(Secrets.class).current().value("WORD")).isNotNull();
			assertThat(context.getBean(CacheManager.class)).isInstanceOf(ConcurrentMapCacheManager.class);
		}
	}

	private static SpringApplicationBuilder application() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE);
	}

	private static String[] args() {
		return new String[] { "--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word",
				"--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.aws.endpoint=" + aws.baseUrl() };
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableCaching
	static class Application {

	}

}
