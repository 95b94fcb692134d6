package dev.ecssecrets.boot;

import dev.ecssecrets.boot.SecretsEndpoint.RefreshDescriptor;

import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Gives a refresh that has failed a status that says so.
 */
@EndpointWebExtension(endpoint = SecretsEndpoint.class)
final class SecretsEndpointWebExtension {

	private final SecretsEndpoint endpoint;

	SecretsEndpointWebExtension(SecretsEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	@WriteOperation
	WebEndpointResponse<RefreshDescriptor> refresh() {
		RefreshDescriptor refreshed = this.endpoint.refresh();
		return new WebEndpointResponse<>(refreshed, refreshed.failures().isEmpty() ? WebEndpointResponse.STATUS_OK
				: WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
	}

}
