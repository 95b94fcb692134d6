// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Entry with a {@code value-from} that YAML cannot read as it is written.
 *
 * @param key the key as it is written
 * @param text the text without quotation marks
 * @param flaw why YAML cannot read it
 */
record UnreadableValueFrom(String key, String text, Flaw flaw) {

	private static final String PLACEHOLDER = "[$#]\\{(?:[^{}\\s]|[$#]\\{[^{}\\s]*})*}|\\{\\{[^{}]*}}";

	/**
	 * A key of a block or flow mapping and its value, which a comment, the end of a flow
	 * mapping or the end of the line follows. No {@code valueFrom} has white space, a
	 * bracket or a comma.
	 */
	private static final Pattern ENTRY = Pattern.compile("(?:^\\s*(?:-\\s+)*|[{,]\\s*)"
			+ "(?<key>([\"']?)(?:[\\w.\\[\\]-]+\\.)?value-?[fF]rom\\2)\\s*:(?<gap>[ \t]+|(?<=[\"']:))" + "(?<text>(?:"
			+ PLACEHOLDER + "|[^\\s,{}\\[\\]])+)(?=\\s*(?:$|\\s#|[,}\\]]))");

	private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'");

	// An alias, an anchor, a tag or a block of text, which may be meant.
	private static final String SYNTAX = "*&!|>";

	private static final String RESERVED = "@`%";

	/**
	 * Finds the {@code value-from} that YAML stumbled over.
	 * @param line the line
	 * @param place the index in the line where reading failed
	 * @return the {@code value-from}, or {@code null} if the problem is not one that
	 * quotes solve
	 */
	static @Nullable UnreadableValueFrom find(String line, int place) {
		Matcher entry = ENTRY.matcher(line);
		while (entry.find()) {
			Flaw flaw = flaw(line, place, entry);
			if (flaw != null) {
				return new UnreadableValueFrom(entry.group("key"), entry.group("text").replaceAll("[\"']", ""), flaw);
			}
		}
		return null;
	}

	private static @Nullable Flaw flaw(String line, int place, Matcher entry) {
		String text = entry.group("text");
		boolean quoted = isQuote(text.charAt(0)) || isQuote(text.charAt(text.length() - 1));
		if (QUOTED.matcher(text).matches() || text.contains("\\") || SYNTAX.indexOf(text.charAt(0)) >= 0
				|| (!quoted && text.chars().anyMatch(UnreadableValueFrom::isQuote))) {
			return null;
		}
		if (place >= entry.start("gap") && place < entry.start("text")) {
			return (line.charAt(place) == '\t' && !quoted) ? Flaw.TAB : null;
		}
		if (place < entry.start("text") || place >= entry.end("text")) {
			return null;
		}
		if (quoted) {
			return Flaw.QUOTES;
		}
		return switch (line.charAt(place)) {
			case ':' -> Flaw.COLON;
			case '{' -> Flaw.BRACE;
			default ->
				(place == entry.start("text") && RESERVED.indexOf(line.charAt(place)) >= 0) ? Flaw.RESERVED : null;
		};
	}

	private static boolean isQuote(int character) {
		return character == '"' || character == '\'';
	}

	/**
	 * Returns the key and the value as they should be written.
	 */
	String corrected() {
		return this.key + ": \"" + this.text + "\"";
	}

	/**
	 * Kinds of mistakes.
	 */
	enum Flaw {

		/**
		 * A colon that YAML takes for the end of a key.
		 */
		COLON("it ends in a colon and is not in quotes",
				"Without quotes, YAML reads a colon before white space as the end of a key."),

		/**
		 * A brace that YAML takes for the start of a mapping.
		 */
		BRACE("it has a brace and is not in quotes", "Without quotes, YAML reads a brace as the start of a mapping."),

		/**
		 * A first character that YAML reserves.
		 */
		RESERVED("it starts with a character that YAML reserves and is not in quotes",
				"Without quotes, YAML allows no text to start with @, ` or %."),

		/**
		 * A quotation mark that is absent or not at one of the ends.
		 */
		QUOTES("its quotation marks do not enclose it", "Use one quotation mark at each end, and none in between."),

		/**
		 * A tab before the value.
		 */
		TAB("there is a tab before it", "Replace the tab before it with a space.");

		private final String description;

		private final String reason;

		Flaw(String description, String reason) {
			this.description = description;
			this.reason = reason;
		}

		String description() {
			return this.description;
		}

		String action() {
			return "Put the value-from in quotes. " + this.reason;
		}

	}

}
