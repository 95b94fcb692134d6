// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

import dev.ecssecrets.JsonSyntax.SyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * JSON value as Go decodes it. The ECS agent decodes a secret with {@code encoding/json}
 * into an {@code interface{}}, and prints it with {@code fmt.Sprintf("%v", v)}. An
 * instance holds only its text, which is parsed on request.
 */
final class GoJson {

	// Go limits only the nesting.
	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder()
			.maxNestingDepth(JsonSyntax.MAX_DEPTH)
			.maxNameLength(Integer.MAX_VALUE)
			.maxNumberLength(Integer.MAX_VALUE)
			.maxStringLength(Integer.MAX_VALUE)
			.build())
		// So that neither buffers nor a table of names keep parts of a secret.
		.recyclerPool(JsonRecyclerPools.nonRecyclingPool())
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		.build();

	private final String json;

	private GoJson(String json) {
		this.json = json;
	}

	/**
	 * Returns a JSON value.
	 * @param json the text
	 * @return the value, of any type
	 * @throws SyntaxException if Go would not decode the text
	 */
	static GoJson of(String json) {
		String text = wellFormed(json);
		try (JsonParser parser = parser(text)) {
			if (parser.nextToken() != null) {
				GoJson value = value(parser, text);
				if (parser.nextToken() == null) {
					return value;
				}
			}
			throw syntaxError(text);
		}
		catch (JacksonException ex) {
			throw syntaxError(text);
		}
	}

	/**
	 * Returns the members of a JSON object.
	 * @param json the text
	 * @return the members in order, and only the last of several with the same name; none
	 * for {@code null}
	 * @throws SyntaxException if Go would not decode the text into a map
	 */
	static Map<String, GoJson> members(String json) {
		return new GoJson(wellFormed(json)).members();
	}

	/**
	 * Converts a text to a JSON string.
	 * @param text the text
	 * @return the text in quotation marks, with escapes where necessary
	 */
	static String quote(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		JsonStringEncoder.getInstance().quoteAsString(text, quoted);
		return quoted.append('"').toString();
	}

	/**
	 * Returns the members of this value.
	 * @return the members in order, and only the last of several with the same name; none
	 * for {@code null}
	 * @throws SyntaxException if this value is neither an object nor {@code null}
	 */
	Map<String, GoJson> members() {
		Map<String, GoJson> members = new LinkedHashMap<>();
		children(JsonToken.START_OBJECT, (name, value) -> members.put(wellFormed(Objects.requireNonNull(name)), value));
		return members;
	}

	/**
	 * Returns the elements of this value.
	 * @return the elements in order; none for {@code null}
	 * @throws SyntaxException if this value is neither an array nor {@code null}
	 */
	List<GoJson> elements() {
		List<GoJson> elements = new ArrayList<>();
		children(JsonToken.START_ARRAY, (name, value) -> elements.add(value));
		return elements;
	}

	private void children(JsonToken start, BiConsumer<@Nullable String, GoJson> child) {
		try (JsonParser parser = parser(this.json)) {
			JsonToken first = parser.nextToken();
			if (first != start && first != JsonToken.VALUE_NULL) {
				throw otherType(this.json, (start == JsonToken.START_OBJECT) ? "object" : "array");
			}
			while (first == start && !parser.nextToken().isStructEnd()) {
				String name = parser.currentName();
				if (parser.currentToken() == JsonToken.PROPERTY_NAME) {
					parser.nextToken();
				}
				child.accept(name, value(parser, this.json));
			}
			if (parser.nextToken() != null) {
				throw syntaxError(this.json);
			}
		}
		catch (JacksonException ex) {
			throw syntaxError(this.json);
		}
	}

	boolean isObject() {
		return this.json.startsWith("{");
	}

	boolean isArray() {
		return this.json.startsWith("[");
	}

	boolean isString() {
		return this.json.startsWith("\"");
	}

	/**
	 * Returns the JSON type of this value.
	 * @return the name of the type, such as {@code number}
	 */
	String type() {
		return switch (this.json.charAt(0)) {
			case '{' -> "object";
			case '[' -> "array";
			case '"' -> "string";
			case 't', 'f' -> "boolean";
			case 'n' -> "null";
			default -> "number";
		};
	}

	/**
	 * Returns the JSON text of this value.
	 * @return the text exactly as in the document
	 */
	String json() {
		return this.json;
	}

	/**
	 * Prints this value as {@code %v} does.
	 * @return the printed value
	 */
	String print() {
		if (isString() && this.json.indexOf('\\') == -1) {
			return this.json.substring(1, this.json.length() - 1);
		}
		GoPrinter printer = new GoPrinter();
		try (JsonParser parser = parser(this.json)) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				switch (token) {
					case PROPERTY_NAME -> {
					}
					case START_OBJECT -> printer.startObject();
					case START_ARRAY -> printer.startArray();
					case END_OBJECT, END_ARRAY -> printer.end(name(parser));
					default -> printer.scalar(name(parser), scalar(token, parser));
				}
			}
		}
		return printer.print();
	}

	private static @Nullable String name(JsonParser parser) {
		String name = parser.currentName();
		return (name != null) ? wellFormed(name) : null;
	}

	private static String scalar(JsonToken token, JsonParser parser) {
		return switch (token) {
			case VALUE_STRING -> wellFormed(parser.getString());
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> GoFormat.number(number(parser));
			case VALUE_NULL -> "<nil>";
			default -> parser.getString();
		};
	}

	private static JsonParser parser(String text) {
		// Of an array, as the parser of a short text would copy it to a buffer of 8 KB.
		return PARSERS.createParser(ObjectReadContext.empty(), text.toCharArray());
	}

	/**
	 * Reads the value that begins with the current token.
	 */
	private static GoJson value(JsonParser parser, String text) {
		int begin = (int) parser.currentTokenLocation().getCharOffset();
		int depth = 0;
		do {
			JsonToken token = parser.currentToken();
			if (token.isNumeric() && Double.isInfinite(number(parser))) {
				JsonSyntax.check(text);
				throw new SyntaxException("has a number out of range at "
						+ TextPosition.of(text, (int) parser.currentTokenLocation().getCharOffset()));
			}
			parser.finishToken();
			depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
		}
		while (depth > 0 && parser.nextToken() != JsonToken.NOT_AVAILABLE);
		return new GoJson(text.substring(begin, (int) parser.currentLocation().getCharOffset()));
	}

	// The parser's exception is not the cause, because its message quotes the text.
	private static SyntaxException syntaxError(String text) {
		JsonSyntax.check(text);
		return new SyntaxException("is not JSON");
	}

	private static SyntaxException otherType(String text, String expected) {
		JsonSyntax.check(text);
		return new SyntaxException("is a JSON " + new GoJson(text.strip()).type() + ", not an " + expected);
	}

	private static double number(JsonParser parser) {
		return Double.parseDouble(parser.getString());
	}

	/**
	 * Replaces unpaired surrogates as Go does. UTF-8 cannot encode them.
	 */
	private static String wellFormed(String text) {
		if (!hasSurrogate(text)) {
			return text;
		}
		StringBuilder result = new StringBuilder(text.length());
		text.codePoints()
			.map((point) -> (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) ? 0xFFFD : point)
			.forEach(result::appendCodePoint);
		return result.toString();
	}

	private static boolean hasSurrogate(String text) {
		for (int i = 0; i < text.length(); i++) {
			if (Character.isSurrogate(text.charAt(i))) {
				return true;
			}
		}
		return false;
	}

}
