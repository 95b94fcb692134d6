// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NoCredentials} with the modules {@code sso}, {@code ssooidc} and
 * {@code sts}, and with the cache of {@code aws sso login} in a home directory.
 */
class NoCredentialsIT {

	private static final Path HOME = Path.of("target/no-credentials").toAbsolutePath();

	private static final Path MODULES = Path.of("target/sdk-modules").toAbsolutePath();

	private static final String SECRET = "wJalrXUtnFEMI";

	private static final String CONFIG = """
			[profile sso-absent]
			sso_start_url = https://absent.example
			sso_region = eu-west-1
			sso_account_id = 123456789012
			sso_role_name = app
			[profile sso-expired]
			sso_start_url = https://expired.example
			sso_region = eu-west-1
			sso_account_id = 123456789012
			sso_role_name = app
			[profile sso-malformed]
			sso_start_url = https://malformed.example
			sso_region = eu-west-1
			sso_account_id = 123456789012
			sso_role_name = app
			[profile sso-offline]
			sso_start_url = https://offline.example
			sso_region = eu-west-1
			sso_account_id = 123456789012
			sso_role_name = app
			[profile session-absent]
			sso_session = absent
			sso_account_id = 123456789012
			sso_role_name = app
			[profile session-expired]
			sso_session = expired
			sso_account_id = 123456789012
			sso_role_name = app
			[profile session-unknown]
			sso_session = unknown
			sso_account_id = 123456789012
			sso_role_name = app
			[sso-session absent]
			sso_start_url = https://absent.example
			sso_region = eu-west-1
			[sso-session expired]
			sso_start_url = https://expired.example
			sso_region = eu-west-1
			[profile keys]
			aws_access_key_id = id
			aws_secret_access_key = wJalrXUtnFEMI
			[profile process]
			credential_process = echo wJalrXUtnFEMI >&2; exit 3
			[profile role]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = keys
			[profile role-of-nobody]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = nobody
			[profile role-of-role]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = role-of-role-2
			[profile role-of-role-2]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = role-of-role
			[profile role-of-sso]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = sso-expired
			[profile role-of-process]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = process
			[profile role-of-two]
			role_arn = arn:aws:iam::123456789012:role/app
			source_profile = keys
			credential_source = Environment
			[profile identity]
			role_arn = arn:aws:iam::123456789012:role/app
			web_identity_token_file = /absent/token
			""";

	private static Map<String, String> failures = Map.of();

	@BeforeAll
	static void resolveAll() throws Exception {
		Path cache = Files.createDirectories(HOME.resolve(".aws/sso/cache"));
		Files.writeString(HOME.resolve(".aws/config"), CONFIG);
		String expired = "{\"accessToken\":\"" + SECRET + "\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}";
		Files.writeString(cache.resolve(sha1("https://expired.example") + ".json"), expired);
		Files.writeString(cache.resolve(sha1("expired") + ".json"), expired);
		Files.writeString(cache.resolve(sha1("https://malformed.example") + ".json"), SECRET);
		Files.writeString(cache.resolve(sha1("https://offline.example") + ".json"), expired.replace("2020", "2099"));
		Path output = HOME.resolve("output.txt");
		ProcessBuilder process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Daws.region=eu-west-1", "-Daws.endpointUrl=http://127.0.0.1:1", "-cp",
				System.getProperty("java.class.path") + File.pathSeparator + MODULES + File.separator + "*",
				NoCredentialsIT.class.getName())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		process.environment().keySet().removeAll(List.of("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"));
		process.environment().put("HOME", HOME.toString());
		assertThat(process.start().waitFor()).isZero();
		Map<String, String> lines = new HashMap<>();
		for (String line : Files.readAllLines(output)) {
			int end = line.indexOf('\t');
			lines.put((end > 0) ? line.substring(0, end) : line, line.substring(end + 1));
		}
		failures = lines;
	}

	/**
	 * Prints why each profile has no credentials.
	 */
	public static void main(String[] args) {
		CONFIG.lines()
			.filter((line) -> line.startsWith("[profile "))
			.map((line) -> line.substring("[profile ".length(), line.length() - 1))
			.forEach((profile) -> print(profile, profile));
		System.setProperty("aws.webIdentityTokenFile", "/absent/token");
		System.setProperty("aws.roleArn", "arn:aws:iam::123456789012:role/app");
		print("web identity", null);
		System.setProperty("aws.profile", "session-expired");
		print("web identity and profile", null);
	}

	private static void print(String name, @Nullable String profile) {
		String result = "credentials";
		try {
			new DefaultAwsSdk().resolveCredentials(profile);
		}
		catch (IllegalStateException ex) {
			result = ex.getMessage();
		}
		System.out.println(name + "\t" + result);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					keys | credentials
					sso-absent | run 'aws sso login --profile sso-absent', because the session of PROFILE is absent or has expired
					sso-expired | run 'aws sso login --profile sso-expired', because the session of PROFILE is absent or has expired
					sso-malformed | run 'aws sso login --profile sso-malformed', because the session of PROFILE is absent or has expired
					sso-offline | PROFILE: the credentials provider cannot be reached: ConnectException: Connection refused
					session-absent | run 'aws sso login --profile session-absent', because the session of PROFILE is absent or has expired
					session-expired | run 'aws sso login --profile session-expired', because the session of PROFILE is absent or has expired
					session-unknown | PROFILE: Sso-session section not found with sso-session title unknown.
					process | PROFILE: its credential_process ended with exit code 3
					role | PROFILE: the credentials provider cannot be reached: ConnectException: Connection refused
					role-of-nobody | PROFILE: The source profile of 'role-of-nobody' was configured to be 'nobody', but that source profile has no credentials configured.
					role-of-role | PROFILE: Invalid profile file: Circular relationship detected with profiles [role-of-role, role-of-role-2].
					role-of-sso | run 'aws sso login --profile sso-expired', because the session of PROFILE is absent or has expired
					role-of-process | PROFILE: its credential_process ended with exit code 3
					role-of-two | PROFILE: Invalid profile file: profile has both source_profile and credential_source.
					identity | PROFILE: /absent/token cannot be read (NoSuchFileException)
					web identity | the web identity of AWS_WEB_IDENTITY_TOKEN_FILE: /absent/token cannot be read (NoSuchFileException)
					web identity and profile | the web identity of AWS_WEB_IDENTITY_TOKEN_FILE: /absent/token cannot be read (NoSuchFileException); run 'aws sso login --profile session-expired', because the session of the AWS profile 'session-expired' in HOME/.aws/config is absent or has expired
					""")
	void resolveCredentialsWhenThereAreNoneNamesTheFault(String name, String message) {
		assertThat(failures.get(name))
			.isEqualTo(message.replace("PROFILE", "the AWS profile '" + name + "' in HOME/.aws/config")
				.replace("HOME", HOME.toString()))
			.doesNotContain(SECRET);
	}

	private static String sha1(String text) throws GeneralSecurityException {
		return HexFormat.of()
			.formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
	}

}
