// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Search for names that are similar to one that does not exist.
 */
final class SimilarNames {

	private static final double MIN_SIMILARITY = 0.6;

	private static final int MAX_FOUND = 3;

	private static final int MAX_COMPARED = 10_000;

	private static final int MAX_LENGTH = 512;

	private SimilarNames() {
	}

	/**
	 * Finds similar names. A name that differs only in its leading slash is left out: the
	 * report mentions it for every store.
	 * @param name the name that does not exist
	 * @param names the names that exist
	 * @return the most similar ones, the best first
	 */
	static List<String> of(String name, Collection<String> names) {
		Set<String> pairs = pairs(name);
		return names.stream()
			.limit(MAX_COMPARED)
			.filter((other) -> other.length() <= MAX_LENGTH && similarity(pairs, pairs(other)) >= MIN_SIMILARITY)
			.filter((other) -> !other.equals("/" + name) && !name.equals("/" + other))
			.sorted(Comparator.comparingDouble((other) -> -similarity(pairs, pairs(other))))
			.limit(MAX_FOUND)
			.toList();
	}

	/**
	 * Returns how many of the shorter name's pairs of letters are in the other name too,
	 * from 0 to 1. A path is so similar to the name at its end.
	 */
	private static double similarity(Set<String> left, Set<String> right) {
		return (double) left.stream().filter(right::contains).count()
				/ Math.max(Math.min(left.size(), right.size()), 1);
	}

	private static Set<String> pairs(String name) {
		return IntStream.range(1, name.length())
			.mapToObj((i) -> name.substring(i - 1, i + 1).toLowerCase(Locale.ROOT))
			.collect(Collectors.toSet());
	}

}
