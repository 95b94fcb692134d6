// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretSource;
import org.jspecify.annotations.Nullable;

/**
 * Status of one declared secret in a {@link SecretsSnapshot}. Immutable, and without a
 * value.
 *
 * @param declaration the declaration, with its origin
 * @param state where the value comes from
 * @param source the store and the version that a fetched value comes from; {@code null}
 * for any other state
 * @param changed when the running application last got another value; {@code null} if it
 * has the one that it started with
 * @param lastFailure the last failure to fetch the value, which may be over; {@code null}
 * if there was none
 * @since 0.1.0
 */
public record SecretStatus(SecretDeclaration declaration, State state, @Nullable SecretSource source,
		@Nullable Instant changed, @Nullable Failure lastFailure) {

	/**
	 * Returns the name of the secret.
	 * @return the name of the environment variable
	 */
	public String name() {
		return this.declaration.name();
	}

	/**
	 * Returns the age of a fetched value.
	 * @param now the current time
	 * @return how long ago the store gave the value, which is never negative;
	 * {@code null} if the value was not fetched
	 */
	public @Nullable Duration age(Instant now) {
		if (this.source == null) {
			return null;
		}
		Duration age = Duration.between(this.source.fetched(), now);
		return age.isNegative() ? Duration.ZERO : age;
	}

	/**
	 * Where the value of a secret comes from.
	 */
	public enum State {

		/**
		 * The process environment has the value, and nothing was fetched.
		 */
		INJECTED,

		/**
		 * A property source above the process environment, such as the command line, has
		 * a property of this name when the secrets are first loaded. It wins, so nothing
		 * is fetched.
		 */
		OVERRIDDEN,

		/**
		 * A store gave the value. With {@code ecs-secrets.refresh.override-injected} it
		 * is preferred to one in the process environment.
		 */
		FETCHED,

		/**
		 * There is no value: the secret is optional and does not exist, or nothing has
		 * been loaded yet.
		 */
		ABSENT

	}

	/**
	 * A failure to fetch a secret.
	 *
	 * @param failure the reason and the details
	 * @param at when the load ended that failed
	 */
	public record Failure(SecretFailure failure, Instant at) {

	}

}
