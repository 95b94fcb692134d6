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
 * What a developer has set for AWS does not reach the tests.
 */
class AwsVariablesTests {

	@Test
	void variablesOfSdkAreThoseThatTheBuildShields() throws IOException {
		String build = Files.readString(Path.of("../pom.xml"));
		assertThat(Pattern.compile("\\bAWS_\\w+").matcher(build).results().map(MatchResult::group))
			.containsAll(variablesOfSdk());
	}

	@Test
	void variablesOfTestsAreThoseOfTheBuild() {
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
