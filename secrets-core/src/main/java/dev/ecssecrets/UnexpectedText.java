// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

/**
 * Description of the text at a position where a JSON parser expected something else. It
 * names common mistakes, and never quotes the text.
 */
final class UnexpectedText {

	private static final String QUOTATION_MARKS = "`\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f";

	private UnexpectedText() {
	}

	/**
	 * Describes the text at a position.
	 * @param text the text
	 * @param position the index of a character
	 * @param nested whether the position is in an object or an array
	 * @return a noun phrase
	 */
	static String describe(String text, int position, boolean nested) {
		if (isPlaceholder(text, position, nested)) {
			return "an unresolved placeholder";
		}
		if (isComment(text, position)) {
			return "a comment, which JSON does not allow";
		}
		JsonWord word = JsonWord.at(text, position);
		return word.isEmpty() ? describeCharacter(text, position) : word.describe();
	}

	private static String describeCharacter(String text, int position) {
		int c = text.codePointAt(position);
		return switch (c) {
			case '{' -> "an object";
			case '}' -> "a closing brace";
			case '[' -> "an array";
			case ']' -> "a closing bracket";
			case ',' -> "a comma";
			case ':' -> "a colon";
			case ';' -> "a semicolon";
			case '=' -> "an equals sign";
			case '<' -> text.startsWith("<<<<<<<", position) ? "a merge conflict marker" : "an XML or HTML tag";
			case '"' -> "a string";
			case '\'' -> "a single quotation mark, where JSON requires double ones";
			case '\ufeff' -> "a byte order mark";
			default -> describeForeign(c);
		};
	}

	private static String describeForeign(int c) {
		if (QUOTATION_MARKS.indexOf(c) >= 0) {
			return "a quotation mark other than the plain double one";
		}
		if (Character.isISOControl(c)) {
			return "a control character";
		}
		boolean invisible = Character.isSpaceChar(c) || Character.getType(c) == Character.FORMAT;
		return invisible ? "white space that JSON does not allow, such as a no-break space"
				: "a character that JSON allows only in strings";
	}

	private static boolean isComment(String text, int position) {
		return text.startsWith("//", position) || text.startsWith("/*", position) || text.startsWith("#", position);
	}

	/**
	 * Returns whether a placeholder of a common template language begins at a position:
	 * <code>${…}</code>, <code>$NAME</code>, <code>#{…}</code>, <code>{{…}}</code>,
	 * <code>{%…%}</code>, {@code <NAME>}, {@code <%…%>}, {@code %NAME%} or
	 * {@code @NAME@}. Outside objects and arrays, {@code <NAME>} is a tag of XML.
	 */
	static boolean isPlaceholder(String text, int position, boolean nested) {
		if (position < 0 || position + 1 >= text.length()) {
			return false;
		}
		char next = text.charAt(position + 1);
		boolean name = Character.isLetter(next) || next == '_';
		return switch (text.charAt(position)) {
			case '$' -> name || next == '{' || next == '(';
			case '#' -> next == '{';
			case '{' -> next == '{' || next == '%';
			case '<' -> next == '%' || (name && nested);
			case '%', '@' -> name;
			default -> false;
		};
	}

}
