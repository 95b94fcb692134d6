// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import dev.ecssecrets.SecretFailure.Reason;

/**
 * Report of failures for a person to read. Failures are grouped by their reasons, each
 * with its fix.
 */
final class SecretFailureReport {

	private static final int WIDTH = 120;

	private static final int LISTED = 20;

	private static final int MAX_WARNING = 2 * PrintableText.MAX_LENGTH;

	private static final String LABEL = "    %-13s";

	private final StringBuilder text = new StringBuilder();

	private final Function<? super FailureReason, String> fixes;

	private SecretFailureReport(Function<? super FailureReason, String> fixes) {
		this.fixes = fixes;
	}

	static String of(int declared, List<SecretFailure> failures, List<String> warnings,
			Function<? super FailureReason, String> fixes) {
		SecretFailureReport report = new SecretFailureReport(fixes);
		report.text.append(count(failures.size(), "failure"))
			.append((declared >= failures.size()) ? " among " + count(declared, "declared secret") : "")
			.append(':');
		Map<FailureReason, List<SecretFailure>> byReason = new LinkedHashMap<>();
		failures.forEach(
				(failure) -> byReason.computeIfAbsent(failure.reason(), (reason) -> new ArrayList<>()).add(failure));
		byReason.forEach(report::add);
		report.add(warnings);
		return report.text.toString();
	}

	private static String count(int number, String thing) {
		return number + " " + thing + ((number != 1) ? "s" : "");
	}

	private void add(FailureReason reason, List<SecretFailure> failures) {
		this.text.append("\n\n").append(reason.title().toUpperCase(Locale.ROOT));
		line("", (reason.description() + " " + this.fixes.apply(reason)).stripTrailing());
		line("", "See " + documentation() + "troubleshooting.md#" + reason.code());
		failures.stream().limit(LISTED).forEach(this::add);
		if (failures.size() > LISTED) {
			this.text.append("\n\n  and ").append(failures.size() - LISTED).append(" more");
		}
		// The value of a placeholder may be a secret, unless it is an ARN.
		List<SecretDeclaration> denied = failures.stream()
			.map(SecretFailure::declaration)
			.filter(Objects::nonNull)
			.filter((declaration) -> !declaration.hadPlaceholder() || declaration.valueFrom().startsWith(Arn.PREFIX))
			.toList();
		if (reason == Reason.ACCESS_DENIED) {
			add(LeastPrivilegePolicy.of(denied), denied.size(), failures.size());
		}
		else if (reason == Reason.KMS_DENIED) {
			add(LeastPrivilegePolicy.of(denied).withDecryption(), denied.size(), failures.size());
		}
	}

	/**
	 * Returns the address of the documentation, as set by the build.
	 */
	static String documentation() {
		try (InputStream address = SecretFailureReport.class.getResourceAsStream("documentation.txt")) {
			return (address != null) ? new String(address.readAllBytes(), StandardCharsets.UTF_8).strip() : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void add(SecretFailure failure) {
		SecretDeclaration declaration = failure.declaration();
		this.text.append("\n\n  ")
			.append(failure.subject().isEmpty() ? "(no name)" : PrintableText.of(failure.subject()));
		if (failure.origin() != null) {
			line(LABEL.formatted("declared at"), PrintableText.of(failure.origin()));
		}
		if (declaration != null && !declaration.writtenValueFrom().isEmpty()) {
			line(LABEL.formatted("valueFrom"), PrintableText.of(declaration.writtenValueFrom()));
		}
		line(LABEL.formatted("detail"), failure.detail());
	}

	private void add(LeastPrivilegePolicy policy, int shown, int failures) {
		if (failures > LISTED) {
			this.text.append("\n\n  Generate the policy with LeastPrivilegePolicy. It is too long for this report.");
		}
		else if (shown > 0) {
			this.text.append("\n\n").append(policy.json().indent(2).stripTrailing());
		}
		if (shown < failures) {
			this.text.append("\n\n  The policy omits parameters whose names come from placeholders.");
		}
	}

	private void add(List<String> warnings) {
		if (!warnings.isEmpty()) {
			this.text.append("\n\nWARNINGS\nThese may be related to the failures.\n");
			warnings.forEach((warning) -> line("  - ", PrintableText.of(warning, MAX_WARNING)));
		}
	}

	/**
	 * Adds a line, which is wrapped below the start of its content.
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
