// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

/**
 * Stands in for an exception whose message may quote a secret. Its own message begins
 * with the type of that exception.
 */
@SuppressWarnings("serial")
final class MaskedException extends RuntimeException {

	MaskedException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
