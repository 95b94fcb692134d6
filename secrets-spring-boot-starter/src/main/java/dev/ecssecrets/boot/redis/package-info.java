// SPDX-License-Identifier: Apache-2.0

/**
 * Clients of Redis that follow their secrets.
 */
@NullMarked
package dev.ecssecrets.boot.redis;

import org.jspecify.annotations.NullMarked;
