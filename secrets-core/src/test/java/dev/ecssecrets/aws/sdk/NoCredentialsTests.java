// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link NoCredentials} with real profiles, and without the modules
 * {@code sts}, {@code sso}, {@code ssooidc} and {@code signin}.
 */
class NoCredentialsTests {

	private static final String NONE = "no provider in the AWS SDK's default chain has credentials";

	private static final String SECRET = "wJalrXUtnFEMI";

	private final Map<String, String> properties = new HashMap<>();

	@TempDir
	private Path folder;

	private Path config;

	private Path credentials;

	@BeforeEach
	void setFiles() {
		this.config = this.folder.resolve("config");
		this.credentials = this.folder.resolve("credentials");
		set("aws.configFile", this.config.toString());
		set("aws.sharedCredentialsFile", this.credentials.toString());
	}

	@AfterEach
	void reset() {
		this.properties.keySet().forEach(System::clearProperty);
	}

	@Test
	void ofChainWhenNothingIsConfiguredSaysSo() {
		assertThat(failure(null)).isEqualTo(NONE);
	}

	@Test
	void ofChainWhenDefaultProfileHasOnlyRegionSaysThatNothingIsConfigured() throws IOException {
		Files.writeString(this.config, "[default]\nregion = eu-west-1\n");
		assertThat(failure(null)).isEqualTo(NONE);
	}

	@Test
	void ofChainWhenDefaultProfileFailsNamesItsFault() throws IOException {
		Files.writeString(this.config, "[default]\ncredential_process = exit 3\n");
		assertThat(failure(null))
			.isEqualTo("the credential_process of the AWS profile 'default' in " + this.config + " has failed");
	}

	@ParameterizedTest
	@CsvSource({ "aws.accessKeyId, AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY",
			"aws.secretAccessKey, AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID" })
	void ofChainWhenHalfOfTheKeysIsSetNamesTheOther(String property, String message) {
		set(property, SECRET);
		assertThat(failure(null)).isEqualTo(message);
	}

	@Test
	void ofChainWhenWebIdentityHasNoRoleNamesTheVariable() {
		set("aws.webIdentityTokenFile", "/absent");
		assertThat(failure(null))
			.isEqualTo("the web identity of AWS_WEB_IDENTITY_TOKEN_FILE needs AWS_ROLE_ARN, which is not set");
	}

	@Test
	void ofChainWhenSeveralWaysFailNamesAll() throws IOException {
		set("aws.webIdentityTokenFile", "/absent");
		set("aws.roleArn", "arn:aws:iam::123456789012:role/app");
		set("aws.profile", "devv");
		Files.writeString(this.credentials, "[dev]\naws_access_key_id = x\n[prod]\naws_access_key_id = x\n");
		assertThat(withoutVersions(failure(null))).isEqualTo(
				"the web identity of AWS_WEB_IDENTITY_TOKEN_FILE needs modules of the AWS SDK that are not on the"
						+ " class path: software.amazon.awssdk:sts:VERSION; there is no AWS profile 'devv' in "
						+ this.credentials + ", which has dev, prod");
	}

	@Test
	void ofProfileWhenThereAreNoFilesNamesWhereTheyWouldBe() {
		assertThat(failure("dev")).isEqualTo("there is no AWS profile 'dev', because neither " + this.config + " nor "
				+ this.credentials + " is a readable file");
	}

	@Test
	void ofProfileWhenItIsAbsentNamesFilesAndProfiles() throws IOException {
		Files.writeString(this.config, "[default]\nregion = x\n[profile dev]\nregion = x\n[ignored]\nregion = x\n");
		Files.writeString(this.credentials, "[prod]\naws_access_key_id = x\n");
		String message = "there is no AWS profile 'devv' in " + this.config + " and " + this.credentials
				+ ", which has default, dev, prod";
		assertThat(failure("devv")).isEqualTo(message);
		set("aws.profile", "devv");
		assertThat(failure(null)).isEqualTo(message);
	}

	@Test
	void ofProfileWhenFileIsEmptySaysSo() throws IOException {
		Files.writeString(this.config, "");
		assertThat(failure("dev")).isEqualTo("there is no AWS profile 'dev' in " + this.config + ", which has none");
	}

	@Test
	void ofProfileWhenFileIsMalformedNamesTheLine() throws IOException {
		Files.writeString(this.config, "[profile dev]\n" + SECRET + "\n");
		assertThat(failure("dev")).isEqualTo("the AWS profiles in " + this.config
				+ " are malformed: Expected an '=' sign defining a property on line 2");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					region=x | the AWS profile 'dev' in FILE has no credentials: neither keys nor a role, SSO or a credential_process
					aws_access_key_id=x | the AWS profile 'dev' in FILE: Profile property 'aws_secret_access_key' was not configured for 'dev'.
					aws_session_token=wJalrXUtnFEMI | the AWS profile 'dev' in FILE: Profile property 'aws_access_key_id' was not configured for 'dev'.
					role_arn=x,source_profile=other | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sts:VERSION
					role_arn=x,credential_source=Environment | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sts:VERSION
					role_arn=x,web_identity_token_file=/absent | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sts:VERSION
					role_arn=x,source_profile=sso | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sso:VERSION, software.amazon.awssdk:ssooidc:VERSION, software.amazon.awssdk:sts:VERSION
					sso_start_url=x,sso_region=x,sso_account_id=x,sso_role_name=x | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sso:VERSION, software.amazon.awssdk:ssooidc:VERSION
					sso_session=x,sso_account_id=x,sso_role_name=x | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:sso:VERSION, software.amazon.awssdk:ssooidc:VERSION
					login_session=x | the AWS profile 'dev' in FILE needs modules of the AWS SDK that are not on the class path: software.amazon.awssdk:signin:VERSION
					""")
	void ofProfileWhenItFailsNamesItsFault(String properties, String message) throws IOException {
		Files.writeString(this.config, "[profile dev]\n" + properties.replace(",", "\n")
				+ "\n[profile sso]\nsso_session=x\nsso_account_id=x\nsso_role_name=x\n");
		assertThat(withoutVersions(failure("dev"))).isEqualTo(message.replace("FILE", this.config.toString()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "echo " + SECRET + " >&2; exit 3", "echo " + SECRET + "; exit 3", "/absent/" + SECRET })
	void ofProfileWhenProcessFailsQuotesNothing(String process) throws IOException {
		Files.writeString(this.config, "[profile dev]\ncredential_process = " + process + "\n");
		assertThat(failure("dev"))
			.matches("the AWS profile 'dev' in .*/config: its credential_process ended with exit code (3|127)")
			.doesNotContain(SECRET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "echo " + SECRET, "echo '\"" + SECRET + "\"'", "echo '{\"" + SECRET + "\":'",
			"echo '{\"Version\":\"" + SECRET + "\"}'", "echo '{\"Version\":1,\"AccessKeyId\":\"" + SECRET + "\"}'",
			"echo '{\"Version\":1,\"AccessKeyId\":\"x\",\"SecretAccessKey\":\"x\",\"Expiration\":\"" + SECRET + "\"}'",
			"head -c 70000 /dev/zero", "true" })
	void ofProfileWhenProcessPrintsNoCredentialsQuotesNothing(String process) throws IOException {
		Files.writeString(this.config, "[profile dev]\ncredential_process = " + process + "\n");
		assertThat(failure("dev")).isEqualTo("the AWS profile 'dev' in " + this.config
				+ ": its credential_process did not print credentials as JSON");
	}

	@Test
	void ofProfileWhenKeysCannotSignQuotesNothing() throws IOException {
		Files.writeString(this.credentials, "[dev]\naws_access_key_id=x\naws_secret_access_key=" + SECRET + "\u00e9\n");
		assertThat(failure("dev")).isEqualTo("the AWS profile 'dev' in " + this.credentials
				+ ": the secret access key has a character that is neither a space nor printable ASCII");
	}

	private static String failure(@Nullable String profile) {
		IllegalStateException ex = catchThrowableOfType(IllegalStateException.class,
				() -> new DefaultAwsSdk().resolveCredentials(profile));
		assertThat(ex).isNotNull();
		return ex.getMessage();
	}

	private static String withoutVersions(String message) {
		return message.replaceAll(":2\\.\\d+\\.\\d+", ":VERSION");
	}

	private void set(String property, String value) {
		this.properties.put(property, value);
		System.setProperty(property, value);
	}

}
