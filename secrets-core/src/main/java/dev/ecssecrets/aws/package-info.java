// SPDX-License-Identifier: Apache-2.0

/**
 * Store for SSM Parameter Store and Secrets Manager. It needs no library of AWS where the
 * environment or the container has region and credentials.
 */
@NullMarked
package dev.ecssecrets.aws;

import org.jspecify.annotations.NullMarked;
