// SPDX-License-Identifier: Apache-2.0

/**
 * The application whose declarations are many.
 */
@NullMarked
package dev.ecssecrets.benchmarks.size;

import org.jspecify.annotations.NullMarked;
