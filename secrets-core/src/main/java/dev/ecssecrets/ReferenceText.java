// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Search for parts that no name has: placeholders, quotation marks, white space, and
 * invisible characters.
 */
final class ReferenceText {

	static final String DYNAMIC_REFERENCE = "{{resolve:";

	private static final String QUOTATION_MARKS = "\"'`\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a";

	/**
	 * Delimiters of placeholders: those of Spring and shells, Helm and Jinja, Make,
	 * Octopus, Logstash, and of documentation.
	 */
	private static final List<Map.Entry<String, String>> PLACEHOLDERS = List.of(Map.entry("${", "}"),
			Map.entry("{{", "}}"), Map.entry("$(", ")"), Map.entry("#{", "}"), Map.entry("%{", "}"),
			Map.entry("[[", "]]"), Map.entry("<", ">"), Map.entry("%", "%"));

	// Without a limit, a text with many opening delimiters takes quadratic time.
	private static final int MAX_PLACEHOLDER = 200;

	private ReferenceText() {
	}

	/**
	 * Finds a part that no name has.
	 * @param text a text that should be a name
	 * @return a phrase for a person to read, or {@code null} if there is no such part
	 */
	static @Nullable String find(String text) {
		if (isOrdinary(text)) {
			return null;
		}
		String placeholder = placeholder(text);
		return (placeholder != null) ? "has the placeholder " + placeholder : fault(text);
	}

	/**
	 * Returns whether a text has only characters that begin none of these parts. Most
	 * names do, and the search takes much longer.
	 */
	private static boolean isOrdinary(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (!((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
					|| (character >= '-' && character <= ':') || character == '_' || character == '!')) {
				return false;
			}
		}
		return true;
	}

	static @Nullable String placeholder(String text) {
		for (int i = 0; i < text.length(); i++) {
			for (Map.Entry<String, String> ends : PLACEHOLDERS) {
				if (text.startsWith(ends.getKey(), i) && !text.startsWith(DYNAMIC_REFERENCE, i)) {
					String rest = text.substring(i, Math.min(text.length(), i + MAX_PLACEHOLDER));
					int end = rest.indexOf(ends.getValue(), ends.getKey().length());
					if (end >= 0) {
						return rest.substring(0, end + ends.getValue().length());
					}
				}
			}
			if (text.charAt(i) == '$') {
				return variable(text, i);
			}
		}
		return null;
	}

	/**
	 * Returns a variable of a shell without braces. No name has a dollar sign.
	 */
	private static String variable(String text, int start) {
		int end = start + 1;
		while (end < text.length() && end - start < MAX_PLACEHOLDER
				&& (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
			end++;
		}
		return text.substring(start, end);
	}

	/**
	 * Finds a placeholder of Spring or of a template. JSON keys do not have them either.
	 * @param text the text
	 * @return the placeholder, or {@code null} if there is none
	 */
	static @Nullable String template(String text) {
		String placeholder = isOrdinary(text) ? null : placeholder(text);
		return (placeholder != null && (placeholder.startsWith("${") || placeholder.startsWith("{{"))) ? placeholder
				: null;
	}

	/**
	 * Finds quotation marks, then white space, then other invisible characters.
	 */
	static @Nullable String fault(String text) {
		if (text.isEmpty()) {
			return null;
		}
		int first = text.codePointAt(0);
		int last = text.codePointBefore(text.length());
		if (text.codePoints().anyMatch(ReferenceText::isQuotationMark)) {
			return place(isQuotationMark(first), isQuotationMark(last)) + " a quotation mark";
		}
		if (text.codePoints().anyMatch(ReferenceText::isWhiteSpace)) {
			return place(isWhiteSpace(first), isWhiteSpace(last)) + " white space";
		}
		int invisible = text.codePoints().filter(PrintableText::isInvisible).findFirst().orElse(-1);
		if (invisible < 0) {
			return null;
		}
		String name = Character.getName(invisible);
		String described = (name != null) ? name.toLowerCase(Locale.ROOT) : "hidden character";
		return "contains a " + described + " (U+%04X)".formatted(invisible)
				+ ((invisible == first) ? " at the beginning" : (invisible == last) ? " at the end" : "");
	}

	private static String place(boolean begins, boolean ends) {
		if (begins) {
			return ends ? "begins and ends with" : "begins with";
		}
		return ends ? "ends with" : "contains";
	}

	private static boolean isQuotationMark(int point) {
		return QUOTATION_MARKS.indexOf(point) >= 0;
	}

	private static boolean isWhiteSpace(int point) {
		return point == ' ' || (point >= '\t' && point <= '\r');
	}

}
