// SPDX-License-Identifier: Apache-2.0

package org.springframework.amqp.rabbit.connection;

/**
 * Stand-in for the type of this name, which the tests do not depend on.
 */
public interface ConnectionFactory {

}
