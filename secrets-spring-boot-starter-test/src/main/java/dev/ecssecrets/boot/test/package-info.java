/**
 * Tests of applications that declare secrets.
 * {@link dev.ecssecrets.boot.test.TestSecrets @TestSecrets} is where to start.
 */
@NullMarked
package dev.ecssecrets.boot.test;

import org.jspecify.annotations.NullMarked;
