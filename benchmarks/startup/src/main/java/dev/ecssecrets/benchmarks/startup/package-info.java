/**
 * The application whose start is measured.
 */
@NullMarked
package dev.ecssecrets.benchmarks.startup;

import org.jspecify.annotations.NullMarked;
