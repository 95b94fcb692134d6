package dev.ecssecrets;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Diagnosis of a text that a JSON parser refused. It reads the text once, without
 * recursion, and describes what it met; it never quotes the text, which may be a secret.
 */
final class JsonSyntax {

	/**
	 * The nesting that Go accepts.
	 */
	static final int MAX_DEPTH = 10_000;

	private static final int END = -1;

	private final String text;

	private int position;

	/**
	 * The positions of the objects and arrays that are not closed yet.
	 */
	private final Deque<Integer> open = new ArrayDeque<>();

	private JsonSyntax(String text) {
		this.text = text;
	}

	/**
	 * Finds the first syntax error.
	 * @param text the text
	 * @throws SyntaxException if there is one, with its place, what was expected and what
	 * was found
	 */
	static void check(String text) {
		new JsonSyntax(text).check();
	}

	/**
	 * Returns the place of a character, as editors count: a tab is one column, and so is
	 * a character outside the Basic Multilingual Plane.
	 * @param text the text
	 * @param position the index of the character
	 * @return the line and the column, both from 1
	 */
	static String place(String text, int position) {
		int line = 1;
		int start = 0;
		for (int i = 0; i < position; i++) {
			char c = text.charAt(i);
			if (c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1))) {
				line++;
				start = i + 1;
			}
		}
		return "line " + line + ", column " + (text.codePointCount(start, position) + 1);
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
			String word = word();
			if (!isLiteral(word) && !isNumber(word)) {
				throw error(expected);
			}
			this.position += word.length();
		}
		return afterValue();
	}

	private Expected name(String expected) {
		if (current() != '"') {
			if (current() != END && isPlaceholder(this.position - 1)) {
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
		return isDigit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
	}

	/**
	 * Returns the characters up to the next one that can be in neither a number nor a
	 * word.
	 */
	private String word() {
		int end = this.position;
		while (end < this.text.length() && isWordPart(this.text.charAt(end))) {
			end++;
		}
		return this.text.substring(this.position, end);
	}

	private static boolean isWordPart(char c) {
		return Character.isLetterOrDigit(c) || c == '_' || c == '+' || c == '-' || c == '.';
	}

	private static boolean isLiteral(String word) {
		return word.equals("true") || word.equals("false") || word.equals("null");
	}

	private static boolean isNumber(String word) {
		int start = word.startsWith("-") ? 1 : 0;
		int end = digits(word, start);
		if (end == start || (word.charAt(start) == '0' && end > start + 1)) {
			return false;
		}
		if (word.startsWith(".", end)) {
			start = end + 1;
			end = digits(word, start);
			if (end == start) {
				return false;
			}
		}
		if (word.startsWith("e", end) || word.startsWith("E", end)) {
			start = (word.startsWith("+", end + 1) || word.startsWith("-", end + 1)) ? end + 2 : end + 1;
			end = digits(word, start);
			if (end == start) {
				return false;
			}
		}
		return end == word.length();
	}

	private static int digits(String word, int start) {
		int end = start;
		while (end < word.length() && isDigit(word.charAt(end))) {
			end++;
		}
		return end;
	}

	private static boolean isDigit(int c) {
		return c >= '0' && c <= '9';
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
		return error(this.position, expected, met());
	}

	private SyntaxException error(int position, String expected, String met) {
		return new SyntaxException(
				"has a syntax error at " + place(position) + ": expected " + expected + ", but " + met);
	}

	private String place(int position) {
		return place(this.text, position);
	}

	private String met() {
		if (current() == END) {
			return this.open.isEmpty() ? "the text ends" : "the text ends in the " + (isInObject() ? "object" : "array")
					+ " that begins at " + place(this.open.element());
		}
		return "found " + describe(this.text.codePointAt(this.position));
	}

	private String describe(int c) {
		if (isPlaceholder(this.position)) {
			return "an unresolved placeholder";
		}
		if (isComment()) {
			return "a comment, which JSON does not have";
		}
		if (c <= Character.MAX_VALUE && isWordPart((char) c)) {
			return describe(word());
		}
		return switch (c) {
			case '{' -> "an object";
			case '}' -> "a closing brace";
			case '[' -> "an array";
			case ']' -> "a closing bracket";
			case ',' -> "a comma";
			case ':' -> "a colon";
			case ';' -> "a semicolon";
			case '=' -> "an equals sign";
			case '<' -> this.text.startsWith("<<<<<<<", this.position) ? "a marker of a merge conflict"
					: "a tag of XML or HTML";
			case '"' -> "a string";
			case '\'' -> "a single quotation mark, where JSON has double ones";
			case '`', '\u00ab', '\u00bb', '\u2018', '\u2019', '\u201a', '\u201b', '\u201c', '\u201d', '\u201e',
					'\u201f' ->
				"a quotation mark that is not the plain double one";
			case '\ufeff' -> "a byte order mark";
			default -> describeInvisible(c);
		};
	}

	private static String describe(String word) {
		if (isLiteral(word)) {
			return "the word " + word;
		}
		if (isNumber(word)) {
			return "a number";
		}
		boolean number = word.chars().allMatch((c) -> isDigit(c) || "+-.eE".indexOf(c) >= 0)
				&& word.chars().anyMatch(JsonSyntax::isDigit);
		return number ? "a number in a form that JSON does not have, such as 01, +1, .5 or 1." : "an unquoted word";
	}

	private static String describeInvisible(int c) {
		if (Character.isISOControl(c)) {
			return "a control character";
		}
		boolean invisible = Character.isSpaceChar(c) || Character.getType(c) == Character.FORMAT;
		return invisible ? "white space that JSON does not have, such as a no-break space"
				: "a character that JSON has only in strings";
	}

	private boolean isComment() {
		return this.text.startsWith("//", this.position) || this.text.startsWith("/*", this.position)
				|| this.text.startsWith("#", this.position);
	}

	/**
	 * Returns whether a placeholder of a common template language begins at a position:
	 * <code>${…}</code>, <code>$NAME</code>, <code>#{…}</code>, <code>{{…}}</code>,
	 * <code>{%…%}</code>, {@code <NAME>}, {@code <%…%>}, {@code %NAME%} or
	 * {@code @NAME@}.
	 */
	private boolean isPlaceholder(int position) {
		if (position < 0 || position + 1 >= this.text.length()) {
			return false;
		}
		char next = this.text.charAt(position + 1);
		boolean name = Character.isLetter(next) || next == '_';
		return switch (this.text.charAt(position)) {
			case '$' -> name || next == '{' || next == '(';
			case '#' -> next == '{';
			case '{' -> next == '{' || next == '%';
			case '<' -> next == '%' || (name && !this.open.isEmpty());
			case '%', '@' -> name;
			default -> false;
		};
	}

	private enum Expected {

		VALUE, FIRST_ELEMENT, FIRST_NAME, NAME, COLON, SEPARATOR, END

	}

	/**
	 * A text that Go would not decode into the type that was asked for. The message is a
	 * predicate ("is a JSON array, not an object"): it has the place, never the text.
	 */
	static final class SyntaxException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		SyntaxException(String message) {
			super(message);
		}

	}

}
