// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;

/**
 * Call of {@code secretsmanager:GetSecretValue}.
 *
 * @param secret the version of the secret
 */
record GetSecretValue(SecretsManagerSecret secret) implements AwsCall {

	private static final int SUFFIX_LENGTH = 7;

	@Override
	public List<SecretsManagerSecret> locations() {
		return List.of(this.secret);
	}

	@Override
	public AwsService service() {
		return AwsService.SECRETS_MANAGER;
	}

	@Override
	public String region() {
		return this.secret.arn().region();
	}

	@Override
	public List<GetSecretValue> split() {
		return List.of(this);
	}

	@Override
	public Map<SecretLocation, Answer> execute(AwsApi api, Duration timeout) {
		AwsApi.FoundSecret found = api.getSecretValue(this.secret, timeout);
		if (!isForArn(found) || !isForVersion(found)) {
			return answerAll(
					new Failed(Reason.REFUSED, source() + " returned an answer for a different secret or version"));
		}
		String version = found.versionId();
		List<String> stages = found.versionStages();
		return answerAll(
				(found.text() != null) ? new Found(found.text(), source(version, stages)) : binary(version, stages));
	}

	/**
	 * Returns whether an answer is for this secret. An answer without an ARN is: some
	 * emulators leave it out.
	 */
	private boolean isForArn(AwsApi.FoundSecret found) {
		String arn = found.arn();
		String id = this.secret.id();
		return arn == null || arn.equals(id) || (arn.startsWith(id) && isSuffix(arn.substring(id.length())));
	}

	private boolean isForVersion(AwsApi.FoundSecret found) {
		String id = this.secret.versionId();
		String stage = this.secret.versionStage();
		return (id == null || found.versionId() == null || found.versionId().equals(id))
				&& (stage == null || found.versionStages().isEmpty() || found.versionStages().contains(stage));
	}

	/**
	 * Returns whether the ID of the secret ends like the ARN of a secret. AWS takes such
	 * an end for the random suffix, so it does not find a secret whose name has it.
	 */
	boolean endsWithSuffix() {
		String id = this.secret.secretId();
		return id.length() > SUFFIX_LENGTH && isSuffix(id.substring(id.length() - SUFFIX_LENGTH));
	}

	/**
	 * Returns whether a text is a hyphen and six letters and digits, which AWS appends to
	 * the name of a secret.
	 */
	private static boolean isSuffix(String text) {
		return text.length() == SUFFIX_LENGTH && text.charAt(0) == '-'
				&& text.chars()
					.skip(1)
					.allMatch((character) -> character < 128 && Character.isLetterOrDigit(character));
	}

}
