// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Place in a JSON document, for messages about problems there.
 *
 * @param document the name of the document
 * @param pointer the JSON pointer, empty for the document as a whole
 */
record DocumentPlace(String document, String pointer) {

	DocumentPlace to(Object child) {
		return new DocumentPlace(this.document, this.pointer + "/" + child);
	}

	/**
	 * Returns the members of the object at this place.
	 * @throws InvalidTaskDefinitionException if the value is not an object
	 */
	Map<String, GoJson> object(GoJson json) {
		if (!json.isObject()) {
			throw invalid("is a JSON " + json.type() + ", not an object");
		}
		return json.members();
	}

	/**
	 * Reads the value at this place.
	 * @throws InvalidTaskDefinitionException if the value is of another type
	 */
	<T> T read(Supplier<T> reading) {
		try {
			return reading.get();
		}
		catch (JsonSyntax.SyntaxException ex) {
			throw invalid(Objects.requireNonNull(ex.getMessage()));
		}
	}

	/**
	 * Returns the text of a member of the object at this place.
	 * @return the text, empty if it is absent or {@code null}
	 * @throws InvalidTaskDefinitionException if the member is not a string
	 */
	String text(Map<String, GoJson> members, String key) {
		GoJson text = members.get(key);
		if (text == null || text.type().equals("null")) {
			return "";
		}
		if (!text.isString()) {
			throw to(key).invalid("is a JSON " + text.type() + ", not a string");
		}
		return text.print();
	}

	InvalidTaskDefinitionException invalid(String problem) {
		return new InvalidTaskDefinitionException(toString(), problem);
	}

	@Override
	public String toString() {
		return this.pointer.isEmpty() ? this.document : this.document + " " + this.pointer;
	}

}
