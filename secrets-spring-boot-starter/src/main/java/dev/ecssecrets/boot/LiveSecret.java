// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

/**
 * Value of a configuration property that is always current: when a refresh changes a
 * secret that the property is or refers to, {@link #get()} returns the new value.
 * <p>
 * Declare it where classes of {@code @ConfigurationProperties} have a {@code String}: as
 * a component of a record or of a Kotlin data class, as a property with a setter, as an
 * element of an indexed list, or as a value of a map. Or inject it by
 * <code>@Value("${NAME}")</code>. A property that has nothing to do with a secret works
 * too, and stays as it is.
 * <p>
 * Two instances are equal only if they are the same. It prints no value, and is not
 * serialized. It may be used by any number of threads.
 *
 * @since 0.1.0
 */
public sealed interface LiveSecret permits LiveValue {

	/**
	 * Returns the current value: after {@link Secrets#refresh()} has returned, or a
	 * listener was called, no older one. Once the application is closed, it stays as it
	 * is. Read it each time you need it, and do not keep it.
	 * @return the value that a {@code String} property would be bound to now
	 * @throws IllegalStateException if the property refers to an optional secret that is
	 * absent now, and has no default, such as the empty one of <code>${NAME:}</code>
	 */
	String get();

	/**
	 * Returns the same text for all values.
	 */
	@Override
	String toString();

	/**
	 * Returns a value that never changes, for tests and defaults. Not named as the
	 * factories that Spring looks for to convert text: a property must never become
	 * constant without notice.
	 * @param value the value
	 * @return the value as a secret
	 */
	static LiveSecret constant(String value) {
		return new LiveValue(value);
	}

}
