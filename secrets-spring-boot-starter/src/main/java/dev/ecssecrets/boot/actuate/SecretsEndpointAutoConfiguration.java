// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the {@link SecretsEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(SecretsEndpoint.class)
@ConditionalOnBean(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsEndpointAutoConfiguration {

	// One name for both, as the extension of a child context has to hide its parent's.
	private static final String WEB_EXTENSION = "ecsSecretsEndpointWebExtension";

	/**
	 * Creates the configuration.
	 */
	public SecretsEndpointAutoConfiguration() {
	}

	@Bean
	RefreshRequests ecsSecretsRefreshRequests() {
		return new RefreshRequests();
	}

	@Bean
	SecretsEndpoint ecsSecretsEndpoint(Secrets secrets, RefreshRequests requests) {
		return new SecretsEndpoint(secrets, requests);
	}

	@Bean(WEB_EXTENSION)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	SecretsEndpointWebExtension ecsSecretsEndpointServletExtension(SecretsEndpoint endpoint) {
		return new SecretsEndpointWebExtension(endpoint, RetryAfterHeader::set);
	}

	/**
	 * Elsewhere, answers of operations cannot have headers.
	 */
	@Bean(WEB_EXTENSION)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	SecretsEndpointWebExtension ecsSecretsEndpointWebExtension(SecretsEndpoint endpoint) {
		return new SecretsEndpointWebExtension(endpoint, (seconds) -> {
		});
	}

}
