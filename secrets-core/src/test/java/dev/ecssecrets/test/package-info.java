// SPDX-License-Identifier: Apache-2.0

/**
 * Support for tests without AWS: a store in memory, and the contract of stores.
 */
@NullMarked
package dev.ecssecrets.test;

import org.jspecify.annotations.NullMarked;
