// SPDX-License-Identifier: Apache-2.0

package org.springframework.ldap.core;

/**
 * Stand-in for the type of this name, which the tests do not depend on.
 */
public interface ContextSource {

}
