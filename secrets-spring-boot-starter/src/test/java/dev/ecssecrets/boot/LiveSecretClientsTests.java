// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

import com.sun.net.httpserver.HttpServer;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that read their secrets at each request. Those of WebFlux are in the sample
 * {@code live-secret}.
 */
class LiveSecretClientsTests {

	private static final String ACCOUNT = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:account";

	private final InMemorySecretStore store = new InMemorySecretStore();

	private HttpServer server;

	private ConfigurableApplicationContext context;

	@BeforeEach
	void start() throws Exception {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/", (exchange) -> {
			byte[] authorization = exchange.getRequestHeaders()
				.getFirst(HttpHeaders.AUTHORIZATION)
				.getBytes(StandardCharsets.US_ASCII);
			exchange.sendResponseHeaders(200, authorization.length);
			exchange.getResponseBody().write(authorization);
			exchange.close();
		});
		this.server.start();
		rotate("first");
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0s", "ecs-secrets.secrets[0].name=MAIL_TOKEN",
					"ecs-secrets.secrets[0].value-from=token", "ecs-secrets.secrets[1].name=API_USER",
					"ecs-secrets.secrets[1].value-from=" + ACCOUNT + ":user::",
					"ecs-secrets.secrets[2].name=API_PASSWORD",
					"ecs-secrets.secrets[2].value-from=" + ACCOUNT + ":password::",
					"mail.url=http://localhost:" + this.server.getAddress().getPort(), "mail.token=${MAIL_TOKEN}")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	@AfterEach
	void stop() {
		this.context.close();
		this.server.stop(0);
	}

	@Test
	void requestWhenTokenHasRotatedHasNewToken() {
		RestClient client = this.context.getBean("mailClient", RestClient.class);
		assertThat(authorization(client)).isEqualTo("Bearer token-first");
		refresh("second");
		assertThat(authorization(client)).isEqualTo("Bearer token-second");
	}

	@Test
	void requestOfHttpInterfaceWhenTokenHasRotatedHasNewToken() {
		MailService service = this.context.getBean(MailService.class);
		assertThat(service.messages()).isEqualTo("Bearer token-first");
		refresh("second");
		assertThat(service.messages()).isEqualTo("Bearer token-second");
	}

	@Test
	void requestWhenUserAndPasswordHaveRotatedHasBoth() {
		RestClient client = this.context.getBean("accountClient", RestClient.class);
		assertThat(authorization(client)).isEqualTo(basic("first"));
		refresh("second");
		assertThat(authorization(client)).isEqualTo(basic("second"));
	}

	private static String authorization(RestClient client) {
		return client.get().uri("/").retrieve().body(String.class);
	}

	private static String basic(String version) {
		return "Basic " + HttpHeaders.encodeBasicAuth("user-" + version, "password-" + version, null);
	}

	private void refresh(String version) {
		rotate(version);
		this.context.getBean(Secrets.class).refresh();
	}

	private void rotate(String version) {
		this.store.put("token", "token-" + version)
			.put(ACCOUNT + ":user::", "user-" + version)
			.put(ACCOUNT + ":password::", "password-" + version);
	}

	@ConfigurationProperties("mail")
	record Mail(String url, LiveSecret token) {
	}

	@HttpExchange
	interface MailService {

		@GetExchange("/messages")
		String messages();

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(Mail.class)
	static class Application {

		@Bean
		RestClient mailClient(Mail mail) {
			return RestClient.builder().baseUrl(mail.url()).requestInterceptor((request, body, execution) -> {
				request.getHeaders().setBearerAuth(mail.token().get());
				return execution.execute(request, body);
			}).build();
		}

		@Bean
		MailService mailService(RestClient mailClient) {
			return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(mailClient))
				.build()
				.createClient(MailService.class);
		}

		@Bean
		RestClient accountClient(Mail mail, Secrets secrets) {
			return RestClient.builder().baseUrl(mail.url()).requestInterceptor((request, body, execution) -> {
				SecretsSnapshot now = secrets.current();
				request.getHeaders().setBasicAuth(now.value("API_USER").reveal(), now.value("API_PASSWORD").reveal());
				return execution.execute(request, body);
			}).build();
		}

	}

}
