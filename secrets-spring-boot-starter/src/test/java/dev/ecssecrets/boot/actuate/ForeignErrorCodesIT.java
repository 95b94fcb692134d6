// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.Secrets;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * What an endpoint that has another error code in each answer leaves in meters and logs.
 */
@ExtendWith(OutputCaptureExtension.class)
class ForeignErrorCodesIT {

	private static final int REFRESHES = 50;

	@RegisterExtension
	static final WireMockExtension ENDPOINT = WireMockExtension.newInstance().build();

	@Test
	void refreshWhenEachErrorHasAnotherCodeHasOneTagAndOneLineOfTheLog(CapturedOutput output) {
		answer(200, """
				{"Parameters":[{"Name":"word","Value":"wassyoi"}],"InvalidParameters":[]}""");
		try (ConfigurableApplicationContext context = run()) {
			answer(400, """
					{"__type":"{{randomValue length=32 type='ALPHANUMERIC'}}Exception","message":"denied"}""");
			Secrets secrets = context.getBean(Secrets.class);
			Set<String> details = new HashSet<>();
			for (int refresh = 0; refresh < REFRESHES; refresh++) {
				SecretResolutionException ex = catchThrowableOfType(SecretResolutionException.class, secrets::refresh);
				ex.failures().forEach((failure) -> details.add(failure.detail()));
			}
			assertThat(details).hasSize(REFRESHES);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			await().untilAsserted(() -> assertThat(
					meters.get("ecs.secrets.failures").tag("reason", Reason.REFUSED.code()).counter().count())
				.isEqualTo(REFRESHES));
			assertThat(values(meters, "reason")).containsExactly(Reason.REFUSED.code());
			assertThat(values(meters, "store")).containsExactly("ssm");
			assertThat(values(meters, "outcome")).containsExactlyInAnyOrder("success", "failure",
					Reason.REFUSED.code());
			assertThat(output.toString().lines().filter((line) -> line.contains("could not be refreshed"))).hasSize(1);
		}
	}

	private static void answer(int status, String body) {
		ENDPOINT.stubFor(any(anyUrl()).willReturn(json(status, body)));
	}

	private static ResponseDefinitionBuilder json(int status, String body) {
		return aResponse().withStatus(status)
			.withHeader("Content-Type", "application/x-amz-json-1.1")
			.withBody(body)
			.withTransformers("response-template");
	}

	private static Set<String> values(MeterRegistry meters, String tag) {
		return meters.getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().startsWith("ecs.secrets."))
			.map((meter) -> meter.getId().getTag(tag))
			.filter(Objects::nonNull)
			.collect(Collectors.toSet());
	}

	private static ConfigurableApplicationContext run() {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.aws.region=eu-west-1",
					"ecs-secrets.aws.endpoint=" + ENDPOINT.baseUrl(), "ecs-secrets.secrets[0].name=WORD",
					"ecs-secrets.secrets[0].value-from=word")
			.addBootstrapRegistryInitializer((registry) -> registry.register(AwsCredentialsProvider.class,
					InstanceSupplier.of(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))))
			.run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

}
