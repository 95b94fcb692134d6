package dev.ecssecrets;

/**
 * Thrown for a {@code valueFrom} that ECS does not take, or that AWS would refuse. The
 * message is a sentence for a person to read. Where the {@code valueFrom} came of a
 * placeholder, the message has the placeholder, as what replaced it may be a secret.
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
	 * Returns what is wrong with the {@code valueFrom}, and who would refuse it.
	 * @return one or two sentences without a full stop at the end
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * Returns who would refuse the {@code valueFrom}.
	 * @return {@code true} if ECS itself does; {@code false} if ECS would pass it on, and
	 * AWS would refuse it
	 */
	public boolean isRefusedByEcs() {
		return this.refusedByEcs;
	}

}
