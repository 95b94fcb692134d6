// SPDX-License-Identifier: Apache-2.0

/**
 * What the AWS SDK does for the store. Only this package depends on the SDK, which may be
 * absent where the environment or the container has everything.
 */
@NullMarked
package dev.ecssecrets.aws.sdk;

import org.jspecify.annotations.NullMarked;
