// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Header of an answer in a servlet container. The Actuator's own answers have no headers.
 */
final class RetryAfterHeader {

	private RetryAfterHeader() {
	}

	/**
	 * Sets the header for the request that the calling thread handles, if there is one.
	 */
	static void set(long seconds) {
		if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request) {
			HttpServletResponse response = request.getResponse();
			if (response != null) {
				response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
			}
		}
	}

}
