// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AwsAnswer} and {@link AnswerReader}: the meaning of an answer, with
 * the direct client and with the SDK's clients.
 */
class AwsAnswerTests {

	private static final String ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private static final String PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter";

	private static final String SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

	private static final String SESSION_TOKEN = "a+session/token==";

	private static final String SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

	private static final int KILOBYTE = 1024;

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	@ParameterizedTest
	@CsvSource({ "name, name", "/app/name, /app/name", "/name, name", PARAMETER + "/name, name",
			PARAMETER + "/app/name, /app/name", PARAMETER + "/app/name, " + PARAMETER + "/app/name" })
	void fetchWhenParameterIsNamedAsInvalidIsNotFound(String valueFrom, String invalid) {
		answer(200, "{\"Parameters\":[],\"InvalidParameters\":[\"/other\",\"" + invalid + "\"]}");
		assertThat(failed(valueFrom).reason()).isEqualTo(Reason.NOT_FOUND);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					{"Parameters":[]}                                             | neither has this parameter nor lists it as invalid
					{"Parameters":[],"InvalidParameters":null}                    | neither has this parameter nor lists it as invalid
					{"Parameters":[],"InvalidParameters":["/app","me","/app/namex"]} | neither has this parameter nor lists it as invalid
					{"Parameters":[{"Name":"name","Value":"x"}]}                  | neither has this parameter nor lists it as invalid
					{"Parameters":[{"Name":"/app/name","Value":"x"}],"InvalidParameters":["/app/name"]} | contradicts itself about this parameter
					{"Parameters":[{"Name":"/app/name","Value":"x"},{"Name":"/app/name","Value":"y"}]}  | contradicts itself about this parameter
					""")
	void fetchWhenParameterIsNeitherFoundNorInvalidIsRefused(String body, String fault) {
		answer(200, body);
		assertThat(failed("/app/name"))
			.isEqualTo(new Failed(Reason.REFUSED, "Parameter Store in eu-west-1 returned an answer that " + fault));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			''                                         | no JSON object
			null                                       | no JSON object
			[]                                         | no JSON object
			[{"Parameters":[]}]                        | no JSON object
			{"Parameters":[                            | no JSON object
			{"Parameters":[]}}                         | no JSON object
			{"Parameters":[],"Parameters":[]}          | no JSON object
			{}                                         | no "Parameters"
			{"message":"no"}                           | no "Parameters"
			{"InvalidParameters":["/app/name"]}        | no "Parameters"
			{"Parameters":null,"InvalidParameters":["/app/name"]} | no "Parameters"
			{"Parameters":{},"InvalidParameters":["/app/name"]}   | "Parameters" of the wrong type
			{"Parameters":[null],"InvalidParameters":["/app/name"]} | a parameter that is not an object
			{"Parameters":[],"InvalidParameters":["/app/name",null]} | "InvalidParameters" of the wrong type
			{"Parameters":[],"InvalidParameters":"/app/name"}     | "InvalidParameters" of the wrong type
			{"Parameters":[{"Name":"/app/name","Value":42}]}      | "Value" of the wrong type
			{"Parameters":[{"Name":"/app/name","Value":1.5}]}     | "Value" of the wrong type
			{"Parameters":[{"Name":"/app/name","Value":true}]}    | "Value" of the wrong type
			{"Parameters":[{"Name":"/app/name","Value":{}}]}      | "Value" of the wrong type
			{"Parameters":[{"Name":"/app/name","Value":[]}]}      | "Value" of the wrong type
			{"Parameters":[{"Name":42,"Value":"x"}]}              | "Name" of the wrong type
			{"Parameters":[{"ARN":42,"Value":"x"}]}               | "ARN" of the wrong type
			{"Parameters":[{"Version":"1","Value":"x"}]}          | "Version" of the wrong type
			{"Parameters":[{"Version":1.5,"Value":"x"}]}          | "Version" of the wrong type
			""")
	void fetchWhenAnswerIsNotThatOfParameterStoreIsRefused(String body, String fault) {
		answer(200, body);
		assertThat(failed("/app/name")).isEqualTo(new Failed(Reason.REFUSED,
				"Parameter Store in eu-west-1 did not return an AWS answer: HTTP 200, application/json, " + fault
						+ ". A proxy, a firewall or a VPC endpoint may have answered instead"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			''                                         | no JSON object
			{}                                         | no secret
			{"SecretString":null,"SecretBinary":null}  | no secret
			{"__type":"ResourceNotFoundException"}     | no secret
			{"SecretString":42}                        | "SecretString" of the wrong type
			{"SecretString":1e3}                       | "SecretString" of the wrong type
			{"SecretString":false}                     | "SecretString" of the wrong type
			{"SecretString":{"a":1}}                   | "SecretString" of the wrong type
			{"SecretString":["x"]}                     | "SecretString" of the wrong type
			{"SecretBinary":42}                        | "SecretBinary" of the wrong type
			{"SecretString":"x","ARN":42}              | "ARN" of the wrong type
			{"SecretString":"x","VersionId":42}        | "VersionId" of the wrong type
			{"SecretString":"x","VersionStages":"x"}   | "VersionStages" of the wrong type
			{"SecretString":"x","VersionStages":[42]}  | "VersionStages" of the wrong type
			""")
	void fetchWhenAnswerIsNotThatOfSecretsManagerIsRefused(String body, String fault) {
		answer(200, body);
		assertThat(failed(ARN + "db")).isEqualTo(new Failed(Reason.REFUSED,
				"Secrets Manager in eu-west-1 did not return an AWS answer: HTTP 200, application/json, " + fault
						+ ". A proxy, a firewall or a VPC endpoint may have answered instead"));
	}

	@ParameterizedTest
	@CsvSource({ "db,,", "db, db,", "db, db-AbC123,", "db-AbC123, db-AbC123,", "db-AbC123, db-AbC123-XyZ789,",
			"db:::id, db-AbC123, id", "db::AWSPREVIOUS:, db-AbC123, id" })
	void fetchWhenSecretIsTheOneRequestedFindsIt(String id, @Nullable String answered, @Nullable String versionId) {
		answer(200, secret(answered, versionId, "AWSPREVIOUS"));
		assertThat(fetch(ARN + id)).isInstanceOf(Found.class);
	}

	@ParameterizedTest
	@CsvSource({ "db, other,", "db, db2,", "db, db-AbC12,", "db, db-AbC1234,", "db, db-AbC_12,", "db, dbxAbC123,",
			"db-AbC123, db,", "db-AbC123, db-XyZ789,", "db:::id, db-AbC123, other", "db::AWSPENDING:, db-AbC123, id" })
	void fetchWhenSecretIsAnotherThanRequestedIsRefused(String id, String answered, @Nullable String versionId) {
		answer(200, secret(answered, versionId, "AWSPREVIOUS"));
		assertThat(failed(ARN + id)).isEqualTo(new Failed(Reason.REFUSED,
				"Secrets Manager in eu-west-1 returned an answer for a different secret or version"));
	}

	private static String secret(@Nullable String id, @Nullable String versionId, String stage) {
		return "{\"SecretString\":\"canary\",\"VersionStages\":[\"" + stage + "\"]"
				+ ((id != null) ? ",\"ARN\":\"" + ARN + id + "\"" : "")
				+ ((versionId != null) ? ",\"VersionId\":\"" + versionId + "\"" : "") + "}";
	}

	@ParameterizedTest
	@CsvSource({ "400, NOT_FOUND", "404, NOT_FOUND", "500, UNREACHABLE", "503, UNREACHABLE", "201, REFUSED",
			"299, REFUSED" })
	void fetchWhenSecretIsAbsentIsNotFoundOnlyInErrorOfTheRequest(int status, Reason reason) {
		answer(status, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no\"}");
		assertThat(failed(ARN + "db").reason()).isEqualTo(reason);
	}

	@Test
	void fetchWhenParameterStoreFailsWithAbsenceIsRefused() {
		answer(400, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no\"}");
		assertThat(failed("/app/name").reason()).isEqualTo(Reason.REFUSED);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					{"__type":"ValidationException","message":"no"}     | 1-2 | returned ValidationException: no (HTTP 400, request 1-2)
					{"__type":"ValidationException","Message":"no"}     |     | returned ValidationException: no (HTTP 400)
					{"__type":"com.amazon#ValidationException:http://x"} | 1-2 | returned ValidationException (HTTP 400, request 1-2)
					{"__type":"ValidationException","message":""}       | ''  | returned ValidationException (HTTP 400)
					{"__type":"ValidationException","message":" "}      | a b | returned ValidationException (HTTP 400)
					{"__type":"ValidationException","message":null}     |     | returned ValidationException (HTTP 400)
					{"__type":"ValidationException","message":42}       |     | returned ValidationException (HTTP 400)
					{"__type":"ValidationException","message":{"a":1}}  |     | returned ValidationException (HTTP 400)
					""")
	void fetchWhenServiceFailsReportsOnlyItsMessage(String body, @Nullable String requestId, String expected) {
		ResponseDefinitionBuilder response = jsonResponse(body, 400);
		aws.stubFor(post(anyUrl())
			.willReturn((requestId != null) ? response.withHeader("x-amzn-RequestId", requestId) : response));
		assertThat(failed(ARN + "db"))
			.isEqualTo(new Failed(Reason.REFUSED, "Secrets Manager in eu-west-1 " + expected));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					403 | text/html; charset=utf-8 | <html>canary</html>  | HTTP 403, text/html, no JSON object. A proxy, a firewall or a VPC endpoint
					403 | application/xml  | <Error>canary</Error>        | HTTP 403, application/xml, no JSON object. A proxy, a firewall or a VPC endpoint
					403 |                  | ''                           | HTTP 403, no content type, no JSON object. A proxy, a firewall or a VPC endpoint
					403 | application/json | {"message":"canary"}         | HTTP 403, application/json, without an AWS error code. A proxy, a firewall or a VPC endpoint
					403 | application/json | {"__type":"can ary"}         | HTTP 403, application/json, without an AWS error code. A proxy, a firewall or a VPC endpoint
					403 | application/json | {"__type":42}                | HTTP 403, application/json, without an AWS error code. A proxy, a firewall or a VPC endpoint
					403 | canary canary    | canary                       | HTTP 403, an invalid content type, no JSON object. A proxy, a firewall or a VPC endpoint
					407 | text/html        | <html>canary</html>          | HTTP 407, text/html, no JSON object. A proxy that requires a login
					500 |                  | ''                           | HTTP 500, no content type, no JSON object. A proxy, a firewall or a VPC endpoint
					502 | text/html        | <html>canary</html>          | HTTP 502, text/html, no JSON object. A proxy, a firewall or a VPC endpoint
					204 |                  | ''                           | HTTP 204, no content type, no JSON object. A proxy, a firewall or a VPC endpoint
					""")
	void fetchWhenAnswerIsNotOfServiceDescribesIt(int status, @Nullable String type, String body, String expected) {
		ResponseDefinitionBuilder response = aResponse().withStatus(status).withBody(body);
		aws.stubFor(post(anyUrl()).willReturn((type != null) ? response.withHeader("Content-Type", type) : response));
		assertThat(failed(ARN + "db")).isEqualTo(new Failed((status >= 500) ? Reason.UNREACHABLE : Reason.REFUSED,
				"Secrets Manager in eu-west-1 did not return an AWS answer: " + expected + " may have answered"
						+ " instead"));
	}

	@Test
	void fetchWhenAnswerIsNotOfServiceDoesNotCallOneByOne() {
		aws.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(403).withBody("<html>")));
		fetchAll("a", "b", "c");
		aws.verify(1, postRequestedFor(anyUrl()));
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 400 })
	void fetchWhenAnswerIsNotUtf8IsRefused(int status) {
		aws.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(status)
			.withBody("{\"SecretString\":\"gr\u00fc\u00df\"}".getBytes(StandardCharsets.ISO_8859_1))));
		assertThat(failed(ARN + "db").detail()).contains("HTTP " + status + ", no content type, the body is not UTF-8");
	}

	@Test
	void fetchWhenAnswerIsCompressedIsRefused() {
		aws.stubFor(post(anyUrl()).willReturn(
				aResponse().withHeader("Content-Encoding", "gzip").withBody(new byte[] { 0x1f, (byte) 0x8b, 8, 0 })));
		assertThat(failed(ARN + "db").detail()).contains("the body is not UTF-8");
	}

	@Test
	void fetchWhenAnswerHasMaximumSizeFindsValue() {
		String value = "x".repeat(4096 * KILOBYTE - "{\"SecretString\":\"\"}".length());
		answer(200, "{\"SecretString\":\"" + value + "\"}");
		assertThat(fetch(ARN + "db")).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo(value));
	}

	@Test
	void fetchWhenAnswerIsTooLargeIsRefused() {
		answer(200, "{\"SecretString\":\"" + "x".repeat(4096 * KILOBYTE) + "\"}");
		assertThat(failed(ARN + "db").detail()).contains("HTTP 200, application/json, the body is larger than 4 MB");
	}

	@Test
	void fetchWhenErrorHasMaximumSizeReportsItsBeginning() {
		String start = "{\"__type\":\"ValidationException\",\"message\":\"";
		answer(400, start + "x".repeat(64 * KILOBYTE - start.length() - 2) + "\"}");
		assertThat(failed(ARN + "db").detail())
			.startsWith("Secrets Manager in eu-west-1 returned ValidationException: xxx")
			.endsWith("xxx... (HTTP 400)")
			.hasSize(500);
	}

	@ParameterizedTest
	@CsvSource({ "400, REFUSED", "503, UNREACHABLE" })
	void fetchWhenErrorIsTooLargeIsNotRead(int status, Reason reason) {
		String start = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"";
		answer(status, start + "x".repeat(64 * KILOBYTE) + "\"}");
		assertThat(failed(ARN + "db")).satisfies((failed) -> {
			assertThat(failed.reason()).isEqualTo(reason);
			assertThat(failed.detail())
				.contains("HTTP " + status + ", application/json, the body is larger than 64 KB. A proxy");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { SECRET_ACCESS_KEY, SESSION_TOKEN, SIGNATURE,
			"AWS4-HMAC-SHA256 Credential=key/20261127/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host" })
	void fetchWhenErrorRepeatsRequestMasksCredentials(String credential) {
		answer(400, "{\"__type\":\"InvalidSignatureException\",\"message\":\"got: " + credential + "\"}");
		assertThat(failed(ARN + "db").detail())
			.isEqualTo("Secrets Manager in eu-west-1 returned InvalidSignatureException: got: ****** (HTTP 400)");
	}

	@Test
	void fetchWhenErrorRepeatsSignatureAsCodeReportsNoCode() {
		aws.stubFor(post(anyUrl()).willReturn(jsonResponse("{}", 400).withHeader("Content-Type", SIGNATURE)
			.withHeader("x-amzn-RequestId", SIGNATURE)
			.withHeader("x-amzn-ErrorType", SIGNATURE)));
		assertThat(failed(ARN + "db").detail())
			.contains("HTTP 400, an invalid content type, without an AWS error code");
	}

	@ParameterizedTest
	@CsvSource({ "db, no, true", "db, User is not authorized with an explicit deny, false" })
	void fetchWhenDeniedMentionsThatSecretMayNotExist(String id, String message, boolean expected) {
		answer(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"" + message + "\"}");
		assertThat(failed(ARN + id)).satisfies((failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.ACCESS_DENIED);
			assertThat(failed.detail()
				.endsWith("; AWS also denies access to secrets that do not exist: if the policy allows access,"
						+ " check the name"))
				.isEqualTo(expected);
		});
	}

	@Test
	void fetchWhenDeniedByKmsDoesNotMentionThatSecretMayNotExist() {
		answer(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"Access to KMS is not allowed\"}");
		assertThat(failed(ARN + "xyz-secret").detail()).endsWith("(HTTP 400)");
	}

	@ParameterizedTest
	@CsvSource({ "xyz-secret, ResourceNotFoundException, true", "xyz-secret, AccessDeniedException, true",
			"db-AbC123, ResourceNotFoundException, true", "a/b-123456, ResourceNotFoundException, true",
			"xyz-secrets, ResourceNotFoundException, false", "xyz_secret, ResourceNotFoundException, false",
			"secret, ResourceNotFoundException, false", "-secret, ResourceNotFoundException, false",
			"xyz-secret, ValidationException, false" })
	void fetchWhenNameEndsLikeArnRecommendsFullArn(String id, String code, boolean expected) {
		answer(400, "{\"__type\":\"" + code + "\",\"message\":\"no\"}");
		assertThat(failed(ARN + id).detail()
			.endsWith("; if the name itself ends in a hyphen and six characters, declare the full ARN, including"
					+ " the six that AWS added"))
			.isEqualTo(expected);
	}

	@Test
	void fetchWhenMessageIsLongKeepsWhatFollowsIt() {
		answer(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"" + "no ".repeat(1000) + "\"}");
		assertThat(failed(ARN + "xyz-secret").detail()).hasSize(500)
			.contains("... (HTTP 400); AWS also denies")
			.endsWith("added");
	}

	private static void answer(int status, String body) {
		aws.stubFor(post(anyUrl()).willReturn(jsonResponse(body, status)));
	}

	private static Failed failed(String valueFrom) {
		Answer answer = fetch(valueFrom);
		assertThat(answer).isInstanceOf(Failed.class);
		return (Failed) answer;
	}

	/**
	 * Fetches with the direct client and with the SDK's clients, and checks that both
	 * give the same answer.
	 */
	private static Answer fetch(String valueFrom) {
		Answer direct = fetchAll(valueFrom).values().iterator().next();
		// The default of the SDK, but any property forces the SDK's clients.
		System.setProperty("aws.useDualstackEndpoint", "false");
		Answer bySdk = fetchAll(valueFrom).values().iterator().next();
		System.clearProperty("aws.useDualstackEndpoint");
		if (direct instanceof Found found) {
			assertThat(bySdk).isInstanceOfSatisfying(Found.class,
					(other) -> assertThat(other.value().reveal()).isEqualTo(found.value().reveal()));
		}
		else {
			assertThat(bySdk).isEqualTo(direct);
		}
		return direct;
	}

	private static Map<SecretLocation, Answer> fetchAll(String... valueFroms) {
		return AwsSecretStore.builder()
			.region("eu-west-1")
			.endpoint(URI.create(aws.baseUrl()))
			.credentials(() -> new AwsCredentials("key", SECRET_ACCESS_KEY, SESSION_TOKEN, null))
			.time(new SkippedTime())
			.build()
			.fetch(Stream.of(valueFroms)
				.map((valueFrom) -> SecretReference.parse(valueFrom).location())
				.collect(Collectors.toSet()), Duration.ofSeconds(30))
			.answers();
	}

}
