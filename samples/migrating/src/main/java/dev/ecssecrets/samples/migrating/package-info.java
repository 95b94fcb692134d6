// SPDX-License-Identifier: Apache-2.0

/**
 * An application that prints properties, wherever they are from.
 */
@NullMarked
package dev.ecssecrets.samples.migrating;

import org.jspecify.annotations.NullMarked;
