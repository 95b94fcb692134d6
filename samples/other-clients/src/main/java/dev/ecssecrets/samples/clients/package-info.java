// SPDX-License-Identifier: Apache-2.0

/**
 * Clients whose credentials are current at each login.
 */
@NullMarked
package dev.ecssecrets.samples.clients;

import org.jspecify.annotations.NullMarked;
