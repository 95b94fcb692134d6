// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.Locale;

/**
 * Converter of foreign texts for logs, reports and terminals. Foreign are names, the
 * {@code valueFrom} of a declaration, JSON keys, and the codes and messages of a service.
 * All code that prints such a text converts it with {@link #of(String)}.
 *
 * @since 0.1.0
 */
public final class PrintableText {

	/**
	 * Maximum length of a text from {@link #of(String)}.
	 */
	static final int MAX_LENGTH = 500;

	// Long enough to fill the longest text, even if much of it is masked.
	private static final int MAX_READ = 16 * 1024;

	private static final String MASK = "******";

	private static final String ELLIPSIS = "...";

	/**
	 * Prefixes of session tokens of AWS STS and of JSON Web Tokens.
	 */
	private static final List<String> TOKEN_PREFIXES = List.of("IQoJ", "FwoG", "FQoG", "AQoD", "eyJ");

	private static final int MIN_PREFIXED_TOKEN = 16;

	/**
	 * Names of headers, parameters and members whose values are credentials.
	 */
	private static final List<String> CREDENTIAL_NAMES = List.of("securitytoken", "sessiontoken", "secretaccesskey",
			"secretkey", "signature", "authorizationtoken", "identitytoken", "accesstoken");

	private static final int MIN_CREDENTIAL = 8;

	// No name has so many characters with upper case, lower case and digits.
	private static final int MIN_TOKEN = 200;

	private PrintableText() {
	}

	/**
	 * Converts a text to printable form. Control, separator, bidirectional, invisible and
	 * unassigned characters become escapes ({@code \n}, {@code \u00a0}), and session
	 * tokens and signatures are masked. The result has at most 500 characters. A
	 * printable text is returned as it is.
	 * @param text the text
	 * @return the printable text, with an ellipsis at its end if it was cut
	 */
	public static String of(String text) {
		return of(text, MAX_LENGTH);
	}

	static String of(String text, int maxLength) {
		String masked = mask((text.length() > MAX_READ) ? text.substring(0, MAX_READ) : text);
		StringBuilder printable = new StringBuilder();
		int fits = 0;
		for (int i = 0; i < masked.length() && printable.length() <= maxLength;) {
			int point = masked.codePointAt(i);
			append(printable, point);
			if (printable.length() <= maxLength - ELLIPSIS.length()) {
				fits = printable.length();
			}
			i += Character.charCount(point);
		}
		if (printable.length() > maxLength || text.length() > MAX_READ) {
			printable.setLength(fits);
			printable.append(ELLIPSIS);
		}
		return printable.toString();
	}

	/**
	 * Returns whether a character is invisible or misleading: white space other than the
	 * blank, and all characters that Unicode calls control, format, surrogate, private or
	 * ignorable.
	 */
	static boolean isInvisible(int point) {
		if (point >= ' ' && point < 0x7F) {
			return false;
		}
		return switch (Character.getType(point)) {
			case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
					Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR ->
				true;
			default -> isIgnorable(point);
		};
	}

	/**
	 * Returns whether a letter, mark or symbol may be invisible according to Unicode:
	 * fillers, joiners and variation selectors.
	 */
	private static boolean isIgnorable(int point) {
		return switch (point) {
			case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0 -> true;
			default -> (point >= 0x180B && point <= 0x180F) || (point >= 0xFE00 && point <= 0xFE0F)
					|| (point >= 0xE0100 && point <= 0xE01EF);
		};
	}

	private static void append(StringBuilder printable, int point) {
		switch (point) {
			case '\n' -> printable.append("\\n");
			case '\r' -> printable.append("\\r");
			case '\t' -> printable.append("\\t");
			default -> {
				if (isInvisible(point)) {
					for (char unit : Character.toChars(point)) {
						printable.append("\\u").append(hex(unit));
					}
				}
				else {
					printable.appendCodePoint(point);
				}
			}
		}
	}

	private static String hex(int unit) {
		String digits = Integer.toHexString(unit);
		return "0".repeat(4 - digits.length()) + digits;
	}

	private static String mask(String text) {
		StringBuilder masked = new StringBuilder(text.length());
		int start = 0;
		while (start < text.length()) {
			int end = endOfRun(text, start);
			if (end == start) {
				masked.append(text.charAt(start++));
				continue;
			}
			String run = text.substring(start, end);
			masked.append((isToken(run) || isCredential(run, text, start)) ? MASK : run);
			start = end;
		}
		return masked.toString();
	}

	/**
	 * Returns the end of a run of characters of Base64, possibly URL-encoded or in JSON.
	 */
	private static int endOfRun(String text, int start) {
		boolean dots = text.startsWith("eyJ", start);
		int end = start;
		while (end < text.length() && (isTokenCharacter(text.charAt(end)) || (dots && text.charAt(end) == '.')
				|| text.startsWith("\\/", end))) {
			end++;
		}
		return end;
	}

	private static boolean isTokenCharacter(char character) {
		return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
				|| (character >= '0' && character <= '9') || "+/_-%".indexOf(character) >= 0;
	}

	private static boolean isToken(String run) {
		for (String prefix : TOKEN_PREFIXES) {
			if (run.length() >= MIN_PREFIXED_TOKEN && run.startsWith(prefix)) {
				return true;
			}
		}
		return run.length() >= MIN_TOKEN && run.chars().anyMatch(Character::isUpperCase)
				&& run.chars().anyMatch(Character::isLowerCase) && hasDigit(run);
	}

	private static boolean hasDigit(String run) {
		for (int i = 0; i < run.length(); i++) {
			if (Character.isDigit(run.charAt(i))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether a run is the value of a name such as {@code X-Amz-Security-Token:},
	 * and not a word.
	 */
	private static boolean isCredential(String run, String text, int start) {
		if (run.length() < MIN_CREDENTIAL || !hasDigit(run)) {
			return false;
		}
		int end = start;
		boolean assigned = false;
		while (end > 0 && " \t\"'[\\:=".indexOf(text.charAt(end - 1)) >= 0) {
			assigned |= text.charAt(end - 1) == ':' || text.charAt(end - 1) == '=';
			end--;
		}
		int begin = end;
		while (begin > 0 && end - begin < 40 && isTokenCharacter(text.charAt(begin - 1))) {
			begin--;
		}
		String name = text.substring(begin, end).replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
		return assigned && CREDENTIAL_NAMES.stream().anyMatch(name::endsWith);
	}

}
