// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Amazon Resource Name of a regional resource that belongs to an account.
 *
 * @param partition the partition, such as {@code aws}, {@code aws-cn} or
 * {@code aws-us-gov}
 * @param service the service, such as {@code ssm}
 * @param region the region, such as {@code eu-west-1}
 * @param accountId the account, twelve digits
 * @param resource everything after the account, possibly with colons
 * @since 0.1.0
 */
public record Arn(String partition, String service, String region, String accountId, String resource) {

	static final String PREFIX = "arn:";

	private static final int SECTIONS = 6;

	/**
	 * Splits an ARN as the ECS agent does. The sections are not checked.
	 * @param text the text
	 * @return the ARN, or {@code null} if the text does not begin with {@code arn:} or
	 * has too few sections
	 */
	static @Nullable Arn split(String text) {
		String[] sections = text.split(":", SECTIONS);
		if (!text.startsWith(PREFIX) || sections.length < SECTIONS) {
			return null;
		}
		return new Arn(sections[1], sections[2], sections[3], sections[4], sections[5]);
	}

	/**
	 * Returns why AWS would refuse this ARN, apart from its service and resource.
	 * @return a phrase for a person to read, or {@code null} if AWS would not refuse it
	 */
	@Nullable String problem() {
		if (!this.partition.startsWith("aws") || !hasOnlyWords(this.partition)) {
			return "the partition, after the first colon, is not aws, aws-cn, aws-us-gov or another AWS partition";
		}
		if (!isRegion(this.region)) {
			return this.region.isEmpty() ? "the ARN has no region" : "the region does not have the form of eu-west-1";
		}
		if (this.accountId.length() != 12 || !hasOnlyDigits(this.accountId)) {
			return "the account is not a 12-digit number, including leading zeros";
		}
		return null;
	}

	/**
	 * Returns whether a text has the form of a region: words and a number, separated by
	 * hyphens.
	 */
	private static boolean isRegion(String text) {
		int number = text.lastIndexOf('-') + 1;
		String words = text.substring(0, Math.max(number - 1, 0));
		return words.indexOf('-') > 0 && hasOnlyWords(words) && number < text.length()
				&& hasOnlyDigits(text.substring(number));
	}

	private static boolean hasOnlyWords(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if ((character < 'a' || character > 'z') && character != '-') {
				return false;
			}
		}
		return true;
	}

	private static boolean hasOnlyDigits(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character < '0' || character > '9') {
				return false;
			}
		}
		return true;
	}

	Arn withResource(String resource) {
		return new Arn(this.partition, this.service, this.region, this.accountId, resource);
	}

	// By hand: the JVM generates a record's equals and hashCode at runtime, which takes
	// 10
	// to 50 ms in a cold JVM.
	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Arn arn && this.partition.equals(arn.partition) && this.service.equals(arn.service)
				&& this.region.equals(arn.region) && this.accountId.equals(arn.accountId)
				&& this.resource.equals(arn.resource);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.partition, this.service, this.region, this.accountId, this.resource);
	}

	/**
	 * Returns the ARN as AWS writes it.
	 */
	@Override
	public String toString() {
		return PREFIX + String.join(":", this.partition, this.service, this.region, this.accountId, this.resource);
	}

}
