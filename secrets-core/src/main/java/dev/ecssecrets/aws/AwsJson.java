package dev.ecssecrets.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * The JSON that the services speak: objects, arrays, strings and numbers; all else counts
 * as {@code null}.
 */
final class AwsJson {

	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		// No buffer keeps a part of a secret.
		.recyclerPool(JsonRecyclerPools.nonRecyclingPool())
		.build();

	private final Map<?, ?> members;

	private AwsJson(Map<?, ?> members) {
		this.members = members;
	}

	/**
	 * Parses an answer.
	 * @param json the text
	 * @return the object that it is, without members if it is another value; or
	 * {@code null} if it is no JSON
	 */
	static @Nullable AwsJson tryParse(String json) {
		try (JsonParser parser = PARSERS.createParser(ObjectReadContext.empty(), json)) {
			parser.nextToken();
			return new AwsJson((read(parser) instanceof Map<?, ?> members) ? members : Map.of());
		}
		catch (JacksonException ex) {
			// Its message quotes the text.
			return null;
		}
	}

	private static @Nullable Object read(JsonParser parser) {
		JsonToken token = parser.currentToken();
		if (token == JsonToken.START_OBJECT) {
			Map<String, @Nullable Object> members = new HashMap<>();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				parser.nextToken();
				members.put(name, read(parser));
			}
			return members;
		}
		if (token == JsonToken.START_ARRAY) {
			List<@Nullable Object> elements = new ArrayList<>();
			while (parser.nextToken() != JsonToken.END_ARRAY) {
				elements.add(read(parser));
			}
			return elements;
		}
		if (token == JsonToken.VALUE_NUMBER_INT) {
			return parser.getNumberValue();
		}
		return (token == JsonToken.VALUE_STRING) ? parser.getString() : null;
	}

	@Nullable String text(String name) {
		return (this.members.get(name) instanceof String text) ? text : null;
	}

	@Nullable String number(String name) {
		return (this.members.get(name) instanceof Number number) ? number.toString() : null;
	}

	List<String> texts(String name) {
		List<String> texts = new ArrayList<>();
		if (this.members.get(name) instanceof List<?> list) {
			for (Object element : list) {
				if (element instanceof String text) {
					texts.add(text);
				}
			}
		}
		return texts;
	}

	@Nullable SecretValue secret(String name) {
		return (this.members.get(name) instanceof String text) ? SecretValue.of(text) : null;
	}

	List<AwsJson> objects(String name) {
		List<AwsJson> objects = new ArrayList<>();
		if (this.members.get(name) instanceof List<?> list) {
			for (Object element : list) {
				if (element instanceof Map<?, ?> object) {
					objects.add(new AwsJson(object));
				}
			}
		}
		return objects;
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

}
