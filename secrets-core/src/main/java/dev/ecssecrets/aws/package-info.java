/**
 * SSM Parameter Store and Secrets Manager: the only package that knows the AWS SDK.
 */
@NullMarked
package dev.ecssecrets.aws;

import org.jspecify.annotations.NullMarked;
