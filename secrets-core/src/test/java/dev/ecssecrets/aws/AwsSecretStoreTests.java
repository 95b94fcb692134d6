// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.Retries.Time;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link AwsSecretStore} against a stub, which shows the calls themselves and
 * gives answers that a real service does not. They run both with the direct client and
 * with the SDK's clients.
 */
@ParameterizedClass(name = "by SDK: {0}")
@ValueSource(booleans = { false, true })
class AwsSecretStoreTests {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private static final AwsCredentials CREDENTIALS = new AwsCredentials("key", "secret", null, null);

	private static final JsonMapper JSON = new JsonMapper();

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	/**
	 * For what does not answer at all.
	 */
	private static final Duration SHORT = Duration.ofMillis(300);

	private static final ServicesStub services = new ServicesStub();

	@RegisterExtension
	static final WireMockExtension aws = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort().containerThreads(40).extensions(services))
		.build();

	@RegisterExtension
	static final WireMockExtension elsewhere = WireMockExtension.newInstance()
		.options(wireMockConfig().dynamicPort())
		.build();

	@Parameter
	private boolean bySdk;

	@TempDir
	private Path folder;

	private final SkippedTime time = new SkippedTime();

	@BeforeEach
	void chooseClient() {
		if (this.bySdk) {
			// The default of the SDK, but any property forces the SDK's clients.
			System.setProperty("aws.useDualstackEndpoint", "false");
		}
	}

	@AfterEach
	void resetClient() {
		System.clearProperty("aws.useDualstackEndpoint");
	}

	@BeforeEach
	void stubServices() {
		services.reset();
		stub(aResponse().withTransformers(services.getName()));
	}

	@Test
	void fetchRequestsParametersInBatchesOfTenAndEachSecretOnceAllAtOnce() {
		services.expectCallsAtOnce(3 + 3);
		Stream<String> parameters = IntStream.range(0, 25).mapToObj((i) -> "/app/p" + i);
		Stream<String> secrets = Stream.of(SECRET + "a:one::", SECRET + "a:two::", SECRET + "b",
				SECRET + "a:one:AWSPREVIOUS:");
		Response response = fetch(Stream.concat(parameters, secrets).toArray(String[]::new));
		assertThat(response.calls()).hasSize(6);
		assertThat(response.answers()).hasSize(25 + 3).allSatisfy((location, answer) -> {
			assertThat(answer).isInstanceOfSatisfying(Found.class,
					(found) -> assertThat(found.value().reveal()).isEqualTo("value of " + location.id()));
		});
		assertThat(bodies("AmazonSSM.GetParameters")).hasSize(3).allSatisfy((body) -> {
			assertThat(body.get("Names").size()).isBetween(5, 10);
			assertThat(body.get("WithDecryption").booleanValue()).isTrue();
		});
		assertThat(bodies("secretsmanager.GetSecretValue")).extracting(JsonNode::toString)
			.containsExactlyInAnyOrder("{\"SecretId\":\"" + SECRET + "a\"}", "{\"SecretId\":\"" + SECRET + "b\"}",
					"{\"SecretId\":\"" + SECRET + "a\",\"VersionStage\":\"AWSPREVIOUS\"}");
	}

	@Test
	void fetchWhenRegionsDifferCallsAllRegionsAtOnce() {
		services.expectCallsAtOnce(3);
		Response response = fetch("name", "arn:aws:ssm:us-east-1:123456789012:parameter/name",
				"arn:aws:secretsmanager:ap-south-1:123456789012:secret:name");
		assertThat(response.answers().values()).hasSize(3).hasOnlyElementsOfType(Found.class);
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).extracting((request) -> request.getHeader("Authorization"))
			.satisfiesExactlyInAnyOrder((header) -> assertThat(header).contains("/eu-central-1/ssm/"),
					(header) -> assertThat(header).contains("/us-east-1/ssm/"),
					(header) -> assertThat(header).contains("/ap-south-1/secretsmanager/"));
	}

	@Test
	void fetchWhenNameAndItsArnAreDeclaredMakesTwoCalls() {
		Response response = fetch("name", "arn:aws:ssm:eu-central-1:123456789012:parameter/name");
		assertThat(response.answers().values()).hasOnlyElementsOfType(Found.class);
		assertThat(bodies("AmazonSSM.GetParameters")).hasSize(2);
	}

	@Test
	void fetchWhenParameterOfOtherAccountAnswersIsRefused() {
		services.setAccount("999999999999");
		assertThat(only(fetch("arn:aws:ssm:eu-central-1:123456789012:parameter/name")))
			.isEqualTo(new Failed(Reason.REFUSED,
					"Parameter Store in eu-central-1 returned an answer that has a parameter with this name, but from"
							+ " another account or region"));
	}

	@Test
	void fetchWhenParameterIsNotFoundReportsRegionAndAccountOfCredentials() {
		stub(jsonResponse("{\"Parameters\":[],\"InvalidParameters\":[\"name\"]}", 200));
		AwsCredentials credentials = new AwsCredentials("key", "secret", null, "210987654321");
		assertThat(only(fetch(builder().credentials(() -> credentials), TIMEOUT, "name"))).isEqualTo(new Failed(
				Reason.NOT_FOUND, "Parameter Store in eu-central-1, account 210987654321, has no such parameter"));
		assertThat(only(fetch("name")))
			.isEqualTo(new Failed(Reason.NOT_FOUND, "Parameter Store in eu-central-1 has no such parameter"));
	}

	@ParameterizedTest
	@CsvSource({ "123456789012, false", "210987654321, true" })
	void fetchWhenDeniedInOtherAccountMentionsItsPolicy(String callerAccount, boolean mentioned) {
		stub(jsonResponse("{\"__type\":\"AccessDeniedException\",\"message\":\"User: arn:aws:sts::" + callerAccount
				+ ":assumed-role/task/1 is not authorized to perform: secretsmanager:GetSecretValue\"}", 400));
		assertThat(only(fetch(SECRET + "db"))).isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed
			.detail()
			.endsWith(
					"; it belongs to account 123456789012, and the caller to account 210987654321: allow the caller in"
							+ " its resource policy and in the policy of its KMS key"))
			.isEqualTo(mentioned));
	}

	@Test
	void fetchWhenSecretIsBinaryIsEmptyString() {
		stub(aResponse().withBody("{\"SecretBinary\":\"AAEC\"}"));
		assertThat(only(fetch(SECRET + "binary"))).isInstanceOfSatisfying(Found.class, (found) -> {
			assertThat(found.value().reveal()).isEmpty();
			assertThat(found.warning()).isEqualTo("is a binary secret, which ECS injects as an empty string: store"
					+ " it as text, for example Base64-encoded");
		});
	}

	@Test
	void fetchWhenBinarySecretIsReferredToIsEmptyString() {
		stub(jsonResponse("{\"Parameters\":[{\"Name\":\"/aws/reference/secretsmanager/binary\"}]}", 200));
		assertThat(only(fetch("/aws/reference/secretsmanager/binary"))).isInstanceOfSatisfying(Found.class, (found) -> {
			assertThat(found.value().reveal()).isEmpty();
			assertThat(found.warning()).startsWith("is a binary secret");
		});
	}

	@Test
	void fetchWhenParameterHasNoValueIsRefused() {
		stub(jsonResponse("{\"Parameters\":[{\"Name\":\"name\"}]}", 200));
		assertThat(only(fetch("name"))).isEqualTo(
				new Failed(Reason.REFUSED, "Parameter Store in eu-central-1 returned an answer without a" + " value"));
	}

	@ParameterizedTest
	@CsvSource({ "AccessDeniedException, User x is not authorized to perform: ssm:GetParameters, ACCESS_DENIED",
			"AccessDeniedException, User x is not authorized to perform: ssm:GetParameters on parameter/MY_KMS_ALIAS, ACCESS_DENIED",
			"AccessDeniedException, User kms:x is not authorized to perform: secretsmanager:GetSecretValue, ACCESS_DENIED",
			"AccessDeniedException, User x is not authorized to perform: kms:Decrypt, KMS_DENIED",
			"AccessDeniedException, Access to KMS is not allowed, KMS_DENIED", "DecryptionFailure, no, KMS_DENIED",
			"InvalidKeyId, no, KMS_DENIED", "ResourceNotFoundException, no, NOT_FOUND",
			"ThrottlingException, Rate exceeded, THROTTLED", "ExpiredTokenException, no, NO_CREDENTIALS",
			"UnrecognizedClientException, no, NO_CREDENTIALS",
			"InvalidSignatureException, Signature expired: 20261124T000000Z is now earlier than 20261124T001000Z, INVALID_SIGNATURE",
			"IncompleteSignatureException, no, INVALID_SIGNATURE", "RequestExpired, no, INVALID_SIGNATURE",
			"SignatureDoesNotMatch, no, INVALID_SIGNATURE", "InvalidClientTokenId, no, NO_CREDENTIALS",
			"MissingAuthenticationTokenException, no, NO_CREDENTIALS",
			"ResourceNotFoundException, Secrets Manager can't find the specified secret value for staging label: X, NO_SUCH_VERSION",
			"ResourceNotFoundException, Secrets Manager can't find the specified secret value for VersionId: 1, NO_SUCH_VERSION",
			"InvalidRequestException, You can't perform this operation on the secret because it was marked for deletion., MARKED_FOR_DELETION",
			"InvalidRequestException, no, REFUSED", "InternalServiceError, no, REFUSED",
			"ValidationException, no, REFUSED" })
	void fetchWhenServiceRefusesReportsReasonAndMessage(String code, String message, Reason reason) {
		stub(jsonResponse("{\"__type\":\"" + code + "\",\"message\":\"" + message + "\"}", 400));
		assertThat(only(fetch(SECRET + "db"))).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(reason);
			assertThat(failed.detail())
				.startsWith("Secrets Manager in eu-west-1 returned " + code + ": " + message + " (HTTP 400");
		});
	}

	@ParameterizedTest
	@CsvSource({ "200, canary", "200, '{\"SecretString\":canary}'", "400, canary", "400, '{\"__type\":canary}'",
			"500, canary" })
	void fetchWhenAnswerIsMalformedDoesNotQuoteIt(int status, String body) {
		stub(aResponse().withStatus(status).withBody(body));
		assertThat(only(fetch(SECRET + "db"))).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isIn(Reason.REFUSED, Reason.UNREACHABLE);
			assertThat(failed.detail()).doesNotContain("canary").startsWith("Secrets Manager in eu-west-1");
		});
	}

	@ParameterizedTest
	@CsvSource({ "AccessDeniedException, ACCESS_DENIED", "ValidationException, REFUSED" })
	void fetchWhenOneOfManyIsRefusedFailsOnlyThatOne(String code, Reason reason) {
		aws.stubFor(post(anyUrl()).withRequestBody(containing("/app/p17\""))
			.atPriority(1)
			.willReturn(jsonResponse("{\"__type\":\"" + code + "\",\"message\":\"no\"}", 400)));
		Response response = fetch(IntStream.range(0, 30).mapToObj((i) -> "/app/p" + i).toArray(String[]::new));
		assertThat(response.answers()).hasSize(30);
		response.answers().forEach((location, answer) -> {
			if (location.id().equals("/app/p17")) {
				assertThat(answer).isInstanceOfSatisfying(Failed.class,
						(failed) -> assertThat(failed.reason()).isEqualTo(reason));
			}
			else {
				assertThat(answer).isInstanceOf(Found.class);
			}
		});
		assertThat(response.calls()).hasSize(3 + 10)
			.extracting(Call::failure)
			.filteredOn(Objects::nonNull)
			.containsExactly(reason, reason);
	}

	@Test
	void fetchWhenThrottledRetriesAfterPause() {
		aws.stubFor(post(anyUrl()).inScenario("throttled")
			.whenScenarioStateIs(Scenario.STARTED)
			.willSetStateTo("over")
			.atPriority(1)
			.willReturn(jsonResponse("{\"__type\":\"ThrottlingException\"}", 400)));
		Response response = fetch("name");
		assertThat(only(response)).isInstanceOf(Found.class);
		assertThat(response.calls()).extracting(Call::failure).containsExactly((Reason) null);
		assertThat(this.time.pauses()).singleElement()
			.satisfies((pause) -> assertThat(pause).isLessThan(Duration.ofSeconds(1)));
		aws.resetScenarios();
	}

	@Test
	void fetchWhenThrottledUntilTimeIsOverDoesNotCallOneByOne() {
		stub(jsonResponse("{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", 400));
		Response response = fetch("a", "b", "c");
		assertThat(response.calls()).extracting(Call::failure).containsExactly(Reason.THROTTLED);
		assertThat(response.answers().values()).hasSize(3)
			.allSatisfy((answer) -> assertThat(answer).isInstanceOfSatisfying(Failed.class,
					(failed) -> assertThat(failed.reason()).isEqualTo(Reason.THROTTLED)));
	}

	@ParameterizedTest
	@ValueSource(ints = { 500, 503 })
	void fetchWhenServiceFailsRetriesThreeTimes(int status) {
		stub(aResponse().withStatus(status));
		assertThat(only(fetch("name"))).isInstanceOfSatisfying(Failed.class,
				(failed) -> assertThat(failed.reason()).isEqualTo(Reason.UNREACHABLE));
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).hasSize(4);
	}

	@Test
	void fetchWhenConnectionBreaksRetriesThreeTimes() {
		stub(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
		assertThat(only(fetch("name"))).isInstanceOfSatisfying(Failed.class,
				(failed) -> assertThat(failed.reason()).isEqualTo(Reason.UNREACHABLE));
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).hasSize(4);
	}

	@Test
	void fetchWhenConnectionIsRefusedIsUnreachable() throws IOException {
		int port;
		try (ServerSocket server = new ServerSocket(0)) {
			port = server.getLocalPort();
		}
		assertThat(only(fetch(builder().endpoint(URI.create("http://127.0.0.1:" + port)), TIMEOUT, "name")))
			.isInstanceOfSatisfying(Failed.class, (failed) -> {
				assertThat(failed.reason()).isEqualTo(Reason.UNREACHABLE);
				assertThat(failed.detail()).contains("ConnectException: Connection refused");
			});
	}

	@ParameterizedTest
	@CsvSource({ "http, ''", "https, ''", "http, HTTP/1.1 200 OK\\r\\nX:",
			"http, HTTP/1.1 200 OK\\r\\nContent-Length: 9999\\r\\n\\r\\n" })
	void fetchWhenEndpointIsSilentOrSlowEndsInTime(String scheme, String start) throws Exception {
		try (SlowEndpoint endpoint = new SlowEndpoint(start.translateEscapes())) {
			Response response = fetch(
					builder().endpoint(URI.create(scheme + "://127.0.0.1:" + endpoint.port())).time(Time.SYSTEM), SHORT,
					"name", SECRET + "db");
			assertThat(response.answers()).containsOnly(
					Map.entry(location("name"),
							new Failed(Reason.TIMED_OUT, "Parameter Store in eu-central-1 did not answer in time")),
					Map.entry(location(SECRET + "db"),
							new Failed(Reason.TIMED_OUT, "Secrets Manager in eu-west-1 did not answer in time")));
			assertThat(response.calls()).extracting(Call::store, Call::failure)
				.containsExactlyInAnyOrder(tuple("ssm", Reason.TIMED_OUT), tuple("secretsmanager", Reason.TIMED_OUT));
			assertNoThreadIsLeft();
		}
	}

	@Test
	void fetchWhenClockIsWrongRetriesWithTimeOfService() {
		Instant serverTime = Instant.now().plus(Duration.ofHours(3));
		aws.stubFor(post(anyUrl()).inScenario("clock")
			.whenScenarioStateIs(Scenario.STARTED)
			.willSetStateTo("corrected")
			.atPriority(1)
			.willReturn(
					jsonResponse("{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}", 400)
						.withHeader("Date",
								DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC).format(serverTime))));
		assertThat(only(fetch("name"))).isInstanceOf(Found.class);
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).hasSize(2)
			.last()
			.extracting((request) -> request.getHeader("X-Amz-Date"))
			.asString()
			.startsWith(serverTime.toString().substring(0, 13).replace("-", ""));
		aws.resetScenarios();
	}

	@ParameterizedTest
	@ValueSource(ints = { 301, 302, 303, 307, 308 })
	void fetchWhenRedirectedDoesNotFollow(int status) {
		stub(aResponse().withStatus(status).withHeader("Location", elsewhere.baseUrl() + "/"));
		assertThat(fetch("name", SECRET + "db").answers().values()).containsExactlyInAnyOrder(
				new Failed(Reason.REFUSED,
						"Parameter Store in eu-central-1 answered with a redirect (HTTP " + status
								+ "), which is not followed: check the endpoint"),
				new Failed(Reason.REFUSED, "Secrets Manager in eu-west-1 answered with a redirect (HTTP " + status
						+ "), which is not followed: check the endpoint"));
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).hasSize(2);
		assertThat(elsewhere.getAllServeEvents()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 301, 302, 307 })
	void fetchWhenCredentialsAreRedirectedDoesNotFollow(int status) {
		aws.stubFor(get("/credentials")
			.willReturn(aResponse().withStatus(status).withHeader("Location", elsewhere.baseUrl() + "/")));
		withProperties(Map.of("aws.containerCredentialsFullUri", aws.baseUrl() + "/credentials",
				"aws.containerAuthorizationToken", "canary"), () -> {
					assertThat(only(fetch(builder().credentials(null), TIMEOUT, "name")))
						.isInstanceOfSatisfying(Failed.class, (failed) -> {
							assertThat(failed.reason()).isEqualTo(Reason.NO_CREDENTIALS);
							assertThat(failed.detail()).doesNotContain("canary");
						});
				});
		assertThat(aws.findAll(getRequestedFor(anyUrl()))).isNotEmpty()
			.allMatch((request) -> request.getHeader("Authorization").equals("canary"));
		assertThat(elsewhere.getAllServeEvents()).isEmpty();
	}

	@Test
	void fetchWhenEndpointIsNeitherHttpsNorLoopbackWarnsOnce() {
		List<String> warnings = new CopyOnWriteArrayList<>();
		AwsSecretStore store = builder().endpoint(URI.create("http://user@nowhere.invalid/"))
			.warnings(warnings::add)
			.build();
		for (int i = 0; i < 2; i++) {
			store.fetch(Set.of(location("name"), location(SECRET + "db")), TIMEOUT);
		}
		assertThat(warnings)
			.containsExactly("AwsSecretStore.Builder.endpoint (http://nowhere.invalid) does not use TLS,"
					+ " so secrets would be sent in clear text. Use an https:// endpoint");
	}

	@ParameterizedTest
	@CsvSource({ "aws.endpointUrl, aws.endpointUrl", "aws.endpointUrlSsm, aws.endpointUrlSsm",
			"aws.endpointUrlSecretsManager,", "aws.configFile, endpoint_url of the AWS profile" })
	void fetchWhenSdkFindsEndpointWithoutTlsNamesItsSetting(String property, @Nullable String setting)
			throws IOException {
		String endpoint = "http://nowhere.invalid";
		Path file = Files.writeString(this.folder.resolve("config"), "[default]\nendpoint_url = " + endpoint);
		List<String> warnings = new CopyOnWriteArrayList<>();
		withProperties(Map.of(property, property.equals("aws.configFile") ? file.toString() : endpoint),
				() -> fetch(builder().endpoint(null).region("cn-north-1").warnings(warnings::add),
						Duration.ofSeconds(5), "name"));
		assertThat(warnings.stream().map((warning) -> warning.replaceAll(" .http://.*", "")))
			.isEqualTo((setting != null) ? List.of(setting) : List.of());
	}

	@Test
	void fetchWhenHostIsUnknownIsUnreachable() {
		assertThat(only(fetch(builder().endpoint(URI.create("http://nowhere.invalid")), TIMEOUT, "name")))
			.isInstanceOfSatisfying(Failed.class, (failed) -> {
				assertThat(failed.reason()).isEqualTo(Reason.UNREACHABLE);
				assertThat(failed.detail()).contains("UnknownHostException: nowhere.invalid");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "localhost:4566", "localhost", "ftp://localhost", "http:///", "http://local_stack:4566" })
	void fetchWhenEndpointHasNoSchemeOrHostNamesSetting(String endpoint) {
		assertThat(fetch(builder().endpoint(URI.create(endpoint)), TIMEOUT, "name", SECRET + "db").answers().values())
			.hasSize(2)
			.containsOnly(new Failed(Reason.INVALID_CONFIGURATION,
					"AwsSecretStore.Builder.endpoint must begin with http:// or https://"
							+ " and have a host of letters, digits, '-' and '.'"));
	}

	@Test
	void fetchWhenEndpointOfNamedSettingIsMalformedNamesSetting() {
		assertThat(only(fetch(builder().endpoint(URI.create("localhost"), "app.aws.endpoint"), TIMEOUT, "name")))
			.isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed.detail())
				.startsWith("app.aws.endpoint must begin with http:// or https://"));
	}

	@ParameterizedTest
	@CsvSource({ "aws.endpointUrl, localhost:4566, localhost:", "aws.endpointUrl, ftp://x, aws.endpointUrl",
			"aws.useFipsEndpoint, yes, 'yes'", "aws.configFile, ${file}, line 1",
			"aws.sharedCredentialsFile, ${file}, line 1" })
	void fetchWhenSettingOfSdkIsMalformedNamesIt(String property, String value, String expected) throws IOException {
		Path file = Files.writeString(this.folder.resolve("config"), "canary");
		withProperties(Map.of(property, value.replace("${file}", file.toString())), () -> {
			Response response = fetch(builder().endpoint(null), TIMEOUT, "name", SECRET + "db");
			assertThat(response.calls()).isEmpty();
			assertThat(response.answers().values()).hasSize(2)
				.allSatisfy((answer) -> assertThat(answer).isInstanceOfSatisfying(Failed.class, (failed) -> {
					assertThat(failed.reason()).isEqualTo(Reason.INVALID_CONFIGURATION);
					assertThat(failed.detail()).contains(expected).doesNotContain("canary");
				}));
		});
	}

	@Test
	void fetchWhenRegionIsInMalformedFileIsInvalidConfiguration() throws IOException {
		Path file = Files.writeString(this.folder.resolve("config"), "canary");
		withProperties(Map.of("aws.configFile", file.toString()),
				() -> assertThat(only(fetch(builder().region(null), TIMEOUT, "name"))).isInstanceOfSatisfying(
						Failed.class, (failed) -> assertThat(failed.reason()).isEqualTo(Reason.INVALID_CONFIGURATION)));
	}

	@Test
	void fetchWhenCallEndsUnexpectedlyReportsOnlyClass() {
		Time broken = new Time() {

			@Override
			public long nanoTime() {
				throw new UnsupportedOperationException("canary");
			}

			@Override
			public void sleep(long nanos) {
			}

		};
		assertThat(fetch(builder().time(broken), TIMEOUT, "name", SECRET + "db").answers())
			.containsEntry(location("name"),
					new Failed(Reason.REFUSED,
							"Parameter Store in eu-central-1: unexpected UnsupportedOperationException"))
			.containsEntry(location(SECRET + "db"), new Failed(Reason.REFUSED,
					"Secrets Manager in eu-west-1: unexpected UnsupportedOperationException"));
	}

	@Test
	void fetchWhenNoAnswerComesInTimeAnswersTheOthers() throws InterruptedException {
		aws.stubFor(post(anyUrl()).withRequestBody(containing("slow"))
			.atPriority(1)
			.willReturn(aResponse().withFixedDelay((int) TIMEOUT.toMillis())));
		Response response = fetch(builder(), Duration.ofSeconds(3), SECRET + "slow", SECRET + "fast");
		assertThat(response.answers().get(location(SECRET + "fast"))).isInstanceOf(Found.class);
		assertThat(response.answers().get(location(SECRET + "slow")))
			.isEqualTo(new Failed(Reason.TIMED_OUT, "Secrets Manager in eu-west-1 did not answer in time"));
		assertNoThreadIsLeft();
	}

	@Test
	void fetchWhenCredentialsDoNotComeInTimeTimesOutAndLeavesOneThread() throws InterruptedException {
		CountDownLatch open = new CountDownLatch(1);
		List<Thread> resolutions = new CopyOnWriteArrayList<>();
		AwsSecretStore store = builder().credentials(() -> {
			resolutions.add(Thread.currentThread());
			awaitUninterruptibly(open);
			return CREDENTIALS;
		}).build();
		Set<SecretLocation> locations = Set.of(location("name"), location(SECRET + "db"));
		for (int i = 0; i < 10; i++) {
			Response response = store.fetch(locations, Duration.ofMillis(10));
			assertThat(response.answers().values()).hasSize(2)
				.containsOnly(new Failed(Reason.TIMED_OUT, "the AWS credentials were not available in time"));
			assertThat(response.calls()).isEmpty();
		}
		assertThat(resolutions).hasSize(1);
		open.countDown();
		assertNoThreadIsLeft();
		assertThat(store.fetch(locations, TIMEOUT).answers().values()).hasSize(2)
			.allSatisfy((answer) -> assertThat(answer).isInstanceOf(Found.class));
		assertThat(resolutions).hasSize(2);
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean interrupted = true;
		while (interrupted) {
			try {
				latch.await();
				interrupted = false;
			}
			catch (InterruptedException ex) {
				// A provider need not return when it is interrupted.
			}
		}
	}

	@Test
	void fetchWhenRegionDoesNotComeInTimeAnswersTheOthers() throws InterruptedException {
		aws.stubFor(
				any(urlPathMatching("/latest/.*")).willReturn(aResponse().withFixedDelay((int) TIMEOUT.toMillis())));
		withProperties(Map.of("aws.disableEc2Metadata", "false", "aws.ec2MetadataServiceEndpoint", aws.baseUrl()),
				() -> {
					Response response = fetch(builder().region(null), Duration.ofSeconds(3), "name", SECRET + "db");
					assertThat(response.answers().get(location(SECRET + "db"))).isInstanceOf(Found.class);
					assertThat(response.answers().get(location("name"))).isEqualTo(
							new Failed(Reason.NO_REGION, "the valueFrom has no region, and none was found in time"));
				});
		assertNoThreadIsLeft();
	}

	@Test
	void fetchWhenThereIsNoRegionAnswersTheOthers() {
		Response response = fetch(builder().region(null), TIMEOUT, "name", SECRET + "db");
		assertThat(response.answers().get(location(SECRET + "db"))).isInstanceOf(Found.class);
		assertThat(response.answers().get(location("name"))).isEqualTo(new Failed(Reason.NO_REGION,
				"the valueFrom has no region, and the configuration of this process has none either"));
	}

	@Test
	void fetchWhenProfileHasNoRegionNamesProfile() {
		assertThat(only(fetch(builder().region(null).profile("absent"), TIMEOUT, "name"))).isEqualTo(new Failed(
				Reason.NO_REGION, "the valueFrom has no region, and AWS_REGION is not set, and the AWS profile"
						+ " 'absent' does not exist or has none"));
	}

	@Test
	void fetchWhenThereAreNoCredentialsMakesNoCall() {
		Response response = fetch(builder().credentials(null).profile("absent"), TIMEOUT, "name", SECRET + "db");
		assertThat(response.answers().values()).hasSize(2)
			.allSatisfy((answer) -> assertThat(answer).isInstanceOfSatisfying(Failed.class,
					(failed) -> assertThat(failed.reason()).isEqualTo(Reason.NO_CREDENTIALS)));
		assertThat(aws.findAll(postRequestedFor(anyUrl()))).isEmpty();
	}

	@Test
	void fetchResolvesCredentialsOnce() {
		int[] resolutions = new int[1];
		Supplier<AwsCredentials> credentials = () -> {
			resolutions[0]++;
			return CREDENTIALS;
		};
		fetch(builder().credentials(credentials), TIMEOUT, "name", SECRET + "db", SECRET + "db2");
		assertThat(resolutions[0]).isOne();
	}

	private static SecretLocation location(String valueFrom) {
		return SecretReference.parse(valueFrom).location();
	}

	private AwsSecretStore.Builder builder() {
		return AwsSecretStore.builder()
			.region("eu-central-1")
			.endpoint(URI.create(aws.baseUrl()))
			.credentials(() -> CREDENTIALS)
			.time(this.time);
	}

	private Response fetch(String... valueFroms) {
		return fetch(builder(), TIMEOUT, valueFroms);
	}

	private static Response fetch(AwsSecretStore.Builder builder, Duration timeout, String... valueFroms) {
		Set<SecretLocation> locations = Arrays.stream(valueFroms)
			.map(AwsSecretStoreTests::location)
			.collect(Collectors.toSet());
		return builder.build().fetch(locations, timeout);
	}

	private static Answer only(Response response) {
		assertThat(response.answers()).hasSize(1);
		return response.answers().values().iterator().next();
	}

	private static void withProperties(Map<String, String> properties, Runnable test) {
		try {
			properties.forEach(System::setProperty);
			test.run();
		}
		finally {
			properties.keySet().forEach(System::clearProperty);
		}
	}

	private static void assertNoThreadIsLeft() throws InterruptedException {
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			if (thread.getName().equals("ecs-secrets-fetch")) {
				thread.join(TIMEOUT.toMillis());
				assertThat(thread.isAlive()).isFalse();
			}
		}
	}

	private static void stub(ResponseDefinitionBuilder response) {
		aws.stubFor(post(anyUrl()).willReturn(response));
	}

	private static List<JsonNode> bodies(String target) {
		List<JsonNode> bodies = new ArrayList<>();
		for (LoggedRequest request : aws
			.findAll(postRequestedFor(anyUrl()).withHeader("X-Amz-Target", equalTo(target)))) {
			bodies.add(JSON.readTree(request.getBody()));
		}
		return bodies;
	}

}
