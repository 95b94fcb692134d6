// SPDX-License-Identifier: Apache-2.0

/**
 * Page for operators, as an example of what to build on
 * {@link dev.ecssecrets.boot.Secrets}.
 */
@NullMarked
package dev.ecssecrets.samples.quickstart.ops;

import org.jspecify.annotations.NullMarked;
