// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SignatureV4}, compared with the signer of the AWS SDK.
 */
class SignatureV4Tests {

	private static final Instant TIME = Instant.parse("2026-11-24T05:06:07.890Z");

	@ParameterizedTest
	@MethodSource("requests")
	void signIsThatOfSdk(String endpoint, String body, AwsCredentials credentials) {
		URI uri = URI.create(endpoint);
		Map<String, String> headers = Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target",
				"secretsmanager.GetSecretValue");
		Map<String, String> signed = SignatureV4.sign(uri, headers, body.getBytes(StandardCharsets.UTF_8), "eu-west-1",
				"secretsmanager", credentials, TIME);
		Map<String, String> bySdk = bySdk(uri, headers, body, credentials);
		bySdk.remove("host");
		assertThat(signed).isEqualTo(bySdk);
	}

	private static Stream<Object[]> requests() {
		List<AwsCredentials> credentials = List.of(
				new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+", null, null),
				new AwsCredentials("ASIAEXAMPLE", "secret", "token/+==", null));
		List<String> endpoints = List.of("https://secretsmanager.eu-west-1.amazonaws.com", "http://localhost:4566",
				"http://localhost:80/", "https://localhost:443", "https://localhost:80", "http://[::1]:4566");
		List<String> bodies = List.of("", "{\"SecretId\":\"x\"}", "{\"SecretId\":\"\u00fc\uD83C\uDFEE\"}");
		return credentials.stream()
			.flatMap((who) -> endpoints.stream()
				.flatMap((endpoint) -> bodies.stream().map((body) -> new Object[] { endpoint, body, who })));
	}

	private static Map<String, String> bySdk(URI endpoint, Map<String, String> headers, String body,
			AwsCredentials credentials) {
		SdkHttpRequest.Builder request = SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(endpoint);
		headers.forEach(request::putHeader);
		Map<String, String> signed = new TreeMap<>();
		AwsV4HttpSigner.create()
			.sign((sign) -> sign.identity(toSdk(credentials))
				.request(request.build())
				.payload(ContentStreamProvider.fromUtf8String(body))
				.putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "secretsmanager")
				.putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
				.putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true)
				.putProperty(AwsV4HttpSigner.SIGNING_CLOCK, Clock.fixed(TIME, ZoneOffset.UTC)))
			.request()
			.forEachHeader((name, values) -> signed.put(name.toLowerCase(Locale.ROOT), values.get(0)));
		return signed;
	}

	private static AwsCredentialsIdentity toSdk(AwsCredentials credentials) {
		return (credentials.sessionToken() != null)
				? AwsSessionCredentials.create(credentials.accessKeyId(), credentials.secretAccessKey(),
						credentials.sessionToken())
				: AwsBasicCredentials.create(credentials.accessKeyId(), credentials.secretAccessKey());
	}

}
