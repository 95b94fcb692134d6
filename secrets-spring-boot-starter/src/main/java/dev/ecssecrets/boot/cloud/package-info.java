// SPDX-License-Identifier: Apache-2.0

/**
 * Context refreshes and refresh scope of Spring Cloud.
 */
@NullMarked
package dev.ecssecrets.boot.cloud;

import org.jspecify.annotations.NullMarked;
