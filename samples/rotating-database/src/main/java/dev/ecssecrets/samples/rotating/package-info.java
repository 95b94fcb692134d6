// SPDX-License-Identifier: Apache-2.0

/**
 * A web application whose database password rotates while it runs.
 */
@NullMarked
package dev.ecssecrets.samples.rotating;

import org.jspecify.annotations.NullMarked;
