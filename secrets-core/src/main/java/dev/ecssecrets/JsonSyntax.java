// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Check of a text that a JSON parser has refused, for a message that describes the first
 * error. It reads the text once, without recursion, and never quotes it: it may be a
 * secret.
 */
final class JsonSyntax {

	/**
	 * Go's limit of nested objects and arrays.
	 */
	static final int MAX_DEPTH = 10_000;

	private static final int END = -1;

	private final String text;

	private int position;

	/**
	 * Positions of the objects and arrays that are still open.
	 */
	private final Deque<Integer> open = new ArrayDeque<>();

	private JsonSyntax(String text) {
		this.text = text;
	}

	/**
	 * Finds the first syntax error.
	 * @param text the text
	 * @throws SyntaxException if there is one; the message has its position, the expected
	 * text, and a description of the text that was found
	 */
	static void check(String text) {
		new JsonSyntax(text).check();
	}

	private void check() {
		skipWhiteSpace();
		if (current() == END) {
			throw new SyntaxException("is empty");
		}
		for (Expected expected = Expected.VALUE; current() != END || expected != Expected.END; skipWhiteSpace()) {
			expected = switch (expected) {
				case VALUE -> value("a value");
				case FIRST_ELEMENT -> (current() == ']') ? close() : value("a value or the end of the array");
				case FIRST_NAME ->
					(current() == '}') ? close() : name("a name in quotation marks or the end of the object");
				case NAME -> name("a name in quotation marks");
				case COLON -> colon();
				case SEPARATOR -> separator();
				case END -> throw error("the end of the text");
			};
		}
	}

	private Expected value(String expected) {
		int c = current();
		if (c == '{' || c == '[') {
			if (this.open.size() == MAX_DEPTH) {
				throw new SyntaxException(
						"is nested more than " + MAX_DEPTH + " levels deep at " + place(this.position));
			}
			this.open.push(this.position++);
			return (c == '{') ? Expected.FIRST_NAME : Expected.FIRST_ELEMENT;
		}
		if (c == '"') {
			string();
		}
		else {
			JsonWord word = JsonWord.at(this.text, this.position);
			if (!word.isValue()) {
				throw error(expected);
			}
			this.position += word.length();
		}
		return afterValue();
	}

	private Expected name(String expected) {
		if (current() != '"') {
			if (current() != END && UnexpectedText.isPlaceholder(this.text, this.position - 1, isNested())) {
				this.position--;
				throw error("a value");
			}
			throw error(expected);
		}
		string();
		return Expected.COLON;
	}

	private Expected colon() {
		if (current() != ':') {
			throw error("a colon after the name");
		}
		this.position++;
		return Expected.VALUE;
	}

	private Expected separator() {
		boolean object = isInObject();
		if (current() == (object ? '}' : ']')) {
			return close();
		}
		String end = "the end of the " + (object ? "object" : "array");
		if (current() != ',') {
			throw error("a comma or " + end);
		}
		int comma = this.position++;
		skipWhiteSpace();
		if (current() == '}' || current() == ']') {
			throw error(comma, end, "found a trailing comma");
		}
		return object ? Expected.NAME : Expected.VALUE;
	}

	private Expected close() {
		this.open.pop();
		this.position++;
		return afterValue();
	}

	private Expected afterValue() {
		return this.open.isEmpty() ? Expected.END : Expected.SEPARATOR;
	}

	private boolean isNested() {
		return !this.open.isEmpty();
	}

	private boolean isInObject() {
		return this.text.charAt(this.open.element()) == '{';
	}

	private void string() {
		int start = this.position++;
		for (int c = current(); c != '"'; c = current()) {
			if (c == END) {
				throw error("the end of the string that begins at " + place(start));
			}
			if (c == '\n' || c == '\r') {
				throw error(this.position, "the end of the string that begins at " + place(start) + ", or \\n",
						"found a line break");
			}
			if (c < ' ') {
				throw error(this.position, "an escape such as \\t", "found a control character in a string");
			}
			if (c == '\\' && !isEscape(this.position + 1)) {
				throw error(this.position, "\\\\ for a backslash, or one of \\\" \\/ \\b \\f \\n \\r \\t \\uXXXX",
						"found an invalid escape");
			}
			this.position += (c == '\\') ? 2 : 1;
		}
		this.position++;
	}

	private boolean isEscape(int position) {
		if (!this.text.startsWith("u", position)) {
			return position < this.text.length() && "\"\\/bfnrt".indexOf(this.text.charAt(position)) >= 0;
		}
		for (int i = position + 1; i <= position + 4; i++) {
			if (i >= this.text.length() || !isHexDigit(this.text.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	private static boolean isHexDigit(char c) {
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
	}

	private void skipWhiteSpace() {
		while (this.position < this.text.length() && " \t\n\r".indexOf(this.text.charAt(this.position)) >= 0) {
			this.position++;
		}
	}

	private int current() {
		return (this.position < this.text.length()) ? this.text.charAt(this.position) : END;
	}

	private SyntaxException error(String expected) {
		return error(this.position, expected, found());
	}

	private SyntaxException error(int position, String expected, String found) {
		return new SyntaxException(
				"has a syntax error at " + place(position) + ": expected " + expected + ", but " + found);
	}

	private String place(int position) {
		return TextPosition.of(this.text, position);
	}

	private String found() {
		if (current() == END) {
			return this.open.isEmpty() ? "the text ends" : "the text ends in the " + (isInObject() ? "object" : "array")
					+ " that begins at " + place(this.open.element());
		}
		return "found " + UnexpectedText.describe(this.text, this.position, isNested());
	}

	private enum Expected {

		VALUE, FIRST_ELEMENT, FIRST_NAME, NAME, COLON, SEPARATOR, END

	}

	/**
	 * Thrown for a text that Go would not decode into the requested type. The message is
	 * a predicate ("is a JSON array, not an object"). It has the position of the error,
	 * never the text.
	 */
	static final class SyntaxException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		SyntaxException(String message) {
			super(message);
		}

	}

}
