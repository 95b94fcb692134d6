// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.utils.SystemSetting;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the environment variables of the SDK. Those of a developer must not affect
 * the tests, and all of them must be considered for requests without the SDK's clients.
 */
class AwsVariablesTests {

	/**
	 * Variables that {@link AwsSettings}, {@link AwsEndpoints} or a provider of the SDK
	 * evaluate.
	 */
	private static final Set<String> EVALUATED = Set.of("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ACCESS_KEY_ID",
			"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCOUNT_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
			"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_CONTAINER_SERVICE_ENDPOINT",
			"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
			"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
			"AWS_EC2_METADATA_V1_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
			"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "AWS_METADATA_SERVICE_TIMEOUT");

	/**
	 * Variables without an effect on the two operations: for other services, for
	 * checksums and compression of other protocols, for the name of the runtime, and for
	 * the SDK's retries.
	 */
	private static final Set<String> IRRELEVANT = Set.of("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
			"AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "AWS_ENDPOINT_DISCOVERY_ENABLED", "AWS_ACCOUNT_ID_ENDPOINT_MODE",
			"AWS_DISABLE_REQUEST_COMPRESSION", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
			"AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION", "AWS_EXECUTION_ENV",
			"AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_NEW_RETRIES_2026");

	@Test
	void variablesOfSdkAreEvaluatedOrLeftToSdkOrIrrelevant() {
		assertThat(variablesOfSdk()).isNotEmpty()
			.allMatch((variable) -> EVALUATED.contains(variable) || AwsSettings.LEFT_TO_SDK.contains(variable)
					|| IRRELEVANT.contains(variable));
	}

	@Test
	void variablesOfSdkAreUnsetByBuild() throws IOException {
		String build = Files.readString(Path.of("../pom.xml"));
		assertThat(Pattern.compile("\\bAWS_\\w+").matcher(build).results().map(MatchResult::group))
			.containsAll(variablesOfSdk());
	}

	@Test
	void variablesOfTestsAreOnlyThoseOfBuild() {
		assertThat(System.getenv().keySet().stream().filter(variablesOfSdk()::contains))
			.isSubsetOf("AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE");
	}

	private static Set<String> variablesOfSdk() {
		Stream<SystemSetting> settings = Stream.concat(Stream.of(SdkSystemSetting.values()),
				Stream.of(ProfileFileSystemSetting.values()));
		return Stream
			.concat(settings.map(SystemSetting::environmentVariable),
					Stream.of("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_SECRETS_MANAGER"))
			.filter((variable) -> variable != null && variable.startsWith("AWS_"))
			.collect(Collectors.toSet());
	}

}
