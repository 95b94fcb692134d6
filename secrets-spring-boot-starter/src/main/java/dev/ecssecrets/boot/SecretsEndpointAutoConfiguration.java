package dev.ecssecrets.boot;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the {@link SecretsEndpoint}.
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(SecretsEndpoint.class)
@ConditionalOnBean(value = SecretsRefresher.class, search = SearchStrategy.CURRENT)
class SecretsEndpointAutoConfiguration {

	@Bean
	SecretsEndpoint secretsEndpoint(SecretsRefresher refresher) {
		return new SecretsEndpoint(refresher);
	}

	@Bean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	SecretsEndpointWebExtension secretsEndpointWebExtension(SecretsEndpoint endpoint) {
		return new SecretsEndpointWebExtension(endpoint);
	}

}
