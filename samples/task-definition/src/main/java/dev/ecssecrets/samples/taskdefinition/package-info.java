// SPDX-License-Identifier: Apache-2.0

/**
 * A web application that declares its secrets by its task definition alone.
 */
@NullMarked
package dev.ecssecrets.samples.taskdefinition;

import org.jspecify.annotations.NullMarked;
