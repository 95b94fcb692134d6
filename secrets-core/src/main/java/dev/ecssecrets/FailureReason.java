package dev.ecssecrets;

import java.util.Locale;

/**
 * Kind of a {@link SecretFailure}. {@link SecretFailure.Reason} has the kinds of this
 * library. An integration that reads declarations from its own configuration may add
 * kinds, as an enum. Implementations are immutable.
 */
public interface FailureReason {

	/**
	 * Returns the title, under which reports list the failures of this kind.
	 * @return one to four words, such as {@code access denied}
	 */
	String title();

	/**
	 * Returns what is wrong and what helps wherever the library is used. It names no
	 * setting of an application: the report of the application adds those.
	 * @return one to three sentences
	 */
	String description();

	/**
	 * Returns the code, which identifies this kind in metrics and in the address of its
	 * documentation.
	 * @return the title in lower case with hyphens, such as {@code access-denied}
	 */
	default String code() {
		return title().toLowerCase(Locale.ROOT).replace(' ', '-');
	}

}
