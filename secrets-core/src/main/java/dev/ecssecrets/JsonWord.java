// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

/**
 * Word in a text that should be JSON: a literal, a number, or anything else without
 * quotation marks.
 *
 * @param text the text of the word
 */
record JsonWord(String text) {

	/**
	 * Returns the word that begins at a position.
	 * @param text the text
	 * @param position the index of the first character
	 * @return the word, which is empty if no word begins there
	 */
	static JsonWord at(String text, int position) {
		int end = position;
		while (end < text.length() && isPart(text.charAt(end))) {
			end++;
		}
		return new JsonWord(text.substring(position, end));
	}

	private static boolean isPart(char c) {
		return Character.isLetterOrDigit(c) || c == '_' || c == '+' || c == '-' || c == '.';
	}

	boolean isEmpty() {
		return this.text.isEmpty();
	}

	int length() {
		return this.text.length();
	}

	/**
	 * Returns whether the word is a value in JSON.
	 */
	boolean isValue() {
		return isLiteral() || isNumber();
	}

	private boolean isLiteral() {
		return this.text.equals("true") || this.text.equals("false") || this.text.equals("null");
	}

	private boolean isNumber() {
		int start = this.text.startsWith("-") ? 1 : 0;
		int end = skipDigits(start);
		boolean hasLeadingZero = this.text.startsWith("0", start) && end > start + 1;
		return end > start && !hasLeadingZero && skipExponent(skipFraction(end)) == this.text.length();
	}

	/**
	 * Returns the end of the fraction at a position, or the position if there is none.
	 */
	private int skipFraction(int position) {
		if (!this.text.startsWith(".", position)) {
			return position;
		}
		int end = skipDigits(position + 1);
		return (end > position + 1) ? end : position;
	}

	/**
	 * Returns the end of the exponent at a position, or the position if there is none.
	 */
	private int skipExponent(int position) {
		if (!this.text.startsWith("e", position) && !this.text.startsWith("E", position)) {
			return position;
		}
		boolean signed = this.text.startsWith("+", position + 1) || this.text.startsWith("-", position + 1);
		int start = position + (signed ? 2 : 1);
		int end = skipDigits(start);
		return (end > start) ? end : position;
	}

	private int skipDigits(int start) {
		int end = start;
		while (end < this.text.length() && isDigit(this.text.charAt(end))) {
			end++;
		}
		return end;
	}

	private static boolean isDigit(int c) {
		return c >= '0' && c <= '9';
	}

	/**
	 * Describes the word without quoting it, unless it is a literal.
	 */
	String describe() {
		if (isLiteral()) {
			return "the word " + this.text;
		}
		if (isNumber()) {
			return "a number";
		}
		boolean looksLikeNumber = this.text.chars().allMatch((c) -> isDigit(c) || "+-.eE".indexOf(c) >= 0)
				&& this.text.chars().anyMatch(JsonWord::isDigit);
		return looksLikeNumber ? "a number in a form that JSON does not allow, such as 01, +1, .5 or 1."
				: "an unquoted word";
	}

}
