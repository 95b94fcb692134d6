// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import tools.jackson.databind.json.JsonMapper;

/**
 * Values that stand nowhere but in secrets, and the search for them: as a whole and for
 * each run of letters and digits, plain and in every encoding.
 */
final class Canaries {

	private static final int KEY = Long.BYTES;

	private static final Pattern RUN = Pattern.compile("[A-Za-z0-9]{16,}");

	private static final Pattern PART = Pattern.compile("=== (\\S+) begins\\R");

	private static final int CONTEXT = 160;

	/**
	 * The ways to write a value.
	 */
	static final Map<String, Function<String, String>> ENCODINGS = encodings();

	private final Map<Long, List<Needle>> needles = new HashMap<>();

	private final List<String> names = new ArrayList<>();

	/**
	 * Returns letters and digits that are always the same for a seed, and occur nowhere
	 * else.
	 */
	static String letters(String seed) {
		try {
			byte[] hash = MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8));
			return "c" + new BigInteger(1, hash).toString(Character.MAX_RADIX).substring(0, 19);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static String digits(String seed) {
		return "7" + new BigInteger(letters(seed), Character.MAX_RADIX).toString().substring(2, 19);
	}

	private static Map<String, Function<String, String>> encodings() {
		Map<String, Function<String, String>> encodings = new LinkedHashMap<>();
		encodings.put("plain", (value) -> value);
		encodings.put("upper case", (value) -> value.toUpperCase(Locale.ROOT));
		encodings.put("lower case", (value) -> value.toLowerCase(Locale.ROOT));
		encodings.put("reversed", (value) -> new StringBuilder(value).reverse().toString());
		encodings.put("characters", (value) -> Arrays.toString(value.toCharArray()));
		encodings.put("bytes", (value) -> Arrays.toString(utf8(value)));
		encodings.put("hex", (value) -> HexFormat.of().formatHex(utf8(value)));
		encodings.put("HEX", (value) -> HexFormat.of().withUpperCase().formatHex(utf8(value)));
		encodings.put("hex with blanks", (value) -> HexFormat.ofDelimiter(" ").formatHex(utf8(value)));
		encodings.put("HEX with blanks", (value) -> HexFormat.ofDelimiter(" ").withUpperCase().formatHex(utf8(value)));
		for (int shift = 0; shift < 3; shift++) {
			int before = shift;
			encodings.put("Base64 at " + shift, (value) -> base64(Base64.getEncoder(), before, value));
			encodings.put("URL-safe Base64 at " + shift, (value) -> base64(Base64.getUrlEncoder(), before, value));
		}
		encodings.put("URL", (value) -> URLEncoder.encode(value, StandardCharsets.UTF_8));
		encodings.put("url", (value) -> lowerHex(URLEncoder.encode(value, StandardCharsets.UTF_8)));
		encodings.put("URL with %20", (value) -> URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
		encodings.put("url with %20",
				(value) -> lowerHex(URLEncoder.encode(value, StandardCharsets.UTF_8)).replace("+", "%20"));
		encodings.put("JSON", Canaries::json);
		encodings.put("JSON in ASCII", (value) -> ascii(json(value)));
		encodings.put("Java", (value) -> ascii(value));
		return encodings;
	}

	private static byte[] utf8(String value) {
		return value.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Base64 of a value that stands after some other bytes: without the characters that
	 * depend on what is beside it.
	 */
	private static String base64(Base64.Encoder encoder, int before, String value) {
		byte[] bytes = utf8(value);
		String all = encoder.withoutPadding()
			.encodeToString(ByteBuffer.allocate(before + bytes.length).position(before).put(bytes).array());
		int start = (before * 8 + 5) / 6;
		int end = (before + bytes.length) * 8 / 6;
		return all.substring(start, end);
	}

	private static String lowerHex(String value) {
		return Pattern.compile("%..").matcher(value).replaceAll((match) -> match.group().toLowerCase(Locale.ROOT));
	}

	private static String json(String value) {
		String quoted = new JsonMapper().writeValueAsString(value);
		return quoted.substring(1, quoted.length() - 1);
	}

	private static String ascii(String value) {
		return value.chars()
			.mapToObj((c) -> (c < 128) ? String.valueOf((char) c) : "\\u%04x".formatted(c))
			.collect(Collectors.joining());
	}

	/**
	 * Splits a log where a line says that something begins: {@code === name begins}.
	 * @return the parts by {@code where, name}
	 */
	static Map<String, byte[]> parts(String where, byte[] text) {
		Map<String, byte[]> parts = new LinkedHashMap<>();
		Matcher matcher = PART.matcher(new String(text, StandardCharsets.ISO_8859_1));
		String name = where;
		int start = 0;
		while (matcher.find()) {
			parts.put(name, Arrays.copyOfRange(text, start, matcher.start()));
			name = where + ", " + matcher.group(1);
			start = matcher.end();
		}
		parts.put(name, Arrays.copyOfRange(text, start, text.length));
		return parts;
	}

	/**
	 * Takes a value into the search.
	 */
	void add(String name, String value) {
		this.names.add(name);
		List<String> parts = Stream.concat(Stream.of(value), RUN.matcher(value).results().map((match) -> match.group()))
			.distinct()
			.toList();
		for (String part : parts) {
			ENCODINGS.forEach((encoding, encode) -> {
				// Brackets are those of the whole array.
				String text = encode.apply(part).replaceAll("^\\[|\\]$", "");
				byte[] bytes = utf8(text);
				if (bytes.length < KEY) {
					throw new IllegalArgumentException(name + " is too short");
				}
				List<Needle> same = this.needles.computeIfAbsent(ByteBuffer.wrap(bytes).getLong(),
						(key) -> new ArrayList<>());
				if (same.stream().noneMatch((needle) -> Arrays.equals(needle.bytes, bytes))) {
					same.add(new Needle(name, encoding, bytes));
				}
			});
		}
	}

	int size() {
		return this.names.size();
	}

	/**
	 * Returns where values stand in what was written somewhere.
	 */
	List<Find> find(String where, byte[] text) {
		List<Find> finds = new ArrayList<>();
		long window = 0;
		for (int i = 0; i < text.length; i++) {
			window = window << Byte.SIZE | (text[i] & 0xFF);
			int start = i - KEY + 1;
			List<Needle> candidates = (start >= 0) ? this.needles.getOrDefault(window, List.of()) : List.of();
			for (Needle needle : candidates) {
				int end = start + needle.bytes.length;
				if (end <= text.length && Arrays.equals(text, start, end, needle.bytes, 0, needle.bytes.length)) {
					finds.add(new Find(needle.name, needle.encoding, where, line(text, start, end)));
				}
			}
		}
		return finds;
	}

	List<Find> find(String where, String text) {
		return find(where, utf8(text));
	}

	/**
	 * Returns the beginning of the line, which says who wrote it, and what is next to a
	 * value.
	 */
	private static String line(byte[] text, int start, int end) {
		int first = start;
		while (first > 0 && text[first - 1] != '\n') {
			first--;
		}
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		if (start - first > 2 * CONTEXT) {
			line.write(text, first, CONTEXT);
			line.writeBytes(utf8(" ... "));
			first = start - CONTEXT;
		}
		line.write(text, first, start - first);
		line.writeBytes(utf8("<found>"));
		int last = end;
		while (last < text.length && last - end < CONTEXT && text[last] != '\n') {
			last++;
		}
		line.write(text, end, last - end);
		return line.toString(StandardCharsets.UTF_8);
	}

	/**
	 * What to search for.
	 */
	private static final class Needle {

		private final String name;

		private final String encoding;

		private final byte[] bytes;

		Needle(String name, String encoding, byte[] bytes) {
			this.name = name;
			this.encoding = encoding;
			this.bytes = bytes;
		}

	}

	/**
	 * A value that was found.
	 *
	 * @param name the name of the secret
	 * @param encoding how it is encoded
	 * @param where what it stands in
	 * @param line what is beside it
	 */
	record Find(String name, String encoding, String where, String line) {

		@Override
		public String toString() {
			return this.name + " (" + this.encoding + ") in " + this.where + ": " + this.line;
		}

	}

}
