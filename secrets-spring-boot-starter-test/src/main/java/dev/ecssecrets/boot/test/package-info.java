// SPDX-License-Identifier: Apache-2.0

/**
 * Support for tests of applications that declare secrets. Start with
 * {@link dev.ecssecrets.boot.test.TestSecrets @TestSecrets}.
 */
@NullMarked
package dev.ecssecrets.boot.test;

import org.jspecify.annotations.NullMarked;
