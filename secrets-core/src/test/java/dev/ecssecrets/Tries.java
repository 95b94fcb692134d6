// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import org.assertj.core.api.ThrowingConsumer;

/**
 * Runner of property tests with random input. The input is the same in each build, and
 * {@code -Dtries=} sets its amount. Fuzzing tries new input.
 */
final class Tries {

	private static final int COUNT = Integer.getInteger("tries", 500);

	private Tries() {
	}

	static void forEach(ThrowingConsumer<RandomGenerator> property) {
		for (int seed = 0; seed < COUNT; seed++) {
			try {
				property.accept(new SplittableRandom(seed));
			}
			catch (Throwable ex) {
				throw new AssertionError("With the seed " + seed + ": " + ex.getMessage(), ex);
			}
		}
	}

	@SafeVarargs
	static <T> T pick(RandomGenerator random, T... values) {
		return values[random.nextInt(values.length)];
	}

	/**
	 * Returns a text of random characters.
	 */
	static String text(RandomGenerator random, String characters, int minLength, int maxLength) {
		int[] points = characters.codePoints().toArray();
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(minLength, maxLength + 1); i > 0; i--) {
			text.appendCodePoint(points[random.nextInt(points.length)]);
		}
		return text.toString();
	}

	/**
	 * Returns a copy of a text in which a few parts are removed, repeated, or replaced
	 * with random characters.
	 */
	static String change(RandomGenerator random, String text, String characters) {
		StringBuilder changed = new StringBuilder(text);
		for (int i = random.nextInt(1, 4); i > 0; i--) {
			int start = random.nextInt(changed.length() + 1);
			int end = Math.min(changed.length(), start + random.nextInt(4));
			String part = changed.substring(start, end);
			changed.replace(start, end, pick(random, "", part + part, text(random, characters, 1, 3)));
		}
		return changed.toString();
	}

}
