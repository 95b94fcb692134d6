// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.util.Objects;

import dev.ecssecrets.boot.SecretsSnapshot;

/**
 * A user and a password of one version.
 */
record Login(String user, String password) {

	/**
	 * Returns the login of a client.
	 * @param snapshot the secrets
	 * @param client what the names of its secrets begin with
	 */
	static Login of(SecretsSnapshot snapshot, String client) {
		return new Login(required(snapshot, client + "_USER"), required(snapshot, client + "_PASSWORD"));
	}

	static String required(SecretsSnapshot snapshot, String name) {
		return Objects.requireNonNull(snapshot.value(name), name).reveal();
	}

	/**
	 * Returns no values.
	 */
	@Override
	public String toString() {
		return "Login";
	}

}
