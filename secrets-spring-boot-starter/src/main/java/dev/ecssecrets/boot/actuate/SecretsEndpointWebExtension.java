package dev.ecssecrets.boot.actuate;

import dev.ecssecrets.boot.actuate.SecretsEndpoint.RefreshDescriptor;

import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Web extension of the {@link SecretsEndpoint} that answers a failed refresh with the
 * status 503.
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
