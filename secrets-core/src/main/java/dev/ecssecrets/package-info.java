/**
 * The secrets of ECS task definitions: their declarations, where these point to, and the
 * values as ECS would have injected them. {@link dev.ecssecrets.SecretResolver} tells the
 * whole story.
 */
@NullMarked
package dev.ecssecrets;

import org.jspecify.annotations.NullMarked;
