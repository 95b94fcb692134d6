// SPDX-License-Identifier: Apache-2.0

/**
 * Declared secrets as a property source of Spring's {@code Environment}.
 * {@link dev.ecssecrets.boot.SecretsEnvironmentPostProcessor} is where it starts.
 */
@NullMarked
package dev.ecssecrets.boot;

import org.jspecify.annotations.NullMarked;
