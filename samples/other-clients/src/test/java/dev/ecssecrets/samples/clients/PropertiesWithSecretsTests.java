// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import dev.ecssecrets.boot.test.TestSecrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Startup warns of clients whose properties have secrets.
 */
@SpringBootTest(webEnvironment = WebEnvironment.NONE,
		properties = { "spring.rabbitmq.password=${RABBITMQ_PASSWORD}", "spring.mail.password=${MAIL_PASSWORD}",
				"spring.ldap.password=${LDAP_PASSWORD}",
				"spring.kafka.producer.properties.sasl.jaas.config=any ${KAFKA_PASSWORD}",
				"spring.ssl.bundle.jks.any.key.password=${TLS_PRIVATE_KEY}" })
@TestSecrets({ "RABBITMQ_USER=canary", "RABBITMQ_PASSWORD=canary", "MAIL_USER=canary", "MAIL_PASSWORD=canary",
		"LDAP_USER=canary", "LDAP_PASSWORD=canary", "KAFKA_USER=canary", "KAFKA_PASSWORD=canary",
		"TLS_CERTIFICATE=canary", "TLS_PRIVATE_KEY=canary" })
@ExtendWith(OutputCaptureExtension.class)
class PropertiesWithSecretsTests {

	@Test
	void startWarnsOfEachClient(CapturedOutput output) {
		assertThat(output).contains("the client for RabbitMQ (spring.rabbitmq.password)")
			.contains("the client for mail (spring.mail.password)")
			.contains("the client for LDAP (spring.ldap.password)")
			.contains("the client for Kafka (spring.kafka.producer)")
			.contains("TLS bundles (spring.ssl.bundle.jks)")
			.doesNotContain("canary");
	}

}
