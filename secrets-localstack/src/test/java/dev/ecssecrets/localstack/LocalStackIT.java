// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.localstack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link LocalStack}, against a real one.
 */
class LocalStackIT {

	private LocalStack localStack;

	@BeforeEach
	void getLocalStack() {
		this.localStack = LocalStack.get();
	}

	@Test
	void getWhenCalledAgainReturnsTheSame() {
		assertThat(LocalStack.get()).isSameAs(this.localStack);
	}

	@Test
	void putParameterWhenNewMakesSecureStringOfTheAccount() {
		this.localStack.putParameter("/localstack/new", "s3cret");
		Parameter parameter = getParameter("/localstack/new");
		assertThat(parameter.value()).isEqualTo("s3cret");
		assertThat(parameter.type()).isEqualTo(ParameterType.SECURE_STRING);
		assertThat(parameter.arn()).isEqualTo("arn:aws:ssm:eu-west-1:123456789012:parameter/localstack/new");
	}

	@Test
	void putParameterWhenThereOverwrites() {
		this.localStack.putParameter("overwritten", "old");
		this.localStack.putParameter("overwritten", "new");
		assertThat(getParameter("overwritten").value()).isEqualTo("new");
	}

	@Test
	void putSecretWhenNewReturnsArnOfTheAccount() {
		String arn = this.localStack.putSecret("localstack/new", "{}");
		assertThat(arn).matches("arn:aws:secretsmanager:eu-west-1:123456789012:secret:localstack/new-[A-Za-z]{6}");
		assertThat(getSecretString(arn)).isEqualTo("{}");
	}

	@Test
	void putSecretWhenThereKeepsArnAndChangesValue() {
		String arn = this.localStack.putSecret("overwritten", "old");
		assertThat(this.localStack.putSecret("overwritten", "new")).isEqualTo(arn);
		assertThat(getSecretString(arn)).isEqualTo("new");
	}

	@Test
	void clientWhenOfAnotherRegionSeesNothingOfTheFirst() {
		this.localStack.putParameter("regional", "here");
		this.localStack.putSecret("regional", "here");
		assertThat(this.localStack.withRegion("us-east-1")
			.ssm()
			.getParameters((request) -> request.names("regional"))
			.parameters()).isEmpty();
		assertThatExceptionOfType(ResourceNotFoundException.class)
			.isThrownBy(() -> this.localStack.withRegion("us-east-1")
				.secretsManager()
				.getSecretValue((request) -> request.secretId("regional")));
	}

	@Test
	void clientsAreSharedByAllWhoAskForTheSameAccountAndRegion() {
		LocalStack there = this.localStack.withAccount("210987654321").withRegion("us-east-1");
		LocalStack again = this.localStack.withRegion("us-east-1").withAccount("210987654321");
		assertThat(again.ssm()).isSameAs(there.ssm()).isNotSameAs(this.localStack.ssm());
		assertThat(again.secretsManager()).isSameAs(there.secretsManager())
			.isNotSameAs(this.localStack.secretsManager());
	}

	@Test
	void withAccountSeesNothingOfTheFirst() {
		LocalStack other = this.localStack.withAccount("210987654321");
		this.localStack.putSecret("of-account", "here");
		assertThat(other.putSecret("of-account", "there"))
			.startsWith("arn:aws:secretsmanager:eu-west-1:210987654321:secret:of-account-");
		assertThat(other.accountId()).isEqualTo("210987654321");
		assertThat(getSecretString("of-account")).isEqualTo("here");
	}

	@Test
	void environmentWhenGivenToAnotherProcessLeadsItHere() throws IOException {
		this.localStack.putParameter("shared", "s3cret");
		String java = ProcessHandle.current().info().command().orElseThrow();
		ProcessBuilder builder = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"),
				SharedParameter.class.getName())
			.redirectError(ProcessBuilder.Redirect.INHERIT);
		builder.environment().putAll(this.localStack.environment());
		Process process = builder.start();
		assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("s3cret");
	}

	private Parameter getParameter(String name) {
		return this.localStack.ssm().getParameter((request) -> request.name(name).withDecryption(true)).parameter();
	}

	private String getSecretString(String id) {
		return this.localStack.secretsManager().getSecretValue((request) -> request.secretId(id)).secretString();
	}

	static final class SharedParameter {

		public static void main(String[] args) {
			try (SsmClient ssm = SsmClient.create()) {
				System.out.print(
						ssm.getParameter((request) -> request.name("shared").withDecryption(true)).parameter().value());
			}
		}

	}

}
