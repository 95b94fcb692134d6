// SPDX-License-Identifier: Apache-2.0

package com.mongodb.reactivestreams.client;

/**
 * Stand-in for the type of this name, which the tests do not depend on.
 */
public interface MongoClient {

}
