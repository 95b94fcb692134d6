// SPDX-License-Identifier: Apache-2.0

/**
 * Many starts at the same moment, and the service that throttles them.
 */
@NullMarked
package dev.ecssecrets.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
