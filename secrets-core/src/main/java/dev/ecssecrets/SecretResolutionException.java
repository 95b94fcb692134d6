package dev.ecssecrets;

import java.util.List;

/**
 * Everything that failed in one resolution. The message is a report for a person to read;
 * it never holds a value.
 */
public final class SecretResolutionException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<SecretFailure> failures;

	SecretResolutionException(int declared, List<SecretFailure> failures) {
		super(report(declared, failures));
		this.failures = List.copyOf(failures);
	}

	/**
	 * Returns the failures.
	 * @return the failures in the order of the declarations, at least one
	 */
	public List<SecretFailure> failures() {
		return this.failures;
	}

	private static String report(int declared, List<SecretFailure> failures) {
		StringBuilder report = new StringBuilder();
		report.append(failures.size()).append((failures.size() == 1) ? " failure" : " failures");
		report.append(" among ").append(declared).append((declared == 1) ? " declared secret" : " declared secrets");
		report.append(":");
		for (SecretFailure failure : failures) {
			SecretDeclaration declaration = failure.declaration();
			report.append("\n\n").append(declaration.name().isEmpty() ? "(no name)" : declaration.name());
			if (declaration.origin() != null) {
				line(report, "declared at", declaration.origin());
			}
			if (!declaration.valueFrom().isEmpty()) {
				line(report, "valueFrom", declaration.valueFrom());
			}
			line(report, "reason", failure.reason() + ": " + failure.detail());
			line(report, "cure", failure.reason().cure());
		}
		return report.toString();
	}

	private static void line(StringBuilder report, String label, String text) {
		report.append("\n    ").append(label).append(" ".repeat(13 - label.length())).append(text);
	}

}
