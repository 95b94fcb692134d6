// SPDX-License-Identifier: Apache-2.0

/**
 * A web application that greets with a secret and signs with another.
 */
@NullMarked
package dev.ecssecrets.samples.quickstart;

import org.jspecify.annotations.NullMarked;
