// SPDX-License-Identifier: Apache-2.0

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
 * Parser of the JSON that the services answer. It parses a text while it arrives, and
 * stops where it is not JSON.
 */
final class AwsJson {

	/**
	 * Stands for a boolean or a number with a fraction. The services do not use them for
	 * the members that are read here.
	 */
	static final Object OTHER = new Object();

	private static final TokenStreamFactory PARSERS = JsonFactory.builder()
		// So that neither buffers nor a table of names keep parts of a secret.
		.recyclerPool(JsonRecyclerPools.nonRecyclingPool())
		.disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
		// Parsers differ in which of two equal names they use.
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		// An answer with ten parameters has about 300 tokens. Many small values would
		// take
		// more memory than their text.
		.streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).maxTokenCount(2000).build())
		.build();

	private AwsJson() {
	}

	/**
	 * Parses an object.
	 * @param utf8 the text
	 * @return the members of the object: maps, lists, strings, integers, {@link #OTHER}
	 * and {@code null}; or {@code null} if the text is not an object, or has more or
	 * deeper values than an answer of the services
	 * @throws CharacterCodingException if the text is not UTF-8
	 * @throws IOException if the text cannot be read
	 */
	static @Nullable Map<String, @Nullable Object> tryParse(InputStream utf8) throws IOException {
		// With a charset instead of a decoder, malformed input would be replaced.
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
			// Not passed on, because its message quotes the text.
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
	 * Converts a text to a JSON string.
	 * @param text the text
	 * @return the text in quotation marks, with escapes where necessary
	 */
	static String quote(String text) {
		StringBuilder quoted = new StringBuilder("\"");
		JsonStringEncoder.getInstance().quoteAsString(text, quoted);
		return quoted.append('"').toString();
	}

}
