// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

/**
 * Thrown for a document that cannot be read, is not a task definition, or does not have
 * the requested container. The message has the document, a JSON pointer or a line and
 * column, and what is wrong there, in printable form.
 *
 * @since 0.1.0
 */
public final class InvalidTaskDefinitionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	InvalidTaskDefinitionException(String place, String problem) {
		super(PrintableText.of(place) + " " + PrintableText.of(problem));
	}

}
