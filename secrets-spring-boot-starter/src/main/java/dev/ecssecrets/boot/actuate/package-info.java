// SPDX-License-Identifier: Apache-2.0

/**
 * Endpoint, health, meters and masks of Spring Boot's Actuator.
 */
@NullMarked
package dev.ecssecrets.boot.actuate;

import org.jspecify.annotations.NullMarked;
