// SPDX-License-Identifier: Apache-2.0

/**
 * Clients of databases by R2DBC that follow their secrets.
 */
@NullMarked
package dev.ecssecrets.boot.r2dbc;

import org.jspecify.annotations.NullMarked;
