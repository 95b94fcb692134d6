// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.util.function.LongConsumer;

import dev.ecssecrets.boot.actuate.SecretsEndpoint.RefreshDescriptor;

import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Web extension of the {@link SecretsEndpoint} that answers a failed refresh with the
 * status 503, and a refused one with 429.
 */
@EndpointWebExtension(endpoint = SecretsEndpoint.class)
final class SecretsEndpointWebExtension {

	private final SecretsEndpoint endpoint;

	private final LongConsumer retryAfter;

	/**
	 * Creates an extension.
	 * @param endpoint the endpoint
	 * @param retryAfter sets the header of the current answer that says after how many
	 * seconds to try again
	 */
	SecretsEndpointWebExtension(SecretsEndpoint endpoint, LongConsumer retryAfter) {
		this.endpoint = endpoint;
		this.retryAfter = retryAfter;
	}

	@WriteOperation
	WebEndpointResponse<RefreshDescriptor> refresh() {
		RefreshDescriptor refreshed = this.endpoint.refresh();
		Long retryAfterSeconds = refreshed.retryAfterSeconds();
		if (retryAfterSeconds != null) {
			this.retryAfter.accept(retryAfterSeconds);
			return new WebEndpointResponse<>(refreshed, WebEndpointResponse.STATUS_TOO_MANY_REQUESTS);
		}
		return new WebEndpointResponse<>(refreshed,
				refreshed.isDone() ? WebEndpointResponse.STATUS_OK : WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
	}

}
