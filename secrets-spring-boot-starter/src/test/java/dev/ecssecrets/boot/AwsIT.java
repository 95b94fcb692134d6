// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkBytes;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Applications that start with the AWS store, on a LocalStack.
 */
@ExtendWith(OutputCaptureExtension.class)
class AwsIT {

	private static LocalStack aws;

	private final String id = UUID.randomUUID().toString();

	private final Map<String, String> valueFroms = new LinkedHashMap<>();

	@TempDir
	private Path folder;

	@BeforeAll
	static void startAws() {
		aws = LocalStack.get();
	}

	@BeforeEach
	void setCredentials() {
		System.setProperty("aws.accessKeyId", aws.accessKeyId());
		System.setProperty("aws.secretAccessKey", aws.secretAccessKey());
	}

	@AfterEach
	void clearCredentials() {
		System.clearProperty("aws.accessKeyId");
		System.clearProperty("aws.secretAccessKey");
	}

	@Test
	void secretsOfEveryFormAreFetched(CapturedOutput output) {
		aws.putParameter(this.id, "by name");
		aws.putParameter("/" + this.id + "/path", "by path");
		String secret = aws.putSecret(this.id + "-secret", "{\"key\":\"previous\"}");
		aws.putSecret(this.id + "-secret", "{\"key\":\"current\",\"number\":1000000}");
		String version = aws.secretsManager()
			.getSecretValue((request) -> request.secretId(secret).versionStage("AWSPREVIOUS"))
			.versionId();
		aws.putParameter("/" + this.id + "-slash", "with a slash");
		Map<String, String> expected = new HashMap<>();
		declare(expected, "PARAMETER_NAME", this.id, "by name");
		declare(expected, "PARAMETER_PATH", "/" + this.id + "/path", "by path");
		declare(expected, "PARAMETER_SLASH", "/" + this.id + "-slash", "with a slash");
		declare(expected, "PARAMETER_NAME_ARN", parameterArn(aws.accountId(), this.id), "by name");
		declare(expected, "PARAMETER_PATH_ARN", parameterArn(aws.accountId(), this.id + "/path"), "by path");
		declare(expected, "SECRET", secret, "{\"key\":\"current\",\"number\":1000000}");
		declare(expected, "SECRET_KEY", secret + ":key::", "current");
		declare(expected, "SECRET_NUMBER", secret + ":number::", "1e+06");
		declare(expected, "SECRET_STAGE", secret + ":key:AWSPREVIOUS:", "previous");
		declare(expected, "SECRET_VERSION", secret + ":key::" + version, "previous");
		declare(expected, "SECRET_REFERENCE", "/aws/reference/secretsmanager/" + this.id + "-secret",
				"{\"key\":\"current\",\"number\":1000000}");
		assertThat(run()).isEqualTo(expected);
		assertThat(output).contains("Secrets: 0 injected, 11 fetched from Parameter Store in eu-west-1, "
				+ "Secrets Manager in eu-west-1 (6 calls, ");
	}

	@ParameterizedTest
	@MethodSource
	void valuesAreByteForByteWhatWasStored(String value) {
		aws.putParameter(this.id, value);
		this.valueFroms.put("PARAMETER", this.id);
		this.valueFroms.put("SECRET", aws.putSecret(this.id, value));
		this.valueFroms.put("REFERENCE", "/aws/reference/secretsmanager/" + this.id);
		assertThat(run()).isEqualTo(Map.of("PARAMETER", value, "SECRET", value, "REFERENCE", value));
	}

	static Stream<String> valuesAreByteForByteWhatWasStored() {
		return Stream.of(" both ends ", "\ttab\t", "\n", "line 1\nline 2\r\nline 3\n",
				"wasshoi \uD83C\uDFEE ü \u00a0 \ufeff", "#{1 + 1}", "$notAPlaceholder {} \\ \" '", "x".repeat(4096));
	}

	@Test
	void placeholderIsStoredAsItIsAndExpandedAsInAnEnvironmentVariable() {
		aws.putParameter(this.id, "${WORD} #{1 + 1}");
		this.valueFroms.put("PARAMETER", this.id);
		try (ConfigurableApplicationContext context = start("--WORD=wassyoi")) {
			ConfigurableEnvironment environment = context.getEnvironment();
			assertThat(environment.getPropertySources().get(SecretsPropertySource.NAME).getProperty("PARAMETER"))
				.isEqualTo("${WORD} #{1 + 1}");
			assertThat(environment.getProperty("PARAMETER")).isEqualTo("wassyoi #{1 + 1}");
		}
	}

	@Test
	void valuesWhenOfTheLargestSizesAreFetchedWhole() {
		String parameter = "p".repeat(8 * 1024 - 1) + ".";
		String secret = "s".repeat(64 * 1024 - 1) + ".";
		aws.ssm()
			.putParameter((request) -> request.name(this.id).value(parameter).type("SecureString").tier("Advanced"));
		this.valueFroms.put("PARAMETER", this.id);
		this.valueFroms.put("SECRET", aws.putSecret(this.id, secret));
		assertThat(run()).isEqualTo(Map.of("PARAMETER", parameter, "SECRET", secret));
	}

	@Test
	void secretWhenBinaryIsEmptyStringWithWarning(CapturedOutput output) {
		String secret = aws.secretsManager()
			.createSecret((request) -> request.name(this.id).secretBinary(SdkBytes.fromUtf8String("canary")))
			.arn();
		this.valueFroms.put("BINARY", secret);
		this.valueFroms.put("REFERENCE", "/aws/reference/secretsmanager/" + this.id);
		assertThat(run()).isEqualTo(Map.of("BINARY", "", "REFERENCE", ""));
		assertThat(output)
			.containsPattern("WARN .*BINARY is a binary secret, which ECS injects as an empty string: store it as text")
			.containsPattern("WARN .*REFERENCE is a binary secret")
			.doesNotContain("canary");
	}

	@Test
	void secretWhenMarkedForDeletionIsReportedAsThat() {
		this.valueFroms.put("DELETED", aws.putSecret(this.id, "text"));
		aws.secretsManager().deleteSecret((request) -> request.secretId(this.id));
		SecretResolutionException exception = catchThrowableOfType(SecretResolutionException.class, this::run);
		assertThat(exception.failures()).extracting(SecretFailure::reason).containsExactly(Reason.MARKED_FOR_DELETION);
	}

	@Test
	void versionWhenMissingIsReportedAsThat() {
		String secret = aws.putSecret(this.id, "text");
		this.valueFroms.put("STAGE", secret + "::absent:");
		this.valueFroms.put("VERSION", secret + ":::01234567-89ab-cdef-0123-456789abcdef");
		SecretResolutionException exception = catchThrowableOfType(SecretResolutionException.class, this::run);
		assertThat(exception.failures()).extracting(SecretFailure::reason)
			.containsExactly(Reason.NO_SUCH_VERSION, Reason.NO_SUCH_VERSION);
	}

	@Test
	void parametersAreFetchedInBatches(CapturedOutput output) {
		for (int i = 0; i < 25; i++) {
			aws.putParameter("/" + this.id + "/" + i, "value " + i);
			this.valueFroms.put("P" + i, "/" + this.id + "/" + i);
		}
		Map<String, String> expected = new HashMap<>();
		IntStream.range(0, 25).forEach((i) -> expected.put("P" + i, "value " + i));
		assertThat(run()).isEqualTo(expected);
		assertThat(output).contains("25 fetched from Parameter Store in eu-west-1 (3 calls, ");
	}

	@Test
	void secretsWhenInOtherRegionsAreFetchedThere() {
		aws.withRegion("us-east-1")
			.ssm()
			.putParameter((request) -> request.name(this.id).value("elsewhere").type("SecureString").overwrite(true));
		aws.putParameter(this.id, "here");
		this.valueFroms.put("HERE", this.id);
		this.valueFroms.put("ELSEWHERE", "arn:aws:ssm:us-east-1:" + aws.accountId() + ":parameter/" + this.id);
		assertThat(run()).isEqualTo(Map.of("HERE", "here", "ELSEWHERE", "elsewhere"));
	}

	@Test
	void failuresAreReportedTogetherAndOptionalOnesForgiven() {
		aws.putParameter(this.id, "found");
		String secret = aws.putSecret(this.id, "text");
		this.valueFroms.put("FOUND", this.id);
		this.valueFroms.put("NO_PARAMETER", "/" + this.id + "/absent");
		this.valueFroms.put("OTHER_ACCOUNT", parameterArn("999999999999", this.id));
		this.valueFroms.put("NO_SECRET", secret.replace(this.id, "absent"));
		this.valueFroms.put("NO_STAGE", secret + "::absent:");
		this.valueFroms.put("NO_JSON", secret + ":key::");
		this.valueFroms.put("UNPARSABLE", secret + ":key");
		SecretResolutionException exception = catchThrowableOfType(SecretResolutionException.class, this::run);
		assertThat(exception.failures()).extracting(SecretFailure::subject, SecretFailure::reason)
			.containsExactly(tuple("NO_PARAMETER", Reason.NOT_FOUND), tuple("OTHER_ACCOUNT", Reason.REFUSED),
					tuple("NO_SECRET", Reason.NOT_FOUND), tuple("NO_STAGE", Reason.NO_SUCH_VERSION),
					tuple("NO_JSON", Reason.NOT_A_JSON_OBJECT), tuple("UNPARSABLE", Reason.INVALID_REFERENCE));
		this.valueFroms.keySet().removeAll(List.of("OTHER_ACCOUNT", "NO_JSON", "UNPARSABLE"));
		assertThat(run("--ecs-secrets.secrets[1].optional=true", "--ecs-secrets.secrets[2].optional=true",
				"--ecs-secrets.secrets[3].optional=true"))
			.isEqualTo(Map.of("FOUND", "found"));
	}

	@Test
	void endpointOfEnvironmentIsUsed() {
		putBoth();
		assertThat(startChild(aws.environment()).output()).contains("PARAMETER=<parameter>", "SECRET=<secret>");
	}

	@Test
	void endpointsOfServicesAreUsed() {
		putBoth();
		Map<String, String> variables = new HashMap<>(aws.environment());
		variables.put("AWS_ENDPOINT_URL", "http://nowhere.invalid");
		variables.put("AWS_ENDPOINT_URL_SSM", aws.endpoint().toString());
		variables.put("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.endpoint().toString());
		assertThat(startChild(variables).output()).contains("PARAMETER=<parameter>", "SECRET=<secret>");
	}

	@Test
	void profileGivesCredentialsRegionAndEndpoint() throws IOException {
		putBoth();
		Path config = Files.writeString(this.folder.resolve("aws.config"), """
				[profile laptop]
				region = %s
				aws_access_key_id = %s
				aws_secret_access_key = %s
				endpoint_url = %s
				""".formatted(aws.region(), aws.accessKeyId(), aws.secretAccessKey(), aws.endpoint()));
		assertThat(startChild(Map.of("AWS_CONFIG_FILE", config.toString(), "AWS_ACCESS_KEY_ID", "999999999999",
				"AWS_SECRET_ACCESS_KEY", "other"), "--ecs-secrets.aws.profile=laptop")
			.output()).contains("PARAMETER=<parameter>", "SECRET=<secret>");
	}

	@Test
	void failureWhenNoRegionAndNoCredentialsTellsBoth() {
		this.valueFroms.put("PARAMETER", this.id);
		this.valueFroms.put("SECRET", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db");
		assertThat(startChild(Map.of()).output()).contains("2 failures among 2 declared secrets", "\nNO REGION\n",
				"\nNO VALID CREDENTIALS\n");
	}

	private void declare(Map<String, String> expected, String name, String valueFrom, String value) {
		this.valueFroms.put(name, valueFrom);
		expected.put(name, value);
	}

	private void putBoth() {
		aws.putParameter(this.id, "parameter");
		this.valueFroms.put("PARAMETER", this.id);
		this.valueFroms.put("SECRET", aws.putSecret(this.id, "secret"));
	}

	private static String parameterArn(String accountId, String name) {
		return "arn:aws:ssm:" + aws.region() + ":" + accountId + ":parameter/" + name;
	}

	private ConfigurableApplicationContext start(String... more) {
		List<String> args = args(more);
		args.add("--ecs-secrets.aws.endpoint=" + aws.endpoint());
		args.add("--ecs-secrets.aws.region=" + aws.region());
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run(args.toArray(String[]::new));
	}

	private Map<String, String> run(String... more) {
		try (ConfigurableApplicationContext context = start(more)) {
			Map<String, String> values = new HashMap<>();
			for (String name : this.valueFroms.keySet()) {
				if (context.getEnvironment().containsProperty(name)) {
					values.put(name, context.getEnvironment().getProperty(name));
				}
			}
			return values;
		}
	}

	private ChildProcess startChild(Map<String, String> variables, String... more) {
		return ChildProcess.start(this.folder, ChildProcess.CLASS_PATH, variables, args(more));
	}

	private List<String> args(String... more) {
		List<String> args = new ArrayList<>(List.of(more));
		this.valueFroms.forEach((name, valueFrom) -> {
			int index = args.stream().filter((arg) -> arg.contains("].name=")).toList().size();
			args.add("--ecs-secrets.secrets[" + index + "].name=" + name);
			args.add("--ecs-secrets.secrets[" + index + "].value-from=" + valueFrom);
		});
		return args;
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
