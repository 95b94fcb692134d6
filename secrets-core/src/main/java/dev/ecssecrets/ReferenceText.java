package dev.ecssecrets;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Search for what no name has: placeholders, quotation marks, white space, and characters
 * that nobody sees.
 */
final class ReferenceText {

	static final String DYNAMIC_REFERENCE = "{{resolve:";

	private static final String QUOTATION_MARKS = "\"'`\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a";

	/**
	 * How placeholders begin and end: those of Spring and shells, of Helm and Jinja, of
	 * Make, Octopus, Logstash, and of documents.
	 */
	private static final List<Map.Entry<String, String>> PLACEHOLDERS = List.of(Map.entry("${", "}"),
			Map.entry("{{", "}}"), Map.entry("$(", ")"), Map.entry("#{", "}"), Map.entry("%{", "}"),
			Map.entry("[[", "]]"), Map.entry("<", ">"), Map.entry("%", "%"));

	// A placeholder is short. Without a limit, many beginnings without an end take
	// quadratic time.
	private static final int MAX_PLACEHOLDER = 200;

	private ReferenceText() {
	}

	/**
	 * Finds in a text that should be a name what no name has: a placeholder, a quotation
	 * mark, white space, or a character that nobody sees.
	 * @param text the text
	 * @return a phrase for a person to read, or {@code null} if there is none of them
	 */
	static @Nullable String find(String text) {
		String placeholder = placeholder(text);
		return (placeholder != null) ? "has the placeholder " + placeholder : fault(text);
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
	 * Returns a shell's variable without braces. A dollar sign is in no name at all.
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
	 * Finds a placeholder of Spring or of a template, which is in no JSON key either.
	 * @param text the text
	 * @return the placeholder, or {@code null} if there is none
	 */
	static @Nullable String template(String text) {
		String placeholder = placeholder(text);
		return (placeholder != null && (placeholder.startsWith("${") || placeholder.startsWith("{{"))) ? placeholder
				: null;
	}

	/**
	 * Finds quotation marks, then white space, then other characters that nobody sees.
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
		String described = (name != null) ? name.toLowerCase(Locale.ROOT) : "character that nobody sees";
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
