// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

/**
 * Thrown for a {@code valueFrom} that ECS or AWS would refuse. The message is a sentence
 * for a person to read. It has placeholders as they were written, because their values
 * may be secrets.
 *
 * @since 0.1.0
 */
public final class InvalidSecretReferenceException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String problem;

	private final boolean refusedByEcs;

	InvalidSecretReferenceException(String valueFrom, String written) {
		this(written, ReferenceProblem.of(valueFrom, written));
	}

	private InvalidSecretReferenceException(String written, ReferenceProblem problem) {
		super("Invalid valueFrom '" + PrintableText.of(written) + "': " + PrintableText.of(problem.text()));
		this.problem = PrintableText.of(problem.text());
		this.refusedByEcs = problem.refusedByEcs();
	}

	/**
	 * Returns the problem of the {@code valueFrom}, and whether ECS or AWS would refuse
	 * it.
	 * @return one or two sentences without a full stop at the end
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * Returns whether ECS itself would refuse the {@code valueFrom}.
	 * @return {@code true} if ECS refuses it; {@code false} if ECS passes it on to AWS,
	 * which refuses it
	 */
	public boolean isRefusedByEcs() {
		return this.refusedByEcs;
	}

}
