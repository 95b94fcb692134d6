// SPDX-License-Identifier: Apache-2.0

/**
 * Bean Validation of {@link dev.ecssecrets.boot.LiveSecret}.
 */
@NullMarked
package dev.ecssecrets.boot.validation;

import org.jspecify.annotations.NullMarked;
