// SPDX-License-Identifier: Apache-2.0

/**
 * Servers that tests log in to.
 */
@NullMarked
package dev.ecssecrets.servers;

import org.jspecify.annotations.NullMarked;
