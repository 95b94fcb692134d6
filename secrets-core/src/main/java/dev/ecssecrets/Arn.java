package dev.ecssecrets;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * An Amazon Resource Name of a regional resource that belongs to an account.
 *
 * @param partition the partition, such as {@code aws}, {@code aws-cn} or
 * {@code aws-us-gov}
 * @param service the service, such as {@code ssm}
 * @param region the region, such as {@code eu-west-1}
 * @param accountId the account, twelve digits
 * @param resource all that follows the account; it may hold colons
 */
public record Arn(String partition, String service, String region, String accountId, String resource) {

	static final String PREFIX = "arn:";

	private static final Pattern FORM = Pattern
		.compile("arn:(aws[a-z-]*):([a-z0-9-]+):([a-z]+-[a-z-]+-\\d+):(\\d{12}):(.+)");

	/**
	 * Returns the ARN that a text is.
	 * @param text the text
	 * @return the ARN, or {@code null} if the text is none
	 */
	static @Nullable Arn tryParse(String text) {
		Matcher matcher = FORM.matcher(text);
		if (!matcher.matches()) {
			return null;
		}
		return new Arn(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4), matcher.group(5));
	}

	Arn withResource(String resource) {
		return new Arn(this.partition, this.service, this.region, this.accountId, resource);
	}

	/**
	 * Returns the ARN as AWS writes it.
	 */
	@Override
	public String toString() {
		return PREFIX + String.join(":", this.partition, this.service, this.region, this.accountId, this.resource);
	}

}
