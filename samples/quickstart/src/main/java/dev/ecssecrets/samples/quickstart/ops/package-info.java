/**
 * A page for operators: an example of what to build on the endpoint {@code ecssecrets}.
 */
@NullMarked
package dev.ecssecrets.samples.quickstart.ops;

import org.jspecify.annotations.NullMarked;
