// SPDX-License-Identifier: Apache-2.0

/**
 * A program without Spring that greets with a secret.
 */
@NullMarked
package dev.ecssecrets.samples.plain;

import org.jspecify.annotations.NullMarked;
