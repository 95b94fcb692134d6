// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.function.UnaryOperator;

/**
 * Text of a JSON document with placeholders such as <code>${NAME}</code>.
 */
final class TemplateText {

	private static final String START = "${";

	private TemplateText() {
	}

	/**
	 * Replaces the placeholders that are not in quotation marks, so that JSON remains.
	 * @param json the template
	 * @param placeholders replaces a placeholder that has a value
	 * @return the text, with {@code null} for each such placeholder without a value
	 */
	static String replaceUnquoted(String json, UnaryOperator<String> placeholders) {
		StringBuilder text = new StringBuilder();
		boolean quoted = false;
		int i = 0;
		while (i < json.length()) {
			char character = json.charAt(i);
			int end = (!quoted && json.startsWith(START, i)) ? end(json, i) : -1;
			if (end != -1) {
				String placeholder = json.substring(i, end);
				String value = placeholders.apply(placeholder);
				text.append(value.equals(placeholder) ? "null" : value);
				i = end;
				continue;
			}
			if (quoted && character == '\\' && i + 1 < json.length()) {
				text.append(character);
				character = json.charAt(++i);
			}
			else if (character == '"') {
				quoted = !quoted;
			}
			text.append(character);
			i++;
		}
		return text.toString();
	}

	/**
	 * Returns the end of the placeholder that begins at an index, which may have others
	 * in it.
	 */
	private static int end(String text, int start) {
		int depth = 0;
		for (int i = start; i < text.length(); i++) {
			if (text.startsWith(START, i)) {
				depth++;
			}
			else if (text.charAt(i) == '}' && --depth == 0) {
				return i + 1;
			}
		}
		return -1;
	}

}
