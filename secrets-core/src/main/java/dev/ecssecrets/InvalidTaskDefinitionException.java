package dev.ecssecrets;

/**
 * A document that is not a task definition, or has not the container that was asked for.
 * The message tells the document, a JSON pointer into it, and what is wrong there.
 */
public final class InvalidTaskDefinitionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	InvalidTaskDefinitionException(String place, String problem) {
		super(place + " " + problem);
	}

}
