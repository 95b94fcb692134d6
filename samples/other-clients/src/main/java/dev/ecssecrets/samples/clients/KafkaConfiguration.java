// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.util.Map;

import dev.ecssecrets.boot.Secrets;

import org.springframework.boot.kafka.autoconfigure.DefaultKafkaConsumerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaProducerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.KafkaAdmin;

/**
 * Gives the secrets to each {@link KafkaLogin}.
 */
@Configuration(proxyBeanMethods = false)
class KafkaConfiguration {

	@Bean
	DefaultKafkaProducerFactoryCustomizer secretsOfProducers(Secrets secrets) {
		return (factory) -> factory.updateConfigs(Map.of(KafkaLogin.SECRETS, secrets));
	}

	@Bean
	DefaultKafkaConsumerFactoryCustomizer secretsOfConsumers(Secrets secrets) {
		return (factory) -> factory.updateConfigs(Map.of(KafkaLogin.SECRETS, secrets));
	}

	@Bean
	KafkaAdmin kafkaAdmin(KafkaProperties properties, Secrets secrets) {
		Map<String, Object> configs = properties.buildAdminProperties();
		configs.put(KafkaLogin.SECRETS, secrets);
		return new KafkaAdmin(configs);
	}

}
