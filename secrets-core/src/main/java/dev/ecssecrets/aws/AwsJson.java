package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * JSON as the services speak it. A text is parsed while it arrives, and only as far as it
 * is JSON.
 */
final class AwsJson {

	/**
	 * A boolean or a number with a fraction: no member that is read here has such a
	 * value.
	 */
	static final Object OTHER = new Object();

	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		// No buffer keeps a part of a secret, and no table the names of members.
		.recyclerPool(JsonRecyclerPools.nonRecyclingPool())
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		// Of two equal names, one reader may take the first and another the last.
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		// Ten parameters have about 300 tokens. Many small values take more memory than
		// their text.
		.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).maxTokenCount(2000).build())
		.build();

	private AwsJson() {
	}

	/**
	 * Parses an object.
	 * @param utf8 the text
	 * @return the members of the object: maps, lists, strings, integers, {@link #OTHER}
	 * and {@code null}. Returns {@code null} if the text is anything else than an object,
	 * or has more or deeper values than an answer of the services.
	 * @throws CharacterCodingException if the text is not UTF-8
	 * @throws IOException if the text cannot be read
	 */
	static @Nullable Map<String, @Nullable Object> tryParse(InputStream utf8) throws IOException {
		// With a charset instead of a decoder it would replace what is malformed.
		InputStreamReader text = new InputStreamReader(utf8, StandardCharsets.UTF_8.newDecoder());
		try (JsonParser parser = PARSERS.createParser(ObjectReadContext.empty(), text)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			Map<String, @Nullable Object> members = readObject(parser);
			return (parser.nextToken() == null) ? members : null;
		}
		catch (JacksonIOException ex) {
			throw ex.getCause();
		}
		catch (JacksonException ex) {
			// Its message quotes the text.
			return null;
		}
	}

	private static @Nullable Object read(JsonParser parser, JsonToken token) {
		if (token == JsonToken.START_OBJECT) {
			return readObject(parser);
		}
		if (token == JsonToken.START_ARRAY) {
			return readArray(parser);
		}
		if (token == JsonToken.VALUE_STRING) {
			return parser.getString();
		}
		if (token == JsonToken.VALUE_NUMBER_INT) {
			return parser.getNumberValue();
		}
		return (token == JsonToken.VALUE_NULL) ? null : OTHER;
	}

	private static Map<String, @Nullable Object> readObject(JsonParser parser) {
		Map<String, @Nullable Object> members = new HashMap<>();
		while (parser.nextToken() != JsonToken.END_OBJECT) {
			String name = parser.currentName();
			members.put(name, read(parser, parser.nextToken()));
		}
		return members;
	}

	private static List<@Nullable Object> readArray(JsonParser parser) {
		List<@Nullable Object> elements = new ArrayList<>();
		for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY;) {
			elements.add(read(parser, token));
		}
		return elements;
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
