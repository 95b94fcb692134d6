// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Printer of a decoded JSON value in the format of Go's {@code %v}. It receives the value
 * piece by piece, and works without recursion, which deep nesting could exhaust.
 */
final class GoPrinter {

	// The order of Go for the keys of a map. Strings compare by UTF-16.
	private static final Comparator<String> BY_UTF_8 = Comparator
		.comparing((text) -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

	private final Container document = new Container("");

	private final Deque<Container> open = new ArrayDeque<>(List.of(this.document));

	void startObject() {
		this.open.push(new Container("map["));
	}

	void startArray() {
		this.open.push(new Container("["));
	}

	/**
	 * Ends the current object or array.
	 * @param name its name, or {@code null} if it is no member of an object
	 */
	void end(@Nullable String name) {
		Part closed = this.open.pop().close();
		this.open.element().add(name, closed);
	}

	/**
	 * Adds a string, number, boolean or {@code null}.
	 * @param name its name, or {@code null} if it is no member of an object
	 * @param printed the printed value
	 */
	void scalar(@Nullable String name, String printed) {
		this.open.element().add(name, new Part(printed));
	}

	/**
	 * Prints the value.
	 * @return the text
	 */
	String print() {
		StringBuilder printed = new StringBuilder();
		Deque<Part> pending = new ArrayDeque<>(this.document.elements);
		while (!pending.isEmpty()) {
			Part next = pending.pop();
			printed.append(next.text());
			for (int i = next.rest().size() - 1; i >= 0; i--) {
				pending.push(next.rest().get(i));
			}
		}
		return printed.toString();
	}

	/**
	 * Part of a printed value.
	 *
	 * @param text the text that it begins with
	 * @param rest the parts that follow the text
	 */
	private record Part(String text, List<Part> rest) {

		Part(String text) {
			this(text, List.of());
		}

	}

	/**
	 * Object or array that has not ended yet.
	 */
	private static final class Container {

		private final String start;

		private final Map<String, Part> members = new TreeMap<>(BY_UTF_8);

		private final List<Part> elements = new ArrayList<>();

		Container(String start) {
			this.start = start;
		}

		void add(@Nullable String name, Part value) {
			if (name != null) {
				this.members.put(name, value);
			}
			else {
				this.elements.add(value);
			}
		}

		Part close() {
			List<Part> rest = new ArrayList<>();
			this.members.forEach((name, value) -> add(rest, name + ":", value));
			this.elements.forEach((value) -> add(rest, "", value));
			rest.add(new Part("]"));
			return new Part(this.start, rest);
		}

		private static void add(List<Part> rest, String label, Part value) {
			rest.add(new Part(rest.isEmpty() ? label : " " + label, List.of(value)));
		}

	}

}
