// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;

import dev.ecssecrets.PrintableText;

import org.springframework.util.SystemPropertyUtils;

/**
 * Placeholders that have no value, such as <code>${NAME}</code>.
 */
final class Placeholders {

	private static final String START = SystemPropertyUtils.PLACEHOLDER_PREFIX;

	private Placeholders() {
	}

	/**
	 * Describes the placeholders that are left in a text after all that have a value were
	 * replaced.
	 * @param text the text
	 * @param written the text before that. Placeholders that are not in it come from a
	 * value, which may be a secret: they are not shown
	 * @return the description, empty if there is none
	 */
	static String describe(String text, String written) {
		List<String> problems = new ArrayList<>();
		int start = text.indexOf(START);
		while (start != -1) {
			int end = text.indexOf(SystemPropertyUtils.PLACEHOLDER_SUFFIX, start);
			if (end == -1) {
				break;
			}
			String placeholder = text.substring(start, end + 1);
			String property = placeholder.substring(placeholder.lastIndexOf(START) + START.length(),
					placeholder.length() - 1);
			problems.add(written.contains(placeholder)
					? PrintableText.of("the placeholder " + placeholder + " has no value: define the property '"
							+ property.split(SystemPropertyUtils.VALUE_SEPARATOR, 2)[0] + "'")
					: "the value of a placeholder has another placeholder, which has no value");
			start = text.indexOf(START, end);
		}
		return String.join("; ", problems);
	}

}
