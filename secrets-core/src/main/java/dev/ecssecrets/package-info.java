// SPDX-License-Identifier: Apache-2.0

/**
 * Secrets of ECS task definitions: their declarations, their locations, and their values
 * as ECS would have injected them. Start reading at
 * {@link dev.ecssecrets.SecretResolver}.
 */
@NullMarked
package dev.ecssecrets;

import org.jspecify.annotations.NullMarked;
