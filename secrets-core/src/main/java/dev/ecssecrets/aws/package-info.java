/**
 * Store for SSM Parameter Store and Secrets Manager. Only this package depends on the AWS
 * SDK.
 */
@NullMarked
package dev.ecssecrets.aws;

import org.jspecify.annotations.NullMarked;
