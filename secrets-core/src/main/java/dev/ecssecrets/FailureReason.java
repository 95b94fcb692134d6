// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Locale;

/**
 * Reason for a {@link SecretFailure}. {@link SecretFailure.Reason} has the reasons of
 * this library. An integration that reads declarations from its own configuration may add
 * reasons, as an enum. Implementations are immutable.
 *
 * @since 0.1.0
 */
public interface FailureReason {

	/**
	 * Returns the title, under which reports list the failures with this reason.
	 * @return one to four words, such as {@code access denied}
	 */
	String title();

	/**
	 * Returns the fix, then an explanation if it needs one. The text names no settings of
	 * an application, which adds them to its report.
	 * @return one to three sentences
	 */
	String description();

	/**
	 * Returns the code, which identifies this reason in metrics and in the address of its
	 * documentation.
	 * @return the title in lower case with hyphens, such as {@code access-denied}
	 */
	default String code() {
		return title().toLowerCase(Locale.ROOT).replace(' ', '-');
	}

}
