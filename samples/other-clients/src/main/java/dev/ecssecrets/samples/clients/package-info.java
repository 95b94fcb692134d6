/**
 * Clients whose credentials are current at each login.
 */
@NullMarked
package dev.ecssecrets.samples.clients;

import org.jspecify.annotations.NullMarked;
