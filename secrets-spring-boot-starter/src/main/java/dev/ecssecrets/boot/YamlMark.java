// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * Place in a YAML file that SnakeYAML could not read, with as much of the line as
 * SnakeYAML had in memory. SnakeYAML is read by reflection, as this library does not
 * depend on it.
 *
 * @param line the line, from 0
 * @param column the column in code points, from 0
 * @param before the text of the line before the place, without its beginning if that was
 * no longer in memory
 * @param after the text from the place on
 * @param isComplete whether the two are the whole line
 */
record YamlMark(int line, int column, String before, String after, boolean isComplete) {

	private static final String MARKED = "org.yaml.snakeyaml.error.MarkedYAMLException";

	/**
	 * Returns the places that an exception names, the problem first. There are none if it
	 * is not one of SnakeYAML's.
	 */
	static List<YamlMark> of(Throwable exception) {
		if (!isMarked(exception)) {
			return List.of();
		}
		BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(exception);
		return Stream.of("problemMark", "contextMark")
			.map(properties::getPropertyValue)
			.filter(Objects::nonNull)
			.map((mark) -> of(PropertyAccessorFactory.forBeanPropertyAccess(mark)))
			.toList();
	}

	private static boolean isMarked(Throwable exception) {
		for (Class<?> type = exception.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().equals(MARKED)) {
				return true;
			}
		}
		return false;
	}

	private static YamlMark of(BeanWrapper mark) {
		int[] buffer = property(mark, "buffer", int[].class);
		int place = Math.min(property(mark, "pointer", Integer.class), buffer.length);
		int start = place;
		while (start > 0 && !isBreak(buffer[start - 1])) {
			start--;
		}
		int end = place;
		while (end < buffer.length && !isBreak(buffer[end])) {
			end++;
		}
		int column = property(mark, "column", Integer.class);
		// After a colon, no more than a comment is relevant, which may be cut.
		boolean isComplete = place - start == column
				&& (end < buffer.length || (place < buffer.length && buffer[place] == ':'));
		return new YamlMark(property(mark, "line", Integer.class), column, new String(buffer, start, place - start),
				new String(buffer, place, end - place), isComplete);
	}

	private static boolean isBreak(int character) {
		return character == '\n' || character == '\r' || character == 0;
	}

	private static <T> T property(BeanWrapper bean, String name, Class<T> type) {
		return type.cast(Objects.requireNonNull(bean.getPropertyValue(name)));
	}

	/**
	 * Returns whether this place is in a file.
	 */
	boolean isIn(List<String> lines) {
		if (this.line >= lines.size()) {
			return false;
		}
		String line = lines.get(this.line);
		if (line.codePointCount(0, line.length()) < this.column) {
			return false;
		}
		int index = line.offsetByCodePoints(0, this.column);
		return line.startsWith(this.after, index) && line.substring(0, index).endsWith(this.before);
	}

	String text() {
		return this.before + this.after;
	}

	/**
	 * Returns where in the text the place is.
	 */
	int index() {
		return this.before.length();
	}

}
