package dev.ecssecrets;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Prints numbers as Go's {@code %v} does.
 */
final class GoFormat {

	private GoFormat() {
	}

	/**
	 * Prints a number by {@code strconv.FormatFloat(value, 'g', -1, 64)}: the fewest
	 * digits that read back as the number, in exponent form if the exponent is below -4
	 * or at least 6.
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
	 * Java's own {@code Double.toString} is not the shortest before JDK 19, and never has
	 * less than two digits.
	 */
	private static BigDecimal shortest(double value) {
		BigDecimal exact = new BigDecimal(value);
		for (int precision = 1; precision < 17; precision++) {
			// Above a power of two the gap to the next double is wider than below: where
			// the nearest decimal does not read back, the next greater one may.
			for (RoundingMode rounding : new RoundingMode[] { RoundingMode.HALF_EVEN, RoundingMode.UP }) {
				BigDecimal rounded = exact.round(new MathContext(precision, rounding));
				if (rounded.doubleValue() == value) {
					return rounded;
				}
			}
		}
		return exact.round(new MathContext(17));
	}

}
