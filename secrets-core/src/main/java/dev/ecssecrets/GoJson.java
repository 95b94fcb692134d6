package dev.ecssecrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
 * A JSON value as Go sees it: the ECS agent decodes a secret by {@code encoding/json}
 * into an {@code interface{}} and prints it by {@code fmt.Sprintf("%v", v)}. It knows no
 * form but the text, so that what is not asked for is not printed.
 */
final class GoJson {

	// Go's own limit is the nesting; it knows no other.
	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder()
			.maxNestingDepth(JsonSyntax.MAX_DEPTH)
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
	 * @return the members in order, the last of several with one name; none for
	 * {@code null}
	 * @throws SyntaxException if Go would not decode the text into a map
	 */
	static Map<String, GoJson> members(String json) {
		return new GoJson(wellFormed(json)).members();
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
	 * @return the members in order, the last of several with one name; none for
	 * {@code null}
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
		Deque<Part> pending = new ArrayDeque<>(List.of(read()));
		// Without recursion, which the depth of a value could exhaust.
		while (!pending.isEmpty()) {
			Part next = pending.pop();
			printed.append(next.text());
			for (int i = next.rest().size() - 1; i >= 0; i--) {
				pending.push(next.rest().get(i));
			}
		}
		return printed.toString();
	}

	private Part read() {
		Container document = new Container("");
		Deque<Container> open = new ArrayDeque<>(List.of(document));
		try (JsonParser parser = parser(this.json)) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				if (token.isStructStart()) {
					open.push(new Container((token == JsonToken.START_OBJECT) ? "map[" : "["));
				}
				else if (token.isStructEnd()) {
					Part closed = open.pop().close();
					open.element().add(parser.currentName(), closed);
				}
				else if (token.isScalarValue()) {
					open.element().add(parser.currentName(), new Part(scalar(token, parser)));
				}
			}
		}
		return document.elements.get(0);
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
		return PARSERS.createParser(ObjectReadContext.empty(), text);
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

	// Not with the parser's exception as the cause: its message quotes the text.
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
	 * A piece of a printed value.
	 *
	 * @param text the text that it begins with
	 * @param rest the pieces that follow the text
	 */
	private record Part(String text, List<Part> rest) {

		Part(String text) {
			this(text, List.of());
		}

	}

	/**
	 * An object or an array while it is being read.
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
				this.members.put(wellFormed(name), value);
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
