// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

/**
 * Position in a text, as editors count it.
 */
final class TextPosition {

	private TextPosition() {
	}

	/**
	 * Describes the position of a character. A tab is one column, and so is a character
	 * outside the Basic Multilingual Plane.
	 * @param text the text
	 * @param index the index of the character
	 * @return the line and the column, both from 1
	 */
	static String of(String text, int index) {
		int line = 1;
		int start = 0;
		for (int i = 0; i < index; i++) {
			char c = text.charAt(i);
			if (c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1))) {
				line++;
				start = i + 1;
			}
		}
		return "line " + line + ", column " + (text.codePointCount(start, index) + 1);
	}

}
