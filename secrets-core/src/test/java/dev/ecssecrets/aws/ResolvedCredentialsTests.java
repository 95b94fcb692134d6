// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.aws.sdk.SdkCredentials;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link AwsSettings#resolveCredentials()}: which of the ways to get
 * credentials is used. Those of variables are compared with those of the AWS SDK.
 */
class ResolvedCredentialsTests {

	private static final String FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

	private static final String OF_CONTAINER = "HTTP/1.1 200 OK\r\n\r\n{\"AccessKeyId\":\"container\","
			+ "\"SecretAccessKey\":\"x\"}";

	@TempDir
	private Path home;

	@ParameterizedTest
	@CsvSource({ "id, secret, , ", "id, secret, token, ", "id, secret, token, 123456789012",
			"id, secret, , 123456789012", "' id ', ' secret ', ' token ', ' 123456789012 '", "id, secret, '', ",
			"id, secret, ' ', ", "'id\n', 'secret\t', 'token\r\n', ", "i d, sec ret, tok en, ", ", secret, token, ",
			"id, , token, ", "'', secret, , ", "id, ' ', , ", "' \u2003 ', secret, , ", "id, '\u2003', , " })
	void resolveCredentialsOfVariablesIsLikeThatOfSdk(@Nullable String id, @Nullable String secret,
			@Nullable String token, @Nullable String account) {
		Map<String, String> variables = new HashMap<>();
		put(variables, "AWS_ACCESS_KEY_ID", id);
		put(variables, "AWS_SECRET_ACCESS_KEY", secret);
		put(variables, "AWS_SESSION_TOKEN", token);
		put(variables, "AWS_ACCOUNT_ID", account);
		assertThat(own(variables)).isEqualTo(sdk(variables));
	}

	/**
	 * A failure would name it.
	 */
	@Test
	void resolveCredentialsWhenAccountIsBlankHasNone() {
		assertThat(own(Map.of("AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "secret", "AWS_ACCOUNT_ID", " ")))
			.isEqualTo(new AwsCredentials("id", "secret", null, null));
	}

	@ParameterizedTest
	@CsvSource({ "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, environment", "AWS_ACCESS_KEY_ID, X, container",
			"X, AWS_SECRET_ACCESS_KEY, container", "AWS_WEB_IDENTITY_TOKEN_FILE, X, container",
			"AWS_ROLE_ARN, X, container" })
	void resolveCredentialsPrefersVariablesToContainer(String first, String second, String id) throws IOException {
		try (ContainerStub stub = new ContainerStub()) {
			stub.answerWith(List.of(OF_CONTAINER));
			AwsCredentials credentials = own(
					Map.of(first, first.equals("AWS_WEB_IDENTITY_TOKEN_FILE") ? " " : "environment", second, "x",
							FULL_URI, "http://127.0.0.1:" + stub.port()));
			assertThat(credentials).isNotNull().extracting(AwsCredentials::accessKeyId).isEqualTo(id);
		}
	}

	/**
	 * The SDK would use the role of the instance, which is another one.
	 */
	@Test
	void resolveCredentialsWhenContainerHasNoneFails() {
		assertThatExceptionOfType(AwsException.class)
			.isThrownBy(() -> settings(Map.of(FULL_URI, "http://127.0.0.1:1/creds")).resolveCredentials())
			.withMessage("the container's credentials endpoint http://127.0.0.1:1 cannot be reached: ConnectException:"
					+ " Connection refused")
			.extracting(AwsException::reason)
			.isEqualTo(Reason.NO_CREDENTIALS);
	}

	@ParameterizedTest
	@CsvSource({ "AWS_WEB_IDENTITY_TOKEN_FILE, /absent", "AWS_PROFILE, absent" })
	void resolveCredentialsWhenOnlySdkEvaluatesVariableAsksItBeforeContainer(String variable, String value)
			throws IOException {
		try (ContainerStub stub = new ContainerStub()) {
			stub.answerWith(List.of(OF_CONTAINER));
			Map<String, String> variables = Map.of(variable, value, FULL_URI, "http://127.0.0.1:" + stub.port());
			assertThat(own(variables)).extracting(AwsCredentials::accessKeyId).isEqualTo("container");
			assertThat(stub.requests()).hasSize(1);
			System.setProperty("aws.accessKeyId", "sdk");
			System.setProperty("aws.secretAccessKey", "secret");
			assertThat(own(variables)).extracting(AwsCredentials::accessKeyId).isEqualTo("sdk");
			assertThat(stub.requests()).hasSize(1);
		}
		finally {
			System.clearProperty("aws.accessKeyId");
			System.clearProperty("aws.secretAccessKey");
		}
	}

	@Test
	void resolveCredentialsWhenSdkAndContainerHaveNoneReportsBoth() {
		assertThatExceptionOfType(AwsException.class)
			.isThrownBy(() -> settings(Map.of("AWS_PROFILE", "absent", FULL_URI, "http://127.0.0.1:1/creds"))
				.resolveCredentials())
			.withMessage("no provider in the AWS SDK's default chain has credentials; the container's credentials"
					+ " endpoint http://127.0.0.1:1 cannot be reached: ConnectException: Connection refused");
	}

	@ParameterizedTest
	@CsvSource({ "AWS_ENDPOINT_URL, http://localhost:4566, true", "AWS_ENDPOINT_URL_SSM, http://127.0.0.1:4566, true",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER, https://[::1]:4566, true",
			"AWS_ENDPOINT_URL, https://vpce.example, false", "AWS_ENDPOINT_URL, localhost:4566, false",
			"AWS_ENDPOINT_URL, http://%, false", "AWS_REGION, eu-west-1, false" })
	void resolveCredentialsWhenEndpointIsOnThisMachineAndThereAreNoneNamesKeysForEmulator(String variable, String value,
			boolean isNamed) {
		String message = "no provider in the AWS SDK's default chain has credentials";
		assertThatExceptionOfType(AwsException.class)
			.isThrownBy(() -> settings(Map.of(variable, value)).resolveCredentials())
			.withMessage(
					isNamed ? message + ". If the endpoint on this machine is an emulator, it accepts any keys, such as"
							+ " AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test" : message);
	}

	private @Nullable AwsCredentials own(Map<String, String> variables) {
		try {
			return settings(variables).resolveCredentials();
		}
		catch (AwsException ex) {
			return null;
		}
	}

	private AwsSettings settings(Map<String, String> variables) {
		return new AwsSettings(AwsSecretStore.builder().options(), variables,
				Map.of("user.home", this.home.toString()));
	}

	private static @Nullable AwsCredentials sdk(Map<String, String> variables) {
		List<String> properties = new ArrayList<>();
		try {
			variables.forEach((name, value) -> {
				String property = SdkSystemSetting.valueOf(name).property();
				properties.add(property);
				System.setProperty(property, value);
			});
			// It shares all but the source with the provider of variables.
			return new SdkCredentials(SystemPropertyCredentialsProvider.create()).get();
		}
		catch (SdkClientException ex) {
			return null;
		}
		finally {
			properties.forEach(System::clearProperty);
		}
	}

	private static void put(Map<String, String> variables, String name, @Nullable String value) {
		if (value != null) {
			variables.put(name, value);
		}
	}

}
