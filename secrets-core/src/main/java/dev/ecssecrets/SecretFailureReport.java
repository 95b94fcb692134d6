package dev.ecssecrets;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.ecssecrets.SecretFailure.Reason;

/**
 * What a person reads of failures: grouped by their reasons, each with its cure.
 */
final class SecretFailureReport {

	private static final int WIDTH = 120;

	private static final int LISTED = 20;

	private static final String LABEL = "    %-13s";

	private final StringBuilder text = new StringBuilder();

	private SecretFailureReport() {
	}

	static String of(int declared, List<SecretFailure> failures) {
		SecretFailureReport report = new SecretFailureReport();
		report.text.append(count(failures.size(), "failure"))
			.append((declared > 0) ? " among " + count(declared, "declared secret") : "")
			.append(':');
		Map<Reason, List<SecretFailure>> byReason = new LinkedHashMap<>();
		failures.forEach(
				(failure) -> byReason.computeIfAbsent(failure.reason(), (reason) -> new ArrayList<>()).add(failure));
		byReason.forEach(report::add);
		return report.text.toString();
	}

	private static String count(int number, String thing) {
		return number + " " + thing + ((number != 1) ? "s" : "");
	}

	private void add(Reason reason, List<SecretFailure> failures) {
		this.text.append("\n\n").append(reason.toString().toUpperCase(Locale.ROOT));
		line("", reason.cure());
		line("", "See docs/troubleshooting.md#" + reason.anchor());
		failures.stream().limit(LISTED).forEach(this::add);
		if (failures.size() > LISTED) {
			this.text.append("\n\n  and ").append(failures.size() - LISTED).append(" more");
		}
		// What replaced a placeholder may be a secret; an ARN is none.
		List<SecretDeclaration> denied = failures.stream()
			.map(SecretFailure::declaration)
			.filter((declaration) -> !declaration.hadPlaceholder() || declaration.valueFrom().startsWith(Arn.PREFIX))
			.toList();
		if (reason == Reason.ACCESS_DENIED) {
			add(LeastPrivilegePolicy.of(denied), denied.size(), failures.size());
		}
		else if (reason == Reason.KMS_DENIED) {
			add(LeastPrivilegePolicy.withDecryption(denied), denied.size(), failures.size());
		}
	}

	private void add(SecretFailure failure) {
		SecretDeclaration declaration = failure.declaration();
		this.text.append("\n\n  ")
			.append(declaration.name().isEmpty() ? "(no name)" : PrintableText.of(declaration.name()));
		if (declaration.origin() != null) {
			line(LABEL.formatted("declared at"), PrintableText.of(declaration.origin()));
		}
		if (!declaration.writtenValueFrom().isEmpty()) {
			line(LABEL.formatted("valueFrom"), PrintableText.of(declaration.writtenValueFrom()));
		}
		line(LABEL.formatted("detail"), failure.detail());
	}

	private void add(LeastPrivilegePolicy policy, int shown, int failures) {
		if (failures > LISTED) {
			this.text.append("\n\n  The policy is longer than a report should be: LeastPrivilegePolicy writes it.");
		}
		else if (shown > 0) {
			this.text.append("\n\n").append(policy.json().indent(2).stripTrailing());
		}
		if (shown < failures) {
			this.text.append("\n\n  The policy leaves out parameters whose names come from placeholders.");
		}
	}

	/**
	 * Adds a line, with as many more below its text as it takes.
	 */
	private void line(String start, String content) {
		this.text.append('\n').append(start);
		int column = start.length();
		for (String word : content.split(" ", -1)) {
			if (column > start.length() && column + 1 + word.length() > WIDTH) {
				this.text.append('\n').append(" ".repeat(start.length()));
				column = start.length();
			}
			else if (column > start.length()) {
				this.text.append(' ');
				column++;
			}
			this.text.append(word);
			column += word.length();
		}
	}

}
