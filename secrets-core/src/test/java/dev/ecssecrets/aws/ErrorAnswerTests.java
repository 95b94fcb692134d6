// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.internal.AwsErrorCode;
import software.amazon.awssdk.http.SdkHttpResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ErrorAnswer}, compared with the exceptions of the AWS SDK.
 */
class ErrorAnswerTests {

	@Test
	void isThrottlingIsThatOfSdk() {
		assertThat(answers()).isNotEmpty()
			.allSatisfy((answer) -> assertThat(answer.isThrottling())
				.isEqualTo(ofSdk(answer, Duration.ZERO).isThrottlingException()));
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, -6, 6 })
	void isClockSkewIsThatOfSdk(long minutes) {
		Duration skew = Duration.ofMinutes(minutes);
		assertThat(answers()).isNotEmpty()
			.allSatisfy((answer) -> assertThat(answer.isClockSkew(Instant.now().minus(skew)))
				.isEqualTo(ofSdk(answer, skew).isClockSkewException()));
	}

	private static Stream<ErrorAnswer> answers() {
		Stream<String> codes = Stream
			.of(AwsErrorCode.THROTTLING_ERROR_CODES, AwsErrorCode.DEFINITE_CLOCK_SKEW_ERROR_CODES,
					AwsErrorCode.POSSIBLE_CLOCK_SKEW_ERROR_CODES, AwsErrorCode.RETRYABLE_ERROR_CODES,
					List.of("AccessDeniedException", "throttling"))
			.flatMap(Collection::stream);
		List<String> dates = Stream.of(0, 3, -3, 5, -5)
			.map((minutes) -> DateTimeFormatter.RFC_1123_DATE_TIME
				.format(Instant.now().plus(Duration.ofMinutes(minutes)).atOffset(ZoneOffset.UTC)))
			.toList();
		return codes.flatMap((code) -> IntStream.of(200, 400, 401, 403, 429, 500, 503)
			.boxed()
			.flatMap((status) -> Stream.concat(dates.stream(), Stream.of("", "yesterday"))
				.map((date) -> new ErrorAnswer(status, code, "no", null, date.isEmpty() ? null : date))));
	}

	private static AwsServiceException ofSdk(ErrorAnswer answer, Duration clockSkew) {
		SdkHttpResponse.Builder response = SdkHttpResponse.builder().statusCode(answer.status());
		@Nullable String date = answer.date();
		if (date != null) {
			response.putHeader("Date", date);
		}
		return AwsServiceException.builder()
			.statusCode(answer.status())
			.clockSkew(clockSkew)
			.awsErrorDetails(AwsErrorDetails.builder()
				.errorCode(answer.code())
				.errorMessage(answer.message())
				.sdkHttpResponse(response.build())
				.build())
			.build();
	}

}
