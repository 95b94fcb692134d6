// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

import org.jspecify.annotations.Nullable;

/**
 * Format of numbers for Go's {@code %v}.
 */
final class GoFormat {

	private GoFormat() {
	}

	/**
	 * Prints a number like {@code strconv.FormatFloat(value, 'g', -1, 64)}: with the
	 * fewest digits that parse to the same number, and in exponent form if the exponent
	 * is below -4 or at least 6.
	 */
	static String number(double value) {
		String sign = (Math.copySign(1, value) < 0) ? "-" : "";
		if (value == 0) {
			return sign + "0";
		}
		BigDecimal decimal = shortest(Math.abs(value)).stripTrailingZeros();
		String digits = decimal.unscaledValue().toString();
		int exponent = digits.length() - decimal.scale() - 1;
		if (exponent >= -4 && exponent < 6) {
			return sign + decimal.toPlainString();
		}
		String fraction = (digits.length() > 1) ? "." + digits.substring(1) : "";
		return sign + digits.charAt(0) + fraction + "e" + ((exponent < 0) ? "-" : "+")
				+ ((Math.abs(exponent) < 10) ? "0" : "") + Math.abs(exponent);
	}

	/**
	 * Returns the shortest decimal that parses to a number. {@code Double.toString} also
	 * parses to it, but has at least two digits, and before JDK 19 sometimes has more
	 * digits than necessary, or not the nearest ones.
	 */
	private static BigDecimal shortest(double value) {
		BigDecimal exact = new BigDecimal(value);
		BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
		for (int precision = shortest.precision(); precision > 0; precision--) {
			BigDecimal rounded = round(value, exact, precision);
			if (rounded == null) {
				return shortest;
			}
			shortest = rounded;
		}
		return shortest;
	}

	/**
	 * Rounds the exact value to a decimal that parses to the same number.
	 * @return the decimal, or {@code null} if none of this precision does
	 */
	private static @Nullable BigDecimal round(double value, BigDecimal exact, int precision) {
		// Above a power of two, the gap to the next double is wider than below it. If the
		// nearest decimal does not parse to the number, the next greater one may.
		for (RoundingMode rounding : new RoundingMode[] { RoundingMode.HALF_EVEN, RoundingMode.UP }) {
			BigDecimal rounded = exact.round(new MathContext(precision, rounding));
			if (rounded.doubleValue() == value) {
				return rounded;
			}
		}
		return null;
	}

}
