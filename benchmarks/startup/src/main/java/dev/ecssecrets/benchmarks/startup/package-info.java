// SPDX-License-Identifier: Apache-2.0

/**
 * The application whose start is measured.
 */
@NullMarked
package dev.ecssecrets.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
