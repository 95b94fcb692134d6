// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Error that a service, or something in front of it, has answered.
 *
 * @param status the HTTP status
 * @param code the error code, or {@code null} if the answer is not the service's
 * @param message the message, or a description of an answer that is not the service's
 * @param requestId the ID of the request, or {@code null} if there is none
 * @param date the time of the answer in the format of HTTP, or {@code null}
 */
record ErrorAnswer(int status, @Nullable String code, @Nullable String message, @Nullable String requestId,
		@Nullable String date) {

	// As the AWS SDK has them in AwsErrorCode.
	private static final Set<String> THROTTLING = Set.of("Throttling", "ThrottlingException", "ThrottledException",
			"ProvisionedThroughputExceededException", "SlowDown", "TooManyRequestsException", "RequestLimitExceeded",
			"BandwidthLimitExceeded", "RequestThrottled", "RequestThrottledException", "EC2ThrottledException",
			"TransactionInProgressException");

	private static final Set<String> CLOCK_SKEW = Set.of("RequestTimeTooSkewed", "RequestExpired",
			"RequestInTheFuture");

	private static final Set<String> POSSIBLE_CLOCK_SKEW = Set.of("InvalidSignatureException", "SignatureDoesNotMatch",
			"AuthFailure");

	// A smaller difference cannot be the cause: AWS accepts five minutes.
	private static final Duration CLOCK_SKEW_THRESHOLD = Duration.ofMinutes(4);

	boolean isThrottling() {
		return this.status == 429 || (this.code != null && THROTTLING.contains(this.code));
	}

	/**
	 * Returns whether the service has refused the time of the request.
	 * @param time the time of the request
	 */
	boolean isClockSkew(Instant time) {
		if (this.code == null) {
			return false;
		}
		if (CLOCK_SKEW.contains(this.code)) {
			return true;
		}
		if (!POSSIBLE_CLOCK_SKEW.contains(this.code) && this.status != 401 && this.status != 403) {
			return false;
		}
		Instant answered = answered();
		return answered != null && Duration.between(answered, time).abs().compareTo(CLOCK_SKEW_THRESHOLD) > 0;
	}

	private @Nullable Instant answered() {
		try {
			return (this.date != null) ? Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(this.date)) : null;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

}
