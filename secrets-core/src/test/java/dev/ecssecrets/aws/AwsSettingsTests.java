// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link AwsSettings} and {@link AwsEndpoints}: when environment variables
 * suffice, and when the SDK has to search.
 */
class AwsSettingsTests {

	static final Iterable<String> LEFT_TO_SDK = AwsSettings.LEFT_TO_SDK;

	private final Map<String, String> variables = new HashMap<>();

	private final Map<String, String> properties = new HashMap<>();

	private final AwsSecretStore.Builder options = AwsSecretStore.builder();

	@TempDir
	private Path home;

	@ParameterizedTest
	@CsvSource({ "eu-west-1, https://ssm.eu-west-1.amazonaws.com",
			"ap-southeast-2, https://ssm.ap-southeast-2.amazonaws.com",
			"us-gov-west-1, https://ssm.us-gov-west-1.amazonaws.com", "cn-north-1,", "us-iso-east-1,",
			"us-isob-east-1,", "eusc-de-east-1,", "evil.example/#-1," })
	void directEndpointIsThatOfCommonRegions(String region, @Nullable URI endpoint) {
		assertThat(settings().endpoints().direct(AwsService.PARAMETER_STORE, region)).isEqualTo(endpoint);
	}

	@ParameterizedTest
	@CsvSource({ "AWS_ENDPOINT_URL, http://localhost:4566, http://localhost:4566",
			"AWS_ENDPOINT_URL_SSM, https://vpce.example/, https://vpce.example/",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER, http://localhost:4566, https://ssm.eu-west-1.amazonaws.com",
			"AWS_ENDPOINT_URL, http://localhost:4566/path,", "AWS_ENDPOINT_URL, http://localhost:4566/?query,",
			"AWS_ENDPOINT_URL, http://user@localhost:4566," })
	void directEndpointIsThatOfVariables(String variable, String value, @Nullable URI endpoint) {
		this.variables.put(variable, value);
		assertThat(directEndpoint()).isEqualTo(endpoint);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://user:canary@localhost/a b", "http://[canary", "canary" })
	void directEndpointWhenVariableIsMalformedNamesItAndDoesNotQuoteIt(String value) {
		this.variables.put("AWS_ENDPOINT_URL", value);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new AwsClients(settings(), () -> new AwsCredentials("id", "key", null, null),
					Deadline.after(Duration.ofMinutes(1)))
				.api(AwsService.PARAMETER_STORE, "eu-west-1"))
			.withMessageStartingWith("AWS_ENDPOINT_URL must begin with http:// or https://");
	}

	@Test
	void directEndpointWhenVariableOfServiceIsBlankNamesTheOther() {
		this.variables.put("AWS_ENDPOINT_URL_SSM", "");
		this.variables.put("AWS_ENDPOINT_URL", "canary");
		assertThatIllegalArgumentException().isThrownBy(this::directEndpoint)
			.withMessageStartingWith("AWS_ENDPOINT_URL must begin with");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " " })
	void directEndpointWhenVariableIsBlankIsThatOfRegion(String value) {
		this.variables.put("AWS_ENDPOINT_URL", value);
		assertThat(directEndpoint()).isEqualTo(URI.create("https://ssm.eu-west-1.amazonaws.com"));
	}

	@Test
	void regionIsWithoutBlanksAroundIt() {
		this.variables.put("AWS_REGION", " eu-west-1\n");
		assertThat(settings().region()).isEqualTo("eu-west-1");
	}

	@Test
	void directEndpointWhenOneIsSetIsThatOne() {
		this.variables.put("AWS_ENDPOINT_URL_SSM", "http://localhost:4566");
		this.options.endpoint(URI.create("http://localhost:4567"));
		assertThat(directEndpoint()).isEqualTo(URI.create("http://localhost:4567"));
	}

	@ParameterizedTest
	@FieldSource("LEFT_TO_SDK")
	void directEndpointWhenVariableIsLeftToSdkIsNone(String variable) {
		this.variables.put("AWS_REGION", "eu-west-1");
		assertThat(directEndpoint()).isNotNull();
		assertThat(settings().region()).isEqualTo("eu-west-1");
		this.variables.put(variable, "any");
		assertThat(directEndpoint()).isNull();
		assertThat(settings().region()).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "AWS_PROFILE, ''", "AWS_PROFILE, ' '", "HTTP_PROXY, ''", "AWS_USE_FIPS_ENDPOINT, false",
			"AWS_USE_DUALSTACK_ENDPOINT, FALSE", "HTTPS_PROXY, http://proxy.example" })
	void directEndpointWhenVariableHasNoEffectIsThatOfRegion(String variable, String value) {
		this.variables.put(variable, value);
		assertThat(directEndpoint()).isEqualTo(URI.create("https://ssm.eu-west-1.amazonaws.com"));
	}

	@Test
	void directEndpointWhenProfileIsNamedFalseIsNone() {
		this.variables.put("AWS_PROFILE", "false");
		assertThat(directEndpoint()).isNull();
	}

	@Test
	void directEndpointWhenThereAreSystemPropertiesOfSdkIsNone() {
		this.properties.put("aws.useFipsEndpoint", "true");
		assertThat(directEndpoint()).isNull();
	}

	@Test
	void directEndpointWhenProfileIsSetIsNone() {
		this.options.profile("other");
		assertThat(directEndpoint()).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "HOME, .aws/config", "HOME, .aws/credentials", "user.home, .aws/config", "AWS_CONFIG_FILE, elsewhere",
			"AWS_SHARED_CREDENTIALS_FILE, elsewhere" })
	void directEndpointWhenThereAreProfilesIsNone(String setting, String path) throws IOException {
		Path file = this.home.resolve(path);
		Files.createDirectories(file.getParent());
		String value = (path.startsWith(".aws") ? this.home : file).toString();
		if (setting.equals("user.home")) {
			this.properties.put(setting, value);
			this.variables.remove("HOME");
		}
		else {
			this.variables.put(setting, value);
		}
		assertThat(directEndpoint()).isNotNull();
		Files.createFile(file);
		assertThat(directEndpoint()).isNull();
	}

	@Test
	void directEndpointWhenProfilesAreInHomeByTildeIsNone() {
		this.variables.put("AWS_CONFIG_FILE", "~/elsewhere");
		assertThat(directEndpoint()).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "AWS_ENDPOINT_URL, http://vpce.example, true", "AWS_ENDPOINT_URL_SSM, HTTP://169.254.1.2, true",
			"AWS_ENDPOINT_URL_SSM, http://127.example:4566, true", "AWS_ENDPOINT_URL, http://localhost.example, true",
			"AWS_ENDPOINT_URL, http://[::2], true", "AWS_ENDPOINT_URL, http://[::1]:4566, false",
			"AWS_ENDPOINT_URL, http://[0:0:0:0:0:0:0:1]:4566, false", "AWS_ENDPOINT_URL, http://127.0.1.1, false",
			"AWS_ENDPOINT_URL, http://LocalHost:4566, false", "AWS_ENDPOINT_URL, HTTPS://vpce.example, false",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER, http://vpce.example, false" })
	void directEndpointWhenItIsNeitherHttpsNorLoopbackWarns(String variable, String value, boolean warns) {
		List<String> warnings = new ArrayList<>();
		this.options.warnings(warnings::add);
		this.variables.put(variable, value);
		directEndpoint();
		assertThat(warnings).hasSize(warns ? 1 : 0).allMatch((warning) -> warning.startsWith(variable + " (http://"));
	}

	@Test
	void regionWhenVariableIsBlankIsLeftToSdk() {
		this.variables.put("AWS_REGION", " ");
		assertThat(settings().region()).isNull();
	}

	private @Nullable URI directEndpoint() {
		return settings().endpoints().direct(AwsService.PARAMETER_STORE, "eu-west-1");
	}

	private AwsSettings settings() {
		this.properties.putIfAbsent("user.home", this.home.toString());
		return new AwsSettings(this.options.options(), this.variables, this.properties);
	}

}
