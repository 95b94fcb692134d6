// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.management.JMException;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

/**
 * The endpoint as JMX has it.
 */
class SecretsEndpointJmxTests {

	private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

	private final InMemorySecretStore store = new InMemorySecretStore().put("hamako-favorite-word", "canary1");

	private ConfigurableApplicationContext context;

	@BeforeEach
	void start() {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=*",
					"management.endpoints.jmx.domain=dev.ecssecrets.test", "ecs-secrets.refresh.min-interval=0",
					"ecs-secrets.secrets[0].name=HAMADA_SECRETS",
					"ecs-secrets.secrets[0].value-from=hamako-favorite-word")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.run();
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void operationsAreThoseOfTheEndpoint() throws JMException {
		assertThat(this.server.getMBeanInfo(name()).getOperations()).extracting(MBeanOperationInfo::getName)
			.containsExactlyInAnyOrder("secrets", "document", "refresh");
	}

	@Test
	void secretsAreReadWithoutValues() throws JMException {
		Object answer = invoke("secrets");
		assertThat(answer).asInstanceOf(MAP)
			.extractingByKey("secrets", LIST)
			.singleElement(MAP)
			.containsEntry("name", "HAMADA_SECRETS")
			.containsEntry("valueFrom", "hamako-favorite-word");
		assertThat(answer.toString()).doesNotContain("canary");
	}

	@Test
	void policyIsReadWithItsParameter() throws JMException {
		assertThat(invoke("document", "policy", null)).asString().contains("ssm:GetParameters").doesNotContain("kms:");
		assertThat(invoke("document", "policy", true)).asString().contains("kms:Decrypt");
		assertThat(invoke("document", "other", null)).isNull();
	}

	@Test
	void refreshReportsChanges() throws JMException {
		this.store.put("hamako-favorite-word", "canary2");
		assertThat(invoke("refresh")).asInstanceOf(MAP)
			.containsEntry("changed", List.of("HAMADA_SECRETS"))
			.containsEntry("failures", Map.of());
		assertThat(this.context.getEnvironment().getProperty("HAMADA_SECRETS")).isEqualTo("canary2");
	}

	@Test
	void refreshReportsFailures() throws JMException {
		this.store.fail("hamako-favorite-word", Reason.THROTTLED);
		assertThat(invoke("refresh")).asInstanceOf(MAP)
			.containsEntry("changed", List.of())
			.extractingByKey("failures", MAP)
			.extractingByKey("HAMADA_SECRETS", MAP)
			.containsEntry("reason", "throttled");
	}

	private Object invoke(String operation, Object... arguments) throws JMException {
		String[] signature = Arrays.stream(this.server.getMBeanInfo(name()).getOperations())
			.filter((candidate) -> candidate.getName().equals(operation))
			.flatMap((candidate) -> Arrays.stream(candidate.getSignature()))
			.map((parameter) -> parameter.getType())
			.toArray(String[]::new);
		return this.server.invoke(name(), operation, arguments, signature);
	}

	private static ObjectName name() throws JMException {
		return new ObjectName("dev.ecssecrets.test:type=Endpoint,name=Ecssecrets");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
