// SPDX-License-Identifier: Apache-2.0

/**
 * Connection pools of HikariCP that follow their secrets.
 */
@NullMarked
package dev.ecssecrets.boot.jdbc;

import org.jspecify.annotations.NullMarked;
