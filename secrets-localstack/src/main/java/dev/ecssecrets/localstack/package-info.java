// SPDX-License-Identifier: Apache-2.0

/**
 * A LocalStack for tests.
 */
@NullMarked
package dev.ecssecrets.localstack;

import org.jspecify.annotations.NullMarked;
