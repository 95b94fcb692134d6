// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Environments of processes: the variables of ECS, and those of the AWS SDK.
 */
class EnvironmentsIT {

	@TempDir
	private Path folder;

	@Test
	void variablesOfEcsAreNotRead() throws IOException {
		Map<String, String> variables = Map.of("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x",
				"ECS_AGENT_URI", "http://169.254.170.2/api/x", "ECS_TASK_DEFINITION", "family:3", "ECS_CONTAINER_NAME",
				"app", "ECS_SECRETS", "anything", "ECS_ENABLE_CONTAINER_METADATA", "true");
		Map<String, String> withVariables = start(variables, fileStore());
		assertThat(withVariables).containsEntry("WORD", "wassyoi").isEqualTo(start(Map.of(), fileStore()));
	}

	@ParameterizedTest
	@CsvSource({ "AWS_USE_FIPS_ENDPOINT, ssm-fips.us-east-1.amazonaws.com",
			"AWS_USE_DUALSTACK_ENDPOINT, ssm.us-east-1.api.aws" })
	void fipsAndDualStackFollowTheVariablesOfTheSdk(String variable, String host) throws IOException {
		Path hosts = write("hosts", "127.0.0.1 nobody");
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of(variable, "true", "AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY",
						"secret", "JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts),
				List.of("--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("\nUNREACHABLE\n").contains(host);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			role         | software.amazon.awssdk:sts
			web-identity | software.amazon.awssdk:sts
			sso          | software.amazon.awssdk:ssooidc
			""")
	void credentialsThatNeedAnotherModuleNameIt(String profile, String module) throws IOException {
		Path config = write("aws.config", """
				[profile base]
				aws_access_key_id = key
				aws_secret_access_key = secret
				[profile role]
				role_arn = arn:aws:iam::123456789012:role/app
				source_profile = base
				[profile web-identity]
				role_arn = arn:aws:iam::123456789012:role/app
				web_identity_token_file = %s
				[profile sso]
				sso_session = corp
				sso_account_id = 123456789012
				sso_role_name = app
				[sso-session corp]
				sso_region = eu-west-1
				sso_start_url = https://example.com/start
				""".formatted(write("token", "token")));
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of("AWS_CONFIG_FILE", config.toString()),
				List.of("--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.aws.profile=" + profile,
						"--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("NO VALID CREDENTIALS", "the AWS profile '" + profile + "'", module);
	}

	@Test
	void webIdentityOfTheEnvironmentNamesItsModule() throws IOException {
		ChildProcess child = ChildProcess.start(this.folder, ChildProcess.CLASS_PATH,
				Map.of("AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "token").toString(), "AWS_ROLE_ARN",
						"arn:aws:iam::123456789012:role/app"),
				List.of("--ecs-secrets.aws.region=eu-west-1", "--ecs-secrets.secrets[0].name=WORD",
						"--ecs-secrets.secrets[0].value-from=word"));
		assertThat(child.output()).contains("the web identity of AWS_WEB_IDENTITY_TOKEN_FILE needs modules",
				"software.amazon.awssdk:sts");
	}

	private List<String> fileStore() throws IOException {
		Path file = write("secrets.json", "{\"parameters\":{\"word\":\"wassyoi\"}}");
		return List.of("--ecs-secrets.store=file", "--ecs-secrets.file.location=" + file,
				"--ecs-secrets.secrets[0].name=WORD", "--ecs-secrets.secrets[0].value-from=word");
	}

	private Map<String, String> start(Map<String, String> variables, List<String> args) {
		Map<String, String> values = new HashMap<>();
		List<String> warnings = new ArrayList<>();
		ChildProcess.start(this.folder, ChildProcess.CLASS_PATH, variables, args).output().lines().forEach((line) -> {
			if (line.endsWith(">")) {
				values.put(line.substring(0, line.indexOf('=')),
						line.substring(line.indexOf('<') + 1, line.length() - 1));
			}
			if (line.contains(" WARN ")) {
				warnings.add(line.substring(line.indexOf(" WARN ")).replaceAll("\\d+ ---", "---"));
			}
		});
		values.put("warnings", warnings.toString());
		return values;
	}

	private Path write(String name, String text) throws IOException {
		return Files.writeString(this.folder.resolve(name), text);
	}

}
