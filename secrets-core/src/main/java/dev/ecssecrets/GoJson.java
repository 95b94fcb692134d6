package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * A JSON value as Go sees it: the ECS agent decodes a secret by {@code encoding/json}
 * into an {@code interface{}} and prints it by {@code fmt.Sprintf("%v", v)}. It knows no
 * form but the text, so that what is not asked for is not printed.
 */
final class GoJson {

	// Go's own limit is the nesting; it knows no other.
	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder()
			.maxNestingDepth(10_000)
			.maxNameLength(Integer.MAX_VALUE)
			.maxNumberLength(Integer.MAX_VALUE)
			.maxStringLength(Integer.MAX_VALUE)
			.build())
		// No buffer, and no table of names, keeps a part of a secret.
		.recyclerPool(JsonRecyclerPools.nonRecyclingPool())
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		.build();

	// As Go sorts the keys of a map. Strings compare otherwise: by UTF-16.
	private static final Comparator<String> BY_UTF_8 = Comparator
		.comparing((text) -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

	private final String json;

	private GoJson(String json) {
		this.json = json;
	}

	/**
	 * Returns the members of a JSON object.
	 * @param json the text
	 * @return the members in order, the last of several with one name; none for
	 * {@code null}
	 * @throws SyntaxException if Go would not decode the text into a map
	 */
	static Map<String, GoJson> members(String json) {
		Map<String, GoJson> members = new LinkedHashMap<>();
		children(json, JsonToken.START_OBJECT,
				(name, value) -> members.put(wellFormed(Objects.requireNonNull(name)), value));
		return members;
	}

	/**
	 * Returns the elements of a JSON array.
	 * @param json the text
	 * @return the elements in order; none for {@code null}
	 * @throws SyntaxException if Go would not decode the text into a slice
	 */
	static List<GoJson> elements(String json) {
		List<GoJson> elements = new ArrayList<>();
		children(json, JsonToken.START_ARRAY, (name, value) -> elements.add(value));
		return elements;
	}

	private static void children(String json, JsonToken start, BiConsumer<@Nullable String, GoJson> child) {
		// Before the escapes are read: one of them could make a pair with what is
		// unpaired.
		String text = wellFormed(json);
		String expected = (start == JsonToken.START_OBJECT) ? "is not a JSON object" : "is not a JSON array";
		try (JsonParser parser = PARSERS.createParser(ObjectReadContext.empty(), text)) {
			JsonToken first = parser.nextToken();
			if (first != start && first != JsonToken.VALUE_NULL) {
				throw new SyntaxException(expected, parser.currentTokenLocation());
			}
			while (first == start && !parser.nextToken().isStructEnd()) {
				String name = parser.currentName();
				if (parser.currentToken() == JsonToken.PROPERTY_NAME) {
					parser.nextToken();
				}
				int begin = (int) parser.currentTokenLocation().getCharOffset();
				checkValue(parser);
				int end = (int) parser.currentLocation().getCharOffset();
				child.accept(name, new GoJson(text.substring(begin, end)));
			}
			if (parser.nextToken() != null) {
				throw new SyntaxException(expected, parser.currentTokenLocation());
			}
		}
		catch (JacksonException ex) {
			// Not as the cause: its message quotes the text.
			throw new SyntaxException(expected, ex.getLocation());
		}
	}

	/**
	 * Returns a JSON string.
	 * @param text the text
	 * @return the text in quotes, with escapes where it needs them
	 */
	static String quote(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		JsonStringEncoder.getInstance().quoteAsString(text, quoted);
		return quoted.append('"').toString();
	}

	/**
	 * Returns the members of this value.
	 * @return the members
	 * @throws SyntaxException if this value is neither an object nor {@code null}
	 */
	Map<String, GoJson> members() {
		if (!this.json.startsWith("{") && !this.json.equals("null")) {
			throw new SyntaxException("is not a JSON object");
		}
		return members(this.json);
	}

	/**
	 * Returns the elements of this value.
	 * @return the elements
	 * @throws SyntaxException if this value is neither an array nor {@code null}
	 */
	List<GoJson> elements() {
		if (!this.json.startsWith("[") && !this.json.equals("null")) {
			throw new SyntaxException("is not a JSON array");
		}
		return elements(this.json);
	}

	boolean isString() {
		return this.json.startsWith("\"");
	}

	/**
	 * Returns the name that JSON has for the type of this value.
	 * @return such as {@code number}
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
	 * Returns the text of this value.
	 * @return the JSON text as it stands in the document
	 */
	String json() {
		return this.json;
	}

	/**
	 * Prints this value as {@code %v} does.
	 * @return the printed value
	 */
	String print() {
		StringBuilder printed = new StringBuilder();
		Deque<Object> pending = new ArrayDeque<>();
		pending.push(read());
		// Without recursion, which the depth of a value could exhaust.
		while (!pending.isEmpty()) {
			Object next = pending.pop();
			if (next instanceof String text) {
				printed.append(text);
			}
			else {
				List<Object> pieces = pieces(next);
				Collections.reverse(pieces);
				pieces.forEach(pending::push);
			}
		}
		return printed.toString();
	}

	private static List<Object> pieces(Object container) {
		List<Object> pieces = new ArrayList<>();
		if (container instanceof Map<?, ?> map) {
			map.forEach((name, value) -> Collections.addAll(pieces, pieces.isEmpty() ? "map[" : " ", name, ":", value));
		}
		else {
			((List<?>) container).forEach((value) -> Collections.addAll(pieces, pieces.isEmpty() ? "[" : " ", value));
		}
		if (pieces.isEmpty()) {
			pieces.add((container instanceof Map) ? "map[" : "[");
		}
		pieces.add("]");
		return pieces;
	}

	/**
	 * Reads this value into maps and lists of printed scalars.
	 */
	private Object read() {
		List<Object> root = new ArrayList<>();
		Deque<Object> open = new ArrayDeque<>();
		open.push(root);
		try (JsonParser parser = PARSERS.createParser(ObjectReadContext.empty(), this.json)) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				if (token.isStructEnd()) {
					open.pop();
				}
				else if (token != JsonToken.PROPERTY_NAME) {
					Object value = switch (token) {
						case START_OBJECT -> new TreeMap<String, Object>(BY_UTF_8);
						case START_ARRAY -> new ArrayList<>();
						case VALUE_STRING -> wellFormed(parser.getString());
						case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> GoFormat.number(number(parser));
						case VALUE_NULL -> "<nil>";
						default -> parser.getString();
					};
					add(open.element(), parser.currentName(), value);
					if (token.isStructStart()) {
						open.push(value);
					}
				}
			}
		}
		return root.get(0);
	}

	@SuppressWarnings("unchecked")
	private static void add(Object container, @Nullable String name, Object value) {
		if (container instanceof Map<?, ?> map) {
			((Map<String, Object>) map).put(wellFormed(Objects.requireNonNull(name)), value);
		}
		else {
			((List<Object>) container).add(value);
		}
	}

	private static void checkValue(JsonParser parser) {
		int depth = 0;
		do {
			JsonToken token = parser.currentToken();
			if (token.isNumeric() && Double.isInfinite(number(parser))) {
				throw new SyntaxException("has a number out of range", parser.currentTokenLocation());
			}
			parser.finishToken();
			depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
		}
		while (depth > 0 && parser.nextToken() != JsonToken.NOT_AVAILABLE);
	}

	private static double number(JsonParser parser) {
		return Double.parseDouble(parser.getString());
	}

	/**
	 * Replaces unpaired surrogates, which UTF-8 cannot hold, as Go does.
	 */
	private static String wellFormed(String text) {
		if (text.chars().noneMatch((unit) -> Character.isSurrogate((char) unit))) {
			return text;
		}
		StringBuilder result = new StringBuilder(text.length());
		text.codePoints()
			.map((point) -> (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) ? 0xFFFD : point)
			.forEach(result::appendCodePoint);
		return result.toString();
	}

	/**
	 * A text that Go would not decode into a map. It tells the place, never the text.
	 */
	static final class SyntaxException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		SyntaxException(String message) {
			super(message);
		}

		SyntaxException(String message, @Nullable TokenStreamLocation location) {
			super(message + ((location != null)
					? " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")" : ""));
		}

	}

}
