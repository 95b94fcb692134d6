// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.PrintableText;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;

/**
 * Analyzer of YAML that cannot be read because of a {@code value-from}, most often one
 * that ends in a colon and is not in quotes. Otherwise, Spring Boot prints SnakeYAML's
 * stack trace, which does not name the file.
 */
final class UnreadableValueFromFailureAnalyzer implements FailureAnalyzer {

	private final @Nullable Environment environment;

	UnreadableValueFromFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		try {
			for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
				for (YamlMark mark : YamlMark.of(cause)) {
					FailureAnalysis analysis = analyze(mark, cause);
					if (analysis != null) {
						return analysis;
					}
				}
			}
		}
		catch (RuntimeException ex) {
			// The failure stays as it is.
		}
		return null;
	}

	private @Nullable FailureAnalysis analyze(YamlMark mark, Throwable cause) {
		UnreadableValueFrom read = mark.isComplete() ? UnreadableValueFrom.find(mark.text(), mark.index()) : null;
		if (mark.isComplete() && read == null) {
			return null;
		}
		Map<String, UnreadableValueFrom> found = new LinkedHashMap<>();
		for (ConfigurationFile file : ConfigurationFile.find(this.environment)) {
			UnreadableValueFrom valueFrom = find(mark, file.lines());
			if (valueFrom != null) {
				found.put(file.name(), valueFrom);
			}
		}
		if (found.size() == 1) {
			Map.Entry<String, UnreadableValueFrom> only = found.entrySet().iterator().next();
			return analysis(only.getValue(), mark, PrintableText.of(only.getKey()), cause);
		}
		return (read != null) ? analysis(read, mark, "a YAML file", cause) : null;
	}

	private static @Nullable UnreadableValueFrom find(YamlMark mark, List<String> lines) {
		if (!mark.isIn(lines)) {
			return null;
		}
		String line = lines.get(mark.line());
		return UnreadableValueFrom.find(line, line.offsetByCodePoints(0, mark.column()));
	}

	private static FailureAnalysis analysis(UnreadableValueFrom valueFrom, YamlMark mark, String file,
			Throwable cause) {
		return new FailureAnalysis(
				String.format("YAML cannot read the value-from in line %d of %s:%n%s. It should be:%n%n    %s",
						mark.line() + 1, file, valueFrom.flaw().description(), PrintableText.of(valueFrom.corrected())),
				valueFrom.flaw().action(), cause);
	}

}
