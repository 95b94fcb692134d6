package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Stands in for an exception whose message may quote a secret: its type and where it was
 * thrown are left of it.
 */
@SuppressWarnings("serial")
final class WithheldException extends RuntimeException {

	private WithheldException(String message) {
		super(message);
	}

	/**
	 * Returns what stands in for an exception and its causes. The innermost tells what
	 * was wrong.
	 */
	static WithheldException of(Throwable exception) {
		Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
		Throwable innermost = exception;
		while (innermost.getCause() != null && known.add(innermost)) {
			innermost = innermost.getCause();
		}
		WithheldException standIn = new WithheldException(
				innermost.getClass().getName() + ", whose message is left out as it may hold a secret");
		standIn.setStackTrace(innermost.getStackTrace());
		return standIn;
	}

}
