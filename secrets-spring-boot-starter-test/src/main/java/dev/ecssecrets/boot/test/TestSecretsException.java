// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

/**
 * Failure of a test whose secrets do not match the declared ones. The message needs no
 * stack trace, and contains no value.
 */
final class TestSecretsException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	TestSecretsException(String message) {
		super(message);
	}

}
